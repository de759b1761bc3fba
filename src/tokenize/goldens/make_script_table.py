"""Writes ../pre-tokenizers/script-table.ts: which characters UnicodeScripts takes for one script.

Found by asking Python `tokenizers`: two characters are of one script when no cut lies between them. Those that are
cut from neither a Latin nor a Greek letter go with any script and are left out. Run from this folder, then format
the result with biome:
    python make_script_table.py
"""

import tokenizers
from tokenizers import pre_tokenizers

cut = pre_tokenizers.UnicodeScripts().pre_tokenize_str
same = lambda a, b: len(cut(a + b)) == 1

examples = []
ranges = []
for point in (p for p in range(0x110000) if not 0xD800 <= p < 0xE000):
    c = chr(point)
    if same("a", c) and same("\u03b1", c):
        continue
    if ranges and ranges[-1][1] == point - 1 and same(chr(point - 1), c):
        ranges[-1][1] = point
        continue
    script = next((i for i, example in enumerate(examples) if same(example, c)), len(examples))
    if script == len(examples):
        examples.append(c)
    ranges.append([point, point, script])
with open("../pre-tokenizers/script-table.ts", "w") as out:
    out.write("/**\n * Characters by script, as sorted [first, last, script, ...]; the numbers of the scripts mean nothing else.\n")
    out.write(f" * Written by goldens/make_script_table.py from Python tokenizers {tokenizers.__version__}; do not edit.\n */\n")
    numbers = ", ".join(f"0x{first:x}, 0x{last:x}, {script}" for first, last, script in ranges)
    out.write(f"export const SCRIPTS: readonly number[] = [{numbers}];\n")
print(len(ranges), "ranges,", len(examples), "scripts")
