"""Writes torch-zip.pt, torch-legacy.pt and torch.json: small checkpoints by torch.save, and their values.

Run: pip install torch==2.15.0 && python make_torch.py
"""
import collections
import json
import pathlib

import torch

HERE = pathlib.Path(__file__).parent
base = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 4
state = collections.OrderedDict(
    [
        ("plain", base),
        ("transposed", base.t()),
        ("slice", base[1:, 1:3]),
        ("double", torch.tensor([0.5, -2.0], dtype=torch.float64)),
        ("half", torch.tensor([1.5, -0.25], dtype=torch.float16)),
        ("bfloat", torch.tensor([3.0, -0.5], dtype=torch.bfloat16)),
        ("ids", torch.tensor([[1, 2, 3]])),
        ("scalar", torch.tensor(7.0)),
        ("parameter", torch.nn.Parameter(torch.tensor([9.0, 8.0]))),
        ("empty", torch.zeros(0, 3)),
    ]
)
torch.save({"epoch": 3, "state_dict": state}, HERE / "torch-zip.pt")
torch.save(state, HERE / "torch-legacy.pt", _use_new_zipfile_serialization=False)
values = {name: {"shape": list(t.shape), "data": t.detach().double().reshape(-1).tolist()} for name, t in state.items()}
(HERE / "torch.json").write_text(json.dumps({"reference": f"PyTorch {torch.__version__}", "values": values}, separators=(",", ":")) + "\n")
