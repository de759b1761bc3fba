"""Opens an exported directory with transformers and onnxruntime and compares their logits; see README.md."""

import pathlib
import sys

import numpy
import onnxruntime
import torch
import transformers
from transformers import AutoModelForMaskedLM, AutoTokenizer

TEXTS = [
    "The [MASK] of the Union is strong.",
    "We seek [MASK] and justice for all the nations of the world, and we shall not rest until we have found it.",
    "I call upon the [MASK].",
]

directory = pathlib.Path(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(directory)
model = AutoModelForMaskedLM.from_pretrained(directory).eval()
batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
with torch.no_grad():
    reference = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits.numpy()
tokens = batch["attention_mask"].numpy().astype(bool)
masks = batch["input_ids"].numpy() == tokenizer.mask_token_id
versions = f"transformers {transformers.__version__}, torch {torch.__version__}, onnxruntime {onnxruntime.__version__}"
print(f"{type(model).__name__} opened; {versions}")
for path in sorted((directory / "onnx").glob("*.onnx")):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = {entry.name for entry in session.get_inputs()}
    feeds = {name: value.numpy() for name, value in batch.items() if name in names}
    (logits,) = session.run(None, feeds)
    difference = numpy.abs(logits - reference)[tokens].max()
    firsts = (logits[masks].argmax(-1) == reference[masks].argmax(-1)).sum()
    print(f"{path.name}: largest difference of a logit {difference:.2e}, first choice equal in {firsts} of {masks.sum()}")
