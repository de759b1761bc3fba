"""Writes the safetensors goldens beside this file. Made with safetensors 0.8.0, numpy 2.4.6, ml_dtypes 0.6.0.

mixed.safetensors: every dtype that Lacuna reads but BF16; float32.safetensors: what transformers writes.
widen.json: 16-bit patterns and the float32 bits that numpy and ml_dtypes widen them to.
"""

import json
from pathlib import Path

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

HERE = Path(__file__).parent

mixed = {
    "bool": np.array([True, False, True]),
    "empty": np.zeros((0, 4), np.float32),
    "f16": np.array([1.5, -2.25], np.float16),
    "f32": np.arange(6, dtype=np.float32).reshape(2, 3) / 3,
    "f64": np.array([[np.pi]], np.float64),
    "i8": np.array([-128, 127], np.int8),
    "i16": np.array([-32768, 32767], np.int16),
    "i32": np.array([-(2**31), 2**31 - 1], np.int32),
    "i64": np.array([-(2**63), 2**63 - 1], np.int64),
    "scalar": np.array(7.5, np.float32),
    "u8": np.array([0, 255], np.uint8),
    "u16": np.array([65535], np.uint16),
    "u32": np.array([2**32 - 1], np.uint32),
    "u64": np.array([2**64 - 1], np.uint64),
}
save_file(mixed, HERE / "mixed.safetensors", metadata={"format": "pt"})

float32 = {
    "model.embeddings.tok_embeddings.weight": np.arange(8, dtype=np.float32).reshape(4, 2) / 7,
    "decoder.bias": np.array([0.5, -0.5, 0, 1], np.float32),
}
save_file(float32, HERE / "float32.safetensors", metadata={"format": "pt"})

patterns = np.array([0, 1, 0x3FF, 0x400, 0x3C00, 0x7BFF, 0x7C00, 0x8000, 0x8001, 0xC000, 0xFC00, 0x3F80, 0xFB7F], np.uint16)
widen = {
    "bits": patterns.tolist(),
    "float16": patterns.view(np.float16).astype(np.float32).view(np.uint32).tolist(),
    "bfloat16": patterns.view(ml_dtypes.bfloat16).astype(np.float32).view(np.uint32).tolist(),
}
(HERE / "widen.json").write_text(json.dumps(widen) + "\n")
