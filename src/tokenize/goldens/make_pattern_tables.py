"""Writes ../patterns/unassigned.ts: the code points that the reference's Oniguruma does not know.

Run from this folder, then format the result with biome:
    python make_pattern_tables.py
"""

import tokenizers
from tokenizers import Regex, normalizers

EVERYTHING = "".join(chr(point) for point in range(0x40000) if not 0xD800 <= point < 0xE000)
EVERYTHING += "".join(map(chr, range(0xE0000, 0xE1000)))
unassigned = normalizers.Replace(Regex(r"\P{Cn}"), "").normalize_str(EVERYTHING)

ranges = []
for point in map(ord, unassigned):
    if ranges and ranges[-1][1] == point - 1:
        ranges[-1][1] = point
    else:
        ranges.append([point, point])
with open("../patterns/unassigned.ts", "w") as out:
    out.write("/**\n * Code points below U+40000, or from U+E0000 on, that Oniguruma takes for unassigned, as sorted ranges\n")
    out.write(" * [first, last, first, last, ...]. Written by goldens/make_pattern_tables.py from Python tokenizers\n")
    out.write(f" * {tokenizers.__version__}; do not edit.\n */\n")
    numbers = ", ".join(f"0x{first:x}, 0x{last:x}" for first, last in ranges)
    out.write(f"export const UNASSIGNED: readonly number[] = [{numbers}];\n")
