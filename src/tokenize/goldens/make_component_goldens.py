"""Writes components.golden.json: what Python `tokenizers` gives for every component, on a few hard texts.

Run from this folder, with sentencepiece for a small character map:
    python make_component_goldens.py
"""

import json
import random
import tempfile
from pathlib import Path

import sentencepiece
import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

N, P, D = normalizers, pre_tokenizers, decoders
TEXTS = [
    "",
    " \t\r\n ",
    "The [MASK] state's of  the Union, fooBar HTTPServer2 snake_case 3.14!",
    "e\u0301e\u0323\u0301 \u00e9\u0329 a\u0308\u0304 \u0344 \u1e9b\u0323 \uac01 \u1100\u1161\u11a8 \u212b \ufb01 \u2167\u00bd",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f1eb\U0001f1f7 \U0001f44d\U0001f3fd \U0001d518x\U0001d518",
    "\x00\x01a\r\nb\x0bc\x85d\u200be\ufefff\ufffdg\u2028h\u00adi",
    "\u0391\u03a3 \u0130 \u1e9e \u017f K \u4e2d\u6587\u65e5\u672c\u8a9e\u30c6\u30ad\u30b9\u30c8 \uff76\uff9e \u043c\u0438\u0440 \u05e9\u05dc",
    "[X] a[X] [X]added  added\u00c9a the other the_the THE<mask>  x\U00010450[X]",
    "  leading and trailing \u3000",
]


def generated(count):
    """Characters of every kind in any order."""
    source = random.Random(4)
    parts = [" ", "  ", "a", "B", "7", "_", ".", "\n", "\u0301", "\u0323", "\u00e9", "\u4e2d", "\U0001f600", "\u200d", "[MASK]", "the", "added"]
    return ["".join(source.choices(parts, k=source.randint(3, 18))) for _ in range(count)]


TEXTS += generated(6)
CHARACTERS = sorted({c for text in TEXTS for c in text if ord(c) < 0x3000} | set("\u2581<>"))

with tempfile.TemporaryDirectory() as folder:
    rules = Path(folder, "rules.tsv")
    # é -> e; e with dot below and acute -> ẹ; ﬁ -> fi; zero-width space -> nothing; tab, CR, LF -> space; ideograph -> two
    rules.write_text("E9\t65\n65 323 301\t1EB9\nFB01\t66 69\n200B\t\n9\t20\nD\t20\nA\t20\n4E2D\t4E2D 4E2D\n")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c the state of the union"] * 20), model_prefix=f"{folder}/m", vocab_size=20,
        normalization_rule_tsv=str(rules), minloglevel=2, hard_vocab_limit=False,
    )
    data = Path(folder, "m.model").read_bytes()


def fields(data):
    """The length-delimited fields of a protobuf message, by number."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 2:
            size, at = varint(data, at)
            yield key >> 3, data[at : at + size]
            at += size
        elif key & 7 == 0:
            _, at = varint(data, at)
        else:
            at += 4 if key & 7 == 5 else 8


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


[specification] = [value for number, value in fields(data) if number == 3]
[CHARSMAP] = [value for number, value in fields(specification) if number == 2]
ADDED = [
    AddedToken("[X]", single_word=True, normalized=False),
    AddedToken("added", lstrip=True, rstrip=True, normalized=False),
    AddedToken("\u00c9a", normalized=True),
    AddedToken("the", single_word=True, normalized=True, lstrip=True),
]


def characters(normalizer=None, pre_tokenizer=None, decoder=None):
    vocabulary = {c: i for i, c in enumerate(["[UNK]", *CHARACTERS])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="[UNK]"))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if pre_tokenizer is not None:
        tokenizer.pre_tokenizer = pre_tokenizer
    if decoder is not None:
        tokenizer.decoder = decoder
    tokenizer.add_special_tokens(["[MASK]", AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.add_tokens(ADDED)
    return tokenizer


def encoded(tokenizer):
    cases = []
    for encoding in map(tokenizer.encode, TEXTS):
        offsets = [place for pair in encoding.offsets for place in pair]
        cases.append([encoding.ids, encoding.tokens, offsets, tokenizer.decode(encoding.ids)])
    return {"json": json.loads(tokenizer.to_str()), "cases": cases}


BEHAVIORS = ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")
COMPONENTS = {
    "none": characters(),
    **{name: characters(getattr(N, name)()) for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt", "Strip")},
    "strip and prepend": characters(N.Sequence([N.Strip(right=False), N.Prepend("\u2581x")])),
    "replace": characters(N.Sequence([N.Replace("e", "<\u00e9>"), N.Replace(Regex(r"\s+"), " "), N.Replace(Regex(r"\d"), "")])),
    "precompiled": characters(N.Precompiled(CHARSMAP)),
    "whitespace": characters(None, P.Whitespace()),
    "whitespace split, digits": characters(None, P.Sequence([P.WhitespaceSplit(), P.Digits(individual_digits=True)])),
    "digit runs": characters(None, P.Digits()),
    "scripts": characters(None, P.UnicodeScripts()),
    "delimiter": characters(None, P.CharDelimiterSplit("e")),
    "fixed length": characters(None, P.FixedLength(3)),
    **{f"punctuation {b}": characters(None, P.Punctuation(b)) for b in BEHAVIORS},
    **{f"split {b} {i}": characters(None, P.Split(Regex(r"\s|[aeiou]|\p{P}"), b, i)) for b in BEHAVIORS for i in (False, True)},
    "split at text": characters(None, P.Split("e", "merged_with_next")),
    "empty matches": characters(None, P.Split(Regex(r"(?<=[\p{Ll}\p{N}])(?=\p{Lu})|_*"), "isolated")),
    "anchors": characters(None, P.Split(Regex(r"^\w|\w$|\bt|\n|\A.|.\z"), "isolated")),
    "case": characters(None, P.Split(Regex(r"(?i:s|k|\u00e5|[a-c]+)|(?m:.\d)"), "isolated")),
    "classes": characters(None, P.Split(Regex(r"[[:alpha:]&&[^a-m]]+|[^\W\d]|\h+|[\]\-x]"), "isolated")),
    "groups": characters(None, P.Split(Regex(r"(?>a+|b)c?|\p{L}++\.|(?<x>o{1,2}?)n|\R"), "isolated")),
    "decoders": characters(None, None, D.Sequence([D.Replace("a", "\u2581"), D.Replace(Regex("[st]+"), "<0x41>"), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)])),
}


GPT4 = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
COMPONENTS |= {
    "byte-level normalizer": characters(N.ByteLevel()),
    "byte-level normalizer, then words": characters(N.Sequence([N.NFC(), N.ByteLevel()]), P.Split("\u0120", "merged_with_next")),
    "pattern, then bytes": characters(N.NFC(), P.Sequence([P.Split(Regex(GPT4), "removed", invert=True), P.ByteLevel(False, use_regex=False)])),
    "pattern, then bytes with a space": characters(N.Lowercase(), P.Sequence([P.Split(Regex(r"\p{N}|\s+"), "isolated"), P.ByteLevel(True), P.Digits()])),
    "CTC": characters(None, None, D.CTC(pad_token="t", word_delimiter_token="e", cleanup=True)),
    "CTC without cleaning up": characters(None, None, D.CTC(pad_token="<", word_delimiter_token="e", cleanup=False)),
}


def word_level(vocabulary, pre_tokenizer, unk_token):
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=unk_token))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.add_special_tokens(["[MASK]"])
    tokenizer.add_tokens(ADDED)
    return tokenizer


WORDS = {w: i for i, w in enumerate(["[UNK]", "The", "of", "Union", "a", "b", "the", "A", "V", "\u0391\u03a3", "x\U0001d518"])}
MODELS = {
    "words": word_level(WORDS, P.WhitespaceSplit(), "[UNK]"),
    "words and punctuation": word_level(WORDS, P.Whitespace(), "[UNK]"),
    "whole texts": word_level({"[UNK]": 0, " \t\r\n ": 1}, None, "[UNK]"),
}


def columns(encoding):
    return {
        "ids": encoding.ids,
        "tokens": encoding.tokens,
        "offsets": encoding.offsets,
        "wordIds": encoding.word_ids,
        "sequenceIds": encoding.sequence_ids,
        "typeIds": encoding.type_ids,
        "specialTokensMask": encoding.special_tokens_mask,
        "attentionMask": encoding.attention_mask,
    }


def around(post_processor, truncation, padding):
    tokenizer = characters(None, P.WhitespaceSplit())
    tokenizer.post_processor = post_processor
    if truncation:
        tokenizer.enable_truncation(**truncation)
    if padding:
        tokenizer.enable_padding(**padding)
    batches = []
    for batch in (["the Union", "a"], [("a b c d e", "f g h"), ("a", "[MASK] [X]")], [("a b", "c d e f g h i j k l")]):
        for add_special_tokens in (True, False):
            try:
                encodings = tokenizer.encode_batch(batch, add_special_tokens=add_special_tokens)
            except BaseException:  # a panic where the stride leaves no room, which is an error here as well
                continue
            results = [{**columns(e), "overflowing": [columns(o) for o in e.overflowing]} for e in encodings]
            batches.append({"inputs": batch, "addSpecialTokens": add_special_tokens, "encodings": results})
    return {"json": json.loads(tokenizer.to_str()), "batches": batches}


BERT = processors.BertProcessing(("s", 5), ("c", 6))
ROBERTA = processors.RobertaProcessing(("s", 5), ("c", 6))
TEMPLATE = processors.TemplateProcessing("c:3 $A:1 s", "c $A s $B:2 s:2", [("c", 6), ("s", 5)])
AROUND = {
    "nothing": around(processors.Sequence([]), None, None),
    "bert": around(BERT, None, dict(pad_id=9, pad_token="p", pad_type_id=4)),
    "roberta": around(ROBERTA, dict(max_length=8, stride=1), dict(length=8, direction="left")),
    "template": around(TEMPLATE, dict(max_length=7, stride=2, direction="left"), dict(pad_to_multiple_of=8)),
    "sequence": around(processors.Sequence([processors.ByteLevel(trim_offsets=True), TEMPLATE]), dict(max_length=9), None),
    "only first": around(TEMPLATE, dict(max_length=11, strategy="only_first"), None),
    "only second": around(BERT, dict(max_length=9, strategy="only_second", stride=1), None),
}
golden = {
    "reference": f"Python tokenizers {tokenizers.__version__}",
    "texts": TEXTS,
    "model": json.loads(characters().to_str())["model"],
    "components": [{"name": name, **encoded(t)} for name, t in COMPONENTS.items()],
    "models": [{"name": name, **encoded(t)} for name, t in MODELS.items()],
    "around": [{"name": name, **value} for name, value in AROUND.items()],
}
for entry in golden["components"] + golden["around"]:
    assert entry["json"].pop("model") == golden["model"]  # the same for all, so once
with open("components.golden.json", "w", encoding="utf-8") as out:
    json.dump(golden, out, ensure_ascii=True, separators=(",", ":"))
    out.write("\n")
