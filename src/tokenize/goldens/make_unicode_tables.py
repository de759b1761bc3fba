"""Writes ../unicode-tables.ts: how Python `tokenizers` classifies every code point, found by asking it.

Its Rust crates carry Unicode data older than JavaScript's, so \\p{P} or \\p{Mn} would differ from it.
Run from this folder, with node on the PATH, then format the result with biome:
    python make_unicode_tables.py
"""

import subprocess

import tokenizers
from tokenizers import normalizers, pre_tokenizers


def bert(**options):
    off = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**off, **options}).normalize_str


clean, strip, chinese = bert(clean_text=True), bert(strip_accents=True), bert(handle_chinese_chars=True)
nfd = normalizers.NFD().normalize_str
words = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
BELOW, ABOVE = "\u0334", "a\u0345"  # combining classes 1 and 240: whatever is ordered moves past one of them

NODE_MOVED = """
const moved = [];
for (let point = 0; point < 0x110000; point++) {
  if (point >= 0xd800 && point < 0xe000) continue;
  const c = String.fromCodePoint(point);
  const same = [c, 'a\\u0345' + c, c + '\\u0334'].every((text) => text.normalize('NFD') === text);
  if (!same) moved.push(point);
}
console.log(moved.join(' '));
"""
node_moved = set(map(int, subprocess.check_output(["node", "-e", NODE_MOVED]).split()))
node_unicode = subprocess.check_output(["node", "-p", "process.versions.unicode"], text=True).strip()

tables = {
    "REMOVED": ("Control, format and private characters, which `clean_text` drops.", []),
    "WHITESPACE": ("What `clean_text` turns into a space and what separates words.", []),
    "PUNCTUATION": ("Characters that are words of their own.", []),
    "NONSPACING_MARKS": ("Accents that `strip_accents` drops after decomposition.", []),
    "CHINESE": ("Ideographs that `handle_chinese_chars` puts spaces around.", []),
    "LEFT_ALONE": (
        f"Characters that Unicode {node_unicode} decomposes or reorders and the reference, being older, does not.",
        [],
    ),
}
for point in (p for p in range(0x110000) if not 0xD800 <= p < 0xE000):
    c = chr(point)
    split = [word for word, _ in words(f"a{c}b")]
    unmoved = all(nfd(text) == text for text in (c, ABOVE + c, c + BELOW))
    for name, member in {
        "REMOVED": clean(f"a{c}b") == "ab",
        "WHITESPACE": split == ["a", "b"],
        "PUNCTUATION": split == ["a", c, "b"],
        "NONSPACING_MARKS": strip(c) == "",
        "CHINESE": chinese(c) != c,
        "LEFT_ALONE": unmoved and point in node_moved,
    }.items():
        if member:
            tables[name][1].append(point)


def ranges(points):
    found = []
    for point in points:
        if found and found[-1][1] == point - 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    return found


with open("../unicode-tables.ts", "w") as out:
    out.write("/**\n * Character classes of the reference implementation, as sorted ranges [first, last, first, last, ...].\n")
    out.write(f" * Written by goldens/make_unicode_tables.py from Python tokenizers {tokenizers.__version__}; do not edit.\n */\n")
    for name, (comment, points) in tables.items():
        numbers = ", ".join(f"0x{first:x}, 0x{last:x}" for first, last in ranges(points))
        out.write(f"\n/** {comment} */\nexport const {name}: readonly number[] = [{numbers}];\n")
