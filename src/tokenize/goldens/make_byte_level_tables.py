"""Writes ../pre-tokenizers/byte-level-tables.ts: what the pattern of ByteLevel in Python `tokenizers` takes every
code point for, found by asking it; JavaScript's \\p{L}, \\p{N} and \\s have newer Unicode data, and not the same
whitespace. Run from this folder, then format the result with biome:
    python make_byte_level_tables.py
"""

import tokenizers
from tokenizers import pre_tokenizers

words = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str


def extends(run, character):
    return len(words(run + character)) == 1


def ranges(points):
    found = []
    for point in points:
        if found and found[-1] == point - 1:
            found[-1] = point
        else:
            found += [point, point]
    return found


letters, numbers, spaces = [], [], []
for point in (p for p in range(0x110000) if not 0xD800 <= p < 0xE000):
    character = chr(point)
    if extends("a", character):
        letters.append(point)
    elif extends("1", character):
        numbers.append(point)
    elif not extends("!", character):
        spaces.append(point)

with open("../pre-tokenizers/byte-level-tables.ts", "w") as out:
    out.write(
        f"""/**
 * Character classes of the reference's ByteLevel pattern, as sorted ranges [first, last, first, last, ...].
 * Written by goldens/make_byte_level_tables.py from Python tokenizers {tokenizers.__version__}; do not edit.
 */
"""
    )
    for name, comment, points in (
        ("LETTERS", "\\\\p{L} of the pattern.", letters),
        ("NUMBERS", "\\\\p{N} of the pattern.", numbers),
        ("SPACES", "\\\\s of the pattern.", spaces),
    ):
        table = ", ".join(map(hex, ranges(points)))
        out.write(f"\n/** {comment} */\nexport const {name}: readonly number[] = [{table}];\n")
