"""Python minicons and the transformers fill-mask pipeline on a Lacuna model directory.

python reference.py MODEL SENTENCES OUT.json [--fill-only|--score-only] [--threads N] [--batch N]

Writes, for each sentence (one a line), the sums of surprisals in nats by both methods, and for the sentence with its
middle word masked the probabilities of all tokens after removing the special ones and renormalising, largest ten. Prints
the seconds that each took, model loading left out. Versions are written with the answers.
"""

import argparse
import json
import time

import minicons
import torch
import transformers
from minicons import scorer

# minicons 0.3.39 calls a method that transformers 5 renamed; it is the call itself.
if not hasattr(transformers.PreTrainedTokenizerBase, "batch_encode_plus"):
    transformers.PreTrainedTokenizerBase.batch_encode_plus = (
        transformers.PreTrainedTokenizerBase.__call__
    )

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("sentences")
parser.add_argument("out")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--score-only", action="store_true")
parser.add_argument("--methods", default="original,within_word_l2r")
arguments = parser.parse_args()
torch.set_num_threads(arguments.threads)

with open(arguments.sentences, encoding="utf-8") as file:
    sentences = [line.rstrip("\n") for line in file if line.strip()]

answer = {
    "versions": {
        "minicons": getattr(minicons, "__version__", "0.3.39"),
        "transformers": transformers.__version__,
        "torch": torch.__version__,
    },
    "sentences": sentences,
    "scores": {},
    "seconds": {},
    "cpu_seconds": {},
    "fills": [],
}

model = scorer.MaskedLMScorer(arguments.model, "cpu")
for method in arguments.methods.split(","):
    begun, begun_cpu = time.perf_counter(), time.process_time()
    sums = []
    for start in range(0, len(sentences), arguments.batch):
        batch = sentences[start : start + arguments.batch]
        sums += model.sequence_score(
            batch, reduction=lambda x: -x.sum(0).item(), PLL_metric=method
        )
    answer["seconds"][method] = time.perf_counter() - begun
    answer["cpu_seconds"][method] = time.process_time() - begun_cpu
    answer["scores"][method] = sums

if not arguments.score_only:
    fill = transformers.pipeline("fill-mask", model=arguments.model, device="cpu")
    special = set(fill.tokenizer.all_special_ids)
    mask = fill.tokenizer.mask_token
    for sentence in sentences:
        words = sentence.split(" ")
        words[len(words) // 2] = mask
        text = " ".join(words)
        found = [c for c in fill(text, top_k=len(fill.tokenizer)) if c["token"] not in special]
        total = sum(c["score"] for c in found)
        answer["fills"].append(
            {
                "text": text,
                "tokens": [c["token"] for c in found[:10]],
                "probabilities": [c["score"] / total for c in found[:10]],
            }
        )

with open(arguments.out, "w", encoding="utf-8") as file:
    json.dump(answer, file)
print(json.dumps({key: answer[key] for key in ("seconds", "cpu_seconds", "versions")}))
