"""Scores a masked language model of transformers on the held-out masks that export.mjs wrote."""

import json
import math
from pathlib import Path

import torch

# Where the loss of a masked token saturates, as in src/infer/evaluate.ts.
LARGEST_NATS = 126 * math.log(2)


class HeldOut:
    def __init__(self, folder):
        content = json.loads((Path(folder) / "held-out.json").read_text())
        self.length = content["sequenceLength"]
        self.special_ids = content["specialIds"]
        self.byte_lengths = torch.tensor(content["byteLengths"])
        self.batches = content["batches"]

    @torch.no_grad()
    def score(self, model):
        """Nats per masked token, accuracy, and bits per byte of masked text: among ordinary tokens (Lacuna's measure),
        and raw, with the mass that special tokens get."""
        training = model.training
        model.eval()
        nats = raw_nats = hits = 0.0
        labels_seen = []
        for batch in self.batches:
            input_ids = torch.tensor(batch["inputIds"]).view(-1, self.length)
            positions, labels = torch.tensor(batch["positions"]), torch.tensor(batch["labels"])
            logits = model(input_ids=input_ids, attention_mask=torch.ones_like(input_ids)).logits
            rows = logits.flatten(0, 1)[positions].double()
            raw_nats += self.total(rows, labels)
            rows[:, self.special_ids] = -math.inf
            nats += self.total(rows, labels)
            hits += float((rows.argmax(-1) == labels).sum())
            labels_seen.append(labels)
        model.train(training)
        labels = torch.cat(labels_seen)
        scale = 1 / math.log(2) / float(self.byte_lengths[labels].sum())
        return {
            "lossNats": nats / len(labels),
            "accuracy": hits / len(labels),
            "bitsPerByte": nats * scale,
            "rawLossNats": raw_nats / len(labels),
            "rawBitsPerByte": raw_nats * scale,
            "maskedTokens": len(labels),
        }

    @staticmethod
    def total(logits, labels):
        losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
        return float(losses.clamp(max=LARGEST_NATS).sum())
