"""Writes wordpiece.golden.json from fixture.txt with Python `tokenizers`. Run from this folder.

The reference numbers "##x" in the order of a randomly seeded hash map and breaks ties by those numbers, so it
is not deterministic. Its numbers are pinned here by giving it the alphabet as special tokens, in order.
"""

import json
from collections import Counter

import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LINES = open("fixture.txt", encoding="utf-8").read().splitlines()


def untrained(model, lowercase):
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def train(vocab_size, min_frequency, limit_alphabet, lowercase):
    tokenizer = untrained(models.WordPiece(unk_token="[UNK]"), lowercase)
    words = Counter()
    for line in LINES:
        normalized = tokenizer.normalizer.normalize_str(line)
        words.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normalized))
    counts = Counter()
    for word, count in words.items():
        for character in word:
            counts[character] += count
    by_frequency = sorted(counts, key=lambda character: (-counts[character], character))
    alphabet = sorted(by_frequency[:limit_alphabet])
    continuing = {character for word in words for character in word[1:]}
    pinned = SPECIAL + alphabet + ["##" + character for character in alphabet if character in continuing]
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        # The reference would keep any of the equally frequent characters at the limit; initial ones stay.
        limit_alphabet=limit_alphabet,
        initial_alphabet=alphabet,
        special_tokens=pinned,
        show_progress=False,
    )
    tokenizer.train_from_iterator(LINES, trainer)
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.get)


def complete(vocabulary, lowercase):
    ids = {token: index for index, token in enumerate(vocabulary)}
    tokenizer = untrained(models.WordPiece(ids, unk_token="[UNK]"), lowercase)
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def encoding(tokenizer, text, pair, add_special_tokens):
    result = tokenizer.encode(text, pair, add_special_tokens=add_special_tokens)
    return {
        "text": text,
        "pair": pair,
        "addSpecialTokens": add_special_tokens,
        "ids": result.ids,
        "tokens": result.tokens,
        "codePointOffsets": result.offsets,
        "wordIds": result.word_ids,
        "specialTokensMask": result.special_tokens_mask,
        "typeIds": result.type_ids,
        "decoded": tokenizer.decode(result.ids),
        "decodedWithSpecial": tokenizer.decode(result.ids, skip_special_tokens=False),
    }


TEXTS = LINES[4:] + [
    "",
    " \t\r\n ",
    "The [MASK] of the people[SEP]the[MASK][MASK]nation [mask] [UNK]",
    "a\u0301\u302e b",  # a mark that is moved past another takes its place in the source
    "\u00e9\u0323\u302e z",
    "ΛΟΓΟΣ ς İ \ufb03 \u1e9e",
    "na\u200btion \u00a0the\u0085people\u000blive\ufeff\u2028dead\x00 \ufffd",
    "\U00020000\U0002b820 \u3007 中a文",
    "1\u00b2 x\u2e43y \u066a $a+b^c`d~e|f<g>h=i",
    "a" * 100 + " " + "a" * 101 + " " + "\U0001d518" * 100,
    "We can not do not, don't! Isn't it? It 's we 're I 'm . , ? !",
    "na\u0304\u0301tion a\u0345\u0897b \U000105c9",  # marks and letters newer than the reference
]

configurations = [
    dict(vocab_size=400, min_frequency=0, limit_alphabet=1000, lowercase=True),
    dict(vocab_size=300, min_frequency=2, limit_alphabet=1000, lowercase=True),
    dict(vocab_size=700, min_frequency=0, limit_alphabet=1000, lowercase=False),
    dict(vocab_size=120, min_frequency=0, limit_alphabet=30, lowercase=True),
]
golden = {"reference": f"Python tokenizers {tokenizers.__version__}", "trainings": [], "tokenizers": []}
for options in configurations:
    golden["trainings"].append({**options, "vocabulary": train(**options)})
for training in (golden["trainings"][0], golden["trainings"][2]):
    tokenizer = complete(training["vocabulary"], training["lowercase"])
    cases = [encoding(tokenizer, text, None, True) for text in TEXTS]
    cases.append(encoding(tokenizer, "The people", "Là-bas [MASK]", True))
    cases.append(encoding(tokenizer, "The people", "𝔘 là", False))
    cases.append(encoding(tokenizer, "", "x", True))
    golden["tokenizers"].append({"json": json.loads(tokenizer.to_str()), "encodings": cases})
with open("wordpiece.golden.json", "w", encoding="utf-8") as out:
    json.dump(golden, out, ensure_ascii=True, separators=(",", ":"))
    out.write("\n")
