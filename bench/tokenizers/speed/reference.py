"""The other side of speed.mjs: does one job a line of standard input, answers with its seconds."""

import json
import os
import sys
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import tokenizers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def train(job, texts):
    if job["model"] == "unigram":
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=job["vocabSize"], special_tokens=SPECIAL, unk_token="[UNK]", show_progress=False
        )
    else:
        tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
        options = {}
        if job["model"] == "byte-bpe":
            tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
            options["initial_alphabet"] = pre_tokenizers.ByteLevel.alphabet()
        else:
            tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.BpeTrainer(
            vocab_size=job["vocabSize"], min_frequency=0, special_tokens=SPECIAL, show_progress=False, **options
        )
    start = time.perf_counter()
    tokenizer.train_from_iterator(texts, trainer)
    return time.perf_counter() - start


def encode(job, lines):
    tokenizer = Tokenizer.from_str(job["json"])  # A new one, so that nothing is cached.
    run = tokenizer.encode_batch if job["offsets"] else tokenizer.encode_batch_fast
    start = time.perf_counter()
    encodings = run(lines)
    seconds = time.perf_counter() - start
    assert sum(map(len, encodings)) == job["tokens"]
    return seconds


files = json.loads(sys.stdin.readline())
texts = [open(name, encoding="utf-8", newline="").read() for name in files]
lines = [line for text in texts for line in text.split("\n")]
print(json.dumps(f"Python tokenizers {tokenizers.__version__}"), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    print(json.dumps(train(job, texts) if job["job"] == "train" else encode(job, lines)), flush=True)
