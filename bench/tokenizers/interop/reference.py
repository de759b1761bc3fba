"""Answers interop.mjs: for each directory that is named on a line of standard input, what tokenizers and transformers make of
the lines of the file given as argument."""

import json
import sys

import tokenizers
import transformers

lines = json.load(open(sys.argv[1]))
print(json.dumps([f"tokenizers {tokenizers.__version__}", f"transformers {transformers.__version__}"]), flush=True)
for folder in sys.stdin:
    folder = folder.rstrip("\n")
    plain = tokenizers.Tokenizer.from_file(f"{folder}/tokenizer.json")
    auto = transformers.AutoTokenizer.from_pretrained(folder)
    roles = {role: getattr(auto, role) for role in ("cls_token", "sep_token", "pad_token", "unk_token", "mask_token")}
    answer = {
        "tokenizers": [encoding.ids for encoding in plain.encode_batch(lines)],
        "transformers": auto(lines)["input_ids"],
        "decoded": [plain.decode(encoding.ids) for encoding in plain.encode_batch(lines)],
        "roles": roles,
    }
    print(json.dumps(answer), flush=True)
