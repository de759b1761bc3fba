"""Scores any masked language model that transformers opens: evaluate.py --data DIR --model DIR"""

import argparse
import json

from held_out import HeldOut
from transformers import AutoModelForMaskedLM

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="the folder that export.mjs wrote")
parser.add_argument("--model", required=True, help="a model directory with the same tokenizer")
options = parser.parse_args()
print(json.dumps(HeldOut(options.data).score(AutoModelForMaskedLM.from_pretrained(options.model)), indent=2))
