"""What Python peers share: the exercise that exercise.mjs wrote, its batches, and the conversation with run.mjs."""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

# Only answers may reach run.mjs: whatever else is printed goes where errors go.
_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


class Exercise:
    """One step's sizes, rows and first batch."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.step = json.loads((self.folder / "step.json").read_text())
        self.config = json.loads((self.folder / "config.json").read_text())
        length = self.step["sequenceLength"]
        self.rows = np.fromfile(self.folder / "rows.i32", dtype=np.int32).reshape(-1, length)

    def first_batch(self):
        """inputIds [B, T], positions [M] among B * T, labels [M]: the batch whose loss Lacuna reports."""
        batch = json.loads((self.folder / "batch.json").read_text())
        input_ids = np.array(batch["inputIds"], dtype=np.int64).reshape(-1, self.step["sequenceLength"])
        return input_ids, np.array(batch["positions"]), np.array(batch["labels"])


class Batches:
    """Masked batches as Lacuna makes them: every row once an epoch, an exact share of its ordinary tokens masked, of
    which 80 % show the mask, 10 % an ordinary random token, 10 % themselves."""

    def __init__(self, exercise):
        step = exercise.step
        self.rows = exercise.rows.astype(np.int64)
        self.random = np.random.default_rng(0)
        self.batch_size = step["batchSize"]
        self.first_ordinary = len(step["specialIds"])
        self.vocab_size = exercise.config["vocab_size"]
        self.mask_id = exercise.config["mask_token_id"]
        self.masked = int(np.ceil(step["maskRate"] * (step["sequenceLength"] - 2)))
        self.order = np.empty(0, dtype=np.int64)

    def next(self):
        while len(self.order) < self.batch_size:
            self.order = np.concatenate([self.order, self.random.permutation(len(self.rows))])
        chosen, self.order = self.order[: self.batch_size], self.order[self.batch_size :]
        rows = self.rows[chosen]
        count, length = rows.shape
        # The first and the last token of a row are special.
        scores = self.random.random((count, length - 2), dtype=np.float32)
        columns = 1 + np.sort(np.argpartition(scores, self.masked - 1, axis=1)[:, : self.masked], axis=1)
        positions = (np.arange(count)[:, None] * length + columns).ravel()
        input_ids = rows.reshape(-1).copy()
        labels = input_ids[positions]
        draw = self.random.random(len(positions))
        random_ids = self.random.integers(self.first_ordinary, self.vocab_size, len(positions))
        input_ids[positions] = np.where(draw < 0.8, self.mask_id, np.where(draw < 0.9, random_ids, labels))
        return input_ids.reshape(count, length), positions, labels


def say(message):
    print(json.dumps(message), file=_answers, flush=True)


def requests():
    """The seconds that run.mjs asks for, one measurement after the other."""
    for line in sys.stdin:
        yield json.loads(line)["seconds"]


def timed(step, seconds):
    """Calls `step` until the time is over."""
    started = time.perf_counter()
    steps = 0
    while time.perf_counter() < started + seconds:
        step()
        steps += 1
    return {"steps": steps, "seconds": time.perf_counter() - started}


def serve(ready, step):
    """Says that the peer is ready, then measures `step` for as long as every request says."""
    say({"ready": ready})
    for seconds in requests():
        say(timed(step, seconds))
