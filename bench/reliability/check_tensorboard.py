"""Compares what TensorBoard reads of a run with the run's event log, value by value.

python3 -m venv venv && venv/bin/pip install tensorboard==2.20.0
venv/bin/python bench/reliability/check_tensorboard.py models/mine.run
"""

import json
import pathlib
import struct
import sys

from tensorboard import version
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

TAGS = {
    "train/loss": ("step", "lossNats"),
    "train/masked_accuracy": ("step", "accuracy"),
    "train/gradient_norm": ("step", "gradientNorm"),
    "train/learning_rate": ("step", "learningRate"),
    "held_out/loss": ("evaluation", "lossNats"),
    "held_out/accuracy": ("evaluation", "accuracy"),
}


def float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


run = pathlib.Path(sys.argv[1])
events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
accumulator = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})
accumulator.Reload()
compared = 0
for tag, (kind, key) in TAGS.items():
    expected = [(event["step"], float32(event[key])) for event in events if event["type"] == kind]
    known = tag in accumulator.Tags()["scalars"]
    got = [(scalar.step, scalar.value) for scalar in accumulator.Scalars(tag)] if known else []
    if got != expected:
        sys.exit(f"{tag}: TensorBoard {version.VERSION} reads {len(got)} values that differ from the log's {len(expected)}")
    compared += len(got)
print(f"TensorBoard {version.VERSION} reads {compared} values, all as in the event log")
