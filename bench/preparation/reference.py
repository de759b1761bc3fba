"""Prepares a corpus as transformers' run_mlm.py does: datasets reads lines, tokenizers encodes, lines are joined and cut into
sequences, and the result is saved.

    python reference.py TOKENIZER.json CORPUS OUT --sequence-length 128 --processes 2

Needs datasets==5.2.0 and transformers==5.23.0.
"""

import argparse
import glob
import json
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("tokenizer")
parser.add_argument("corpus")
parser.add_argument("out")
parser.add_argument("--sequence-length", type=int, default=128)
parser.add_argument("--processes", type=int, default=2)
options = parser.parse_args()

# One process per core, each with one thread, is what run_mlm.py's --preprocessing_num_workers amounts to.
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import datasets  # noqa: E402
import transformers  # noqa: E402

datasets.disable_progress_bars()
length = options.sequence_length
tokenizer = transformers.PreTrainedTokenizerFast(
    tokenizer_file=options.tokenizer, cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]", pad_token="[PAD]"
)


def encode(batch):
    return {"input_ids": tokenizer(batch["text"], return_attention_mask=False, return_token_type_ids=False)["input_ids"]}


def group(batch):
    ids = [token for row in batch["input_ids"] for token in row]
    total = len(ids) // length * length
    return {"input_ids": [ids[start : start + length] for start in range(0, total, length)]}


started = time.perf_counter()
files = sorted(glob.glob(os.path.join(options.corpus, "*.txt")))
cache = options.out + "-cache"
data = datasets.load_dataset("text", data_files=files, split="train", cache_dir=cache)
shared = {"batched": True, "num_proc": options.processes if options.processes > 1 else None}
encoded = data.map(encode, remove_columns=["text"], **shared)
grouped = encoded.map(group, **shared)
grouped.save_to_disk(options.out)
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "tokens": len(grouped) * length, "version": datasets.__version__}))
