"""Trains with Python `tokenizers` on the TypeScript files of a folder: python reference.py FOLDER merges,unigram, see compare.mjs.

Writes one line of JSON a training. Characters with prefix, which the reference numbers at random, are pinned by
giving them as special tokens.
"""

import hashlib
import json
import os
import sys
from collections import Counter
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tokenizers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

PATHS = sorted(str(path) for path in Path(sys.argv[1]).rglob("*.ts") if path.is_file())
TEXTS = [open(path, encoding="utf-8", newline="").read() for path in PATHS]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def digest(items):
    return hashlib.sha256("\0".join(items).encode()).hexdigest()


def report(name, model):
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    merges = model.get("merges")
    answer = {
        "name": name,
        "tokens": len(tokens),
        "vocabulary": digest(tokens),
        "merges": None if merges is None else digest(f"{left} {right}" for left, right in merges),
    }
    print(json.dumps(answer), flush=True)


def train(model, pre_tokenizer, trainer, normalizer=None):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(TEXTS, trainer)
    return json.loads(tokenizer.to_str())["model"]


def wordpiece_pins():
    normalizer, pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    words = Counter()
    for text in TEXTS:
        words.update(word for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text)))
    alphabet = sorted({character for word in words for character in word})
    continuing = {character for word in words for character in word[1:]}
    return SPECIAL + alphabet + ["##" + character for character in alphabet if character in continuing]


print(json.dumps({"files": PATHS, "reference": f"Python tokenizers {tokenizers.__version__}"}), flush=True)
MODELS = sys.argv[2].split(",")


def merging_models():
    pins = wordpiece_pins()
    for size in (8000, 32000):
        common = dict(vocab_size=size, special_tokens=SPECIAL, show_progress=False, min_frequency=0)
        report(f"bpe {size}", train(models.BPE(), pre_tokenizers.BertPreTokenizer(), trainers.BpeTrainer(**common)))
        byte_trainer = trainers.BpeTrainer(**common, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
        report(f"byte-bpe {size}", train(models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False), byte_trainer))
        pinned = trainers.WordPieceTrainer(**{**common, "special_tokens": pins, "min_frequency": 2})
        report(
            f"wordpiece {size}",
            train(models.WordPiece(unk_token="[UNK]"), pre_tokenizers.BertPreTokenizer(), pinned, normalizers.BertNormalizer()),
        )


def unigram():
    trainer = trainers.UnigramTrainer(vocab_size=8000, special_tokens=SPECIAL, unk_token="[UNK]", show_progress=False)
    pieces = train(models.Unigram(), pre_tokenizers.Metaspace(), trainer)["vocab"]
    print(json.dumps({"name": "unigram 8000", "pieces": pieces}), flush=True)


if "merges" in MODELS:
    merging_models()
if "unigram" in MODELS:
    unigram()
