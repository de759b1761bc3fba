"""Writes the tokenizers of the parity run: python make_tokenizers.py CORPORA OUT.

Every style of tokenizer.json that the field uses, trained small on the corpora, and for every normalizer and
pre-tokenizer one with a model of single characters, so that every offset shows. The seeds of the reference's
hash maps differ from run to run, so the files do too; what they encode to is compared, not the files.
"""

import json
import sys
from itertools import islice
from pathlib import Path

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

corpora, out = Path(sys.argv[1]), Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)


def lines(name, count, step):
    with open(corpora / f"{name}.jsonl") as file:
        return [json.loads(line) for line in islice(file, 0, count * step, step)]


SAMPLE = (
    lines("sotu", 4000, 15) + lines("typescript", 6000, 40) + lines("chinese", 1500, 20) + lines("greek", 1500, 5)
    + lines("uniprot", 100, 3)
)
CHARACTERS = sorted(set("".join(SAMPLE)) | set("".join(map(chr, range(0x20, 0x250)))) | set("▁Ġ"))
N, P = normalizers, pre_tokenizers

sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(SAMPLE[:3000]), model_prefix=str(out / "spm"), vocab_size=800,
    normalization_rule_name="nmt_nfkc", minloglevel=2,
)


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


model = (out / "spm.model").read_bytes()
[specification] = [value for number, value in fields(model) if number == 3]
[CHARSMAP] = [value for number, value in fields(specification) if number == 2]
for name in ("spm.model", "spm.vocab"):
    (out / name).unlink()

BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
ADDED = [
    AddedToken("[X]", single_word=True, normalized=False),
    AddedToken("added", lstrip=True, rstrip=True, normalized=False),
    AddedToken("Éa", normalized=True),
    AddedToken("the", single_word=True, normalized=True, lstrip=True),
]


def finish(name, tokenizer, special, added=ADDED):
    tokenizer.add_special_tokens(special)
    tokenizer.add_tokens(added)
    tokenizer.save(str(out / f"{name}.json"))
    print(name, tokenizer.get_vocab_size(), flush=True)


def train(model, trainer, normalizer=None, pre_tokenizer=None, decoder=None):
    tokenizer = Tokenizer(model)
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if pre_tokenizer is not None:
        tokenizer.pre_tokenizer = pre_tokenizer
    if decoder is not None:
        tokenizer.decoder = decoder
    tokenizer.train_from_iterator(SAMPLE, trainer)
    return tokenizer


def bert(name, **options):
    trainer = trainers.WordPieceTrainer(vocab_size=6000, special_tokens=BERT, show_progress=False)
    t = train(models.WordPiece(unk_token="[UNK]"), trainer, N.BertNormalizer(**options), P.BertPreTokenizer(), decoders.WordPiece())
    t.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)])
    finish(name, t, BERT)


def byte_bpe(name, special, pre_tokenizer, post_processor, normalizer=None, added=ADDED):
    trainer = trainers.BpeTrainer(
        vocab_size=6000, special_tokens=special, initial_alphabet=P.ByteLevel.alphabet(), show_progress=False
    )
    t = train(models.BPE(), trainer, normalizer, pre_tokenizer, decoders.ByteLevel())
    t.post_processor = post_processor
    finish(name, t, [AddedToken(s, lstrip=s in ("<mask>", "[MASK]"), normalized=False, special=True) for s in special], added)


def unigram(name, normalizer, pre_tokenizer, special=("<pad>", "</s>", "<unk>")):
    trainer = trainers.UnigramTrainer(vocab_size=3000, special_tokens=list(special), unk_token="<unk>", show_progress=False)
    t = train(models.Unigram(), trainer, normalizer, pre_tokenizer, decoders.Metaspace())
    t.post_processor = processors.TemplateProcessing("$A </s>", "$A </s> $B </s>", [("</s>", 1)])
    finish(name, t, list(special) + ["<extra_id_0>"])


def split_bytes(pattern, behavior="isolated"):
    return P.Sequence([P.Split(Regex(pattern), behavior), P.ByteLevel(add_prefix_space=False, use_regex=False)])


def characters(name, normalizer=None, pre_tokenizer=None, added=ADDED):
    vocabulary = {c: i for i, c in enumerate(["[UNK]", *CHARACTERS])}
    t = Tokenizer(models.BPE(vocabulary, [], unk_token="[UNK]"))
    if normalizer is not None:
        t.normalizer = normalizer
    if pre_tokenizer is not None:
        t.pre_tokenizer = pre_tokenizer
    t.decoder = decoders.Fuse()
    finish(f"characters-{name}", t, ["[MASK]"], added)


LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CL100K = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
IDENTIFIERS = r"\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{N}+|_+|[^\s\p{L}\p{N}\p{M}_]"

STYLES = {
    "bert-uncased": lambda n: bert(n),
    "bert-cased": lambda n: bert(n, lowercase=False),
    "roberta": lambda n: byte_bpe(n, ROBERTA, P.ByteLevel(add_prefix_space=False), processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)),
    "roberta-prefix": lambda n: byte_bpe(n, ROBERTA, P.ByteLevel(add_prefix_space=True), processors.RobertaProcessing(("</s>", 2), ("<s>", 0))),
    "gpt2": lambda n: byte_bpe(n, ["<|endoftext|>"], P.ByteLevel(add_prefix_space=False), processors.ByteLevel(trim_offsets=False)),
    "modernbert": lambda n: byte_bpe(n, BERT, P.ByteLevel(add_prefix_space=False), processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", [("[CLS]", 2), ("[SEP]", 3)]), N.NFC()),
    "llama3": lambda n: byte_bpe(n, ["<s>"], split_bytes(LLAMA3), processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing("<s> $A", None, [("<s>", 0)])])),
    "o200k": lambda n: byte_bpe(n, ["<|endoftext|>"], split_bytes(O200K), processors.ByteLevel(trim_offsets=True)),
    "cl100k": lambda n: byte_bpe(n, ["<|endoftext|>"], split_bytes(CL100K), processors.ByteLevel(trim_offsets=True)),
    "code": lambda n: byte_bpe(n, ["<|endoftext|>"], split_bytes(IDENTIFIERS), processors.ByteLevel(trim_offsets=True)),
    "t5": lambda n: unigram(n, N.Precompiled(CHARSMAP), P.Metaspace()),
    "xlm-roberta": lambda n: unigram(n, N.Precompiled(CHARSMAP), P.Sequence([P.WhitespaceSplit(), P.Metaspace()])),
    "albert": lambda n: unigram(n, N.Sequence([N.Replace("``", '"'), N.Replace("''", '"'), N.NFKD(), N.StripAccents(), N.Lowercase(), N.Precompiled(CHARSMAP)]), P.Metaspace(prepend_scheme="first")),
}


def llama2(name):
    trainer = trainers.BpeTrainer(vocab_size=5000, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False)
    t = train(models.BPE(unk_token="<unk>", byte_fallback=False), trainer, N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]), P.Metaspace(prepend_scheme="never"))
    value = json.loads(t.to_str())
    vocabulary = value["model"]["vocab"]
    for byte in range(256):
        vocabulary.setdefault(f"<0x{byte:02X}>", len(vocabulary))
    value["model"].update(byte_fallback=True, fuse_unk=True)
    value["pre_tokenizer"] = None
    t = Tokenizer.from_str(json.dumps(value))
    t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    finish(name, t, ["<unk>", "<s>", "</s>"])


STYLES["llama2"] = llama2
CHARACTER_STYLES = {
    **{form: dict(normalizer=getattr(N, form)()) for form in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt")},
    "none": dict(),
    "strip": dict(normalizer=N.Strip()),
    "strip-prepend": dict(normalizer=N.Sequence([N.Strip(), N.Prepend("▁x")])),
    "replace": dict(normalizer=N.Sequence([N.Replace("e", "<é>"), N.Replace(Regex(r"\s+"), " "), N.Replace(Regex(r"\d"), "")])),
    "accents": dict(normalizer=N.Sequence([N.NFKD(), N.StripAccents(), N.Lowercase(), N.NFC()])),
    "precompiled": dict(normalizer=N.Precompiled(CHARSMAP)),
    "precompiled-strip": dict(normalizer=N.Sequence([N.Precompiled(CHARSMAP), N.Strip(left=False, right=True), N.Replace(Regex(" {2,}"), "▁")])),
    "bert-normalizer": dict(normalizer=N.BertNormalizer()),
    "whitespace": dict(pre_tokenizer=P.Whitespace()),
    "whitespace-split": dict(pre_tokenizer=P.WhitespaceSplit()),
    "digits": dict(pre_tokenizer=P.Sequence([P.WhitespaceSplit(), P.Digits(individual_digits=True)])),
    "digit-runs": dict(pre_tokenizer=P.Digits()),
    "scripts": dict(pre_tokenizer=P.UnicodeScripts()),
    "delimiter": dict(pre_tokenizer=P.CharDelimiterSplit("e")),
    "fixed": dict(pre_tokenizer=P.FixedLength(3)),
    "metaspace": dict(normalizer=N.NFKC(), pre_tokenizer=P.Metaspace(prepend_scheme="first")),
    "metaspace-scripts": dict(pre_tokenizer=P.Sequence([P.UnicodeScripts(), P.Metaspace()])),
    "empty-matches": dict(pre_tokenizer=P.Split(Regex(r"(?<=[\p{Ll}\p{N}])(?=\p{Lu})|_*"), "isolated")),
    "anchors": dict(pre_tokenizer=P.Split(Regex(r"^\w|\w$|\bt|\n|\A.|.\z"), "isolated")),
    "case": dict(pre_tokenizer=P.Split(Regex(r"(?i:s|k|å|[a-c]+)|(?m:.\d)"), "isolated")),
    "residues": dict(pre_tokenizer=P.Split(Regex(r"\S"), "removed", invert=True)),
    **{
        f"punctuation-{b}": dict(pre_tokenizer=P.Punctuation(b))
        for b in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")
    },
    **{
        f"split-{b}{'-inverted' if invert else ''}": dict(pre_tokenizer=P.Split(Regex(r"\s|[aeiou]|\p{P}"), b, invert))
        for b in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")
        for invert in (False, True)
    },
}
for name, make in STYLES.items():
    make(name)
for name, options in CHARACTER_STYLES.items():
    characters(name, **options)
