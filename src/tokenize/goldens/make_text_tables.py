"""Writes ../normalizers/normalization-tables.ts and ../pre-tokenizers/character-tables.ts: what Python `tokenizers`
takes every code point for, found by asking it. Its Rust crates carry Unicode data of several versions.

Run from this folder, with node on the PATH, then format the results with biome:
    python make_text_tables.py
"""

import subprocess
import unicodedata

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

POINTS = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
NODE = subprocess.check_output(["node", "-p", "process.versions.unicode"], text=True).strip()
HEADER = f"""/**
 * Character classes of the reference implementation, as sorted ranges [first, last, first, last, ...].
 * Written by goldens/make_text_tables.py from Python tokenizers {tokenizers.__version__}; do not edit.
 */
"""


def node_set(condition):
    """Code points for which a JavaScript condition on the character c holds."""
    script = """
    const found = [];
    for (let point = 0; point < 0x110000; point++) {
      if (point >= 0xd800 && point < 0xe000) continue;
      const c = String.fromCodePoint(point);
      if (CONDITION) found.push(point);
    }
    console.log(found.join(' '));
    """
    return set(map(int, subprocess.check_output(["node", "-e", script.replace("CONDITION", condition)]).split()))


def ranges(points):
    found = []
    for point in sorted(points):
        if found and found[-1][1] == point - 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    return found


def write(path, tables):
    with open(path, "w") as out:
        out.write(HEADER)
        for name, (comment, numbers) in tables.items():
            out.write(f"\n/** {comment} */\nexport const {name}: readonly number[] = [{', '.join(map(hex, numbers))}];\n")


def flat(points):
    return [number for pair in ranges(points) for number in pair]


nfd, nfkd = normalizers.NFD().normalize_str, normalizers.NFKD().normalize_str
BELOW, ABOVE = "\u0334", "a\u0345"  # combining classes 1 and 240: whatever is ordered moves past one of them
moves = {p for p in POINTS if any(nfd(t) != t for t in (ABOVE + chr(p), chr(p) + BELOW)) and nfd(chr(p)) == chr(p)}
known = {p: unicodedata.combining(chr(p)) for p in moves}
examples = {known[p]: chr(p) for p in sorted(moves, reverse=True) if known[p]}


def combining_class(point):
    """The class whose example changes places with the character in neither order."""
    c = chr(point)
    [found] = [k for k, e in examples.items() if all(nfd(t) == t for t in ("a" + c + e, "a" + e + c))]
    assert known[point] in (0, found), hex(point)
    return found


classes = {p: combining_class(p) for p in moves}
class_ranges = []
for point in sorted(moves):
    if class_ranges and class_ranges[-1][1] == point - 1 and class_ranges[-1][2] == classes[point]:
        class_ranges[-1][1] = point
    else:
        class_ranges.append([point, point, classes[point]])

node_nfd = node_set("c.normalize('NFD') !== c")
node_nfkd = node_set("c.normalize('NFKD') !== c")
strip_accents = normalizers.StripAccents().normalize_str
nmt = normalizers.Nmt().normalize_str
write(
    "../normalizers/normalization-tables.ts",
    {
        "COMBINING_CLASSES": (
            "Canonical combining classes other than 0, as [first, last, class, ...].",
            [number for triple in class_ranges for number in triple],
        ),
        "UNKNOWN_TO_NFD": (
            f"Characters that Unicode {NODE} decomposes and the reference does not.",
            flat(p for p in node_nfd if nfd(chr(p)) == chr(p)),
        ),
        "UNKNOWN_TO_NFKD": (
            f"Characters that Unicode {NODE} decomposes for compatibility and the reference does not.",
            flat(p for p in node_nfkd if nfkd(chr(p)) == chr(p)),
        ),
        "COMBINING_MARKS": (
            "What StripAccents drops.",
            flat(p for p in POINTS if strip_accents(chr(p)) == ""),
        ),
        "NMT_REMOVED": ("What Nmt drops.", flat(p for p in POINTS if nmt(chr(p)) == "")),
        "NMT_SPACES": ("What Nmt turns into a space.", flat(p for p in POINTS if nmt(chr(p)) == " " and p != 32)),
    },
)

words = pre_tokenizers.Whitespace().pre_tokenize_str
numbers = pre_tokenizers.Digits().pre_tokenize_str
write(
    "../pre-tokenizers/character-tables.ts",
    {
        "WORD_CHARACTERS": ("Rust's \\\\w: letters, marks, digits and connectors.", flat(p for p in POINTS if len(words(f"a{chr(p)}b")) == 1)),
        "NUMERIC": ("Rust's numeric characters.", flat(p for p in POINTS if len(numbers(f"1{chr(p)}2")) == 1)),
    },
)
