"""Opens every directory below a folder with transformers and saves it beside; see README.md.

Prints one JSON value: the versions, and by directory what `from_pretrained` complained of and the ids of a text.
"""

import json
import pathlib
import sys

import torch
import transformers

TEXT = "The states of the [MASK]"
CLASSES = {
    "fill-mask": transformers.AutoModelForMaskedLM,
    "feature-extraction": transformers.AutoModel,
    "text-classification": transformers.AutoModelForSequenceClassification,
    "token-classification": transformers.AutoModelForTokenClassification,
    "replaced-token-detection": transformers.AutoModelForPreTraining,
}


def pass_through(source, target, task):
    model, info = CLASSES[task].from_pretrained(source, output_loading_info=True)
    model.save_pretrained(target)
    tokenizer = transformers.AutoTokenizer.from_pretrained(source)
    tokenizer.save_pretrained(target)
    complaints = {key: sorted(map(str, value)) for key, value in info.items() if value}
    return {"class": type(model).__name__, "complaints": complaints, "ids": tokenizer(TEXT)["input_ids"]}


jobs = json.load(sys.stdin)
results = [pass_through(pathlib.Path(job["source"]), pathlib.Path(job["target"]), job["task"]) for job in jobs]
print(json.dumps({"reference": f"transformers {transformers.__version__}, PyTorch {torch.__version__}", "results": results}))
