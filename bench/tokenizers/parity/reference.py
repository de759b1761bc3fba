"""Encodes with Python `tokenizers`: reads texts as JSON strings, one a line, writes [ids, offsets, tokens, decoded]
for each.

    python reference.py tokenizer.json < texts.jsonl
"""

import json
import sys

from tokenizers import Tokenizer

BATCH = 512


def main(path):
    tokenizer = Tokenizer.from_file(path)
    texts = []
    for line in sys.stdin:
        texts.append(json.loads(line))
        if len(texts) == BATCH:
            answer(tokenizer, texts)
            texts = []
    answer(tokenizer, texts)


def answer(tokenizer, texts):
    for encoding in tokenizer.encode_batch(texts):
        offsets = [end for pair in encoding.offsets for end in pair]
        decoded = tokenizer.decode(encoding.ids)
        sys.stdout.write(json.dumps([encoding.ids, offsets, encoding.tokens, decoded], separators=(",", ":")) + "\n")
    sys.stdout.flush()


main(sys.argv[1])
