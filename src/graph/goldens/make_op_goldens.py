"""Writes op-gradients.golden.json: losses and gradients of every case in ../testing/op-cases.ts, by PyTorch in float64.

Run: pip install torch==2.15.0 numpy && python make_op_goldens.py
The expressions repeat those of op-cases.ts, written independently in PyTorch's own functions.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(0)
IDS = torch.tensor([[1, 3, 1], [1, 0, 4]])
IDS_SCATTER = torch.tensor([[1, 3, 1], [1, 0, 3]])
COLUMNS = torch.tensor([[4, 0, 4], [1, 2, 3]])
ANGLES = 0.3 + 0.7 * torch.arange(6, dtype=torch.float64).reshape(3, 2)


def fround(x):
    return x.to(torch.float32).to(torch.float64)


COS, SIN = fround(torch.cos(ANGLES)), fround(torch.sin(ANGLES))


def rotate(x, sign):
    half = x.shape[-1] // 2
    rotated = torch.cat((-x[..., half:], x[..., :half]), dim=-1)
    return x * torch.cat((COS, COS), -1) + sign * rotated * torch.cat((SIN, SIN), -1)


PLACES = torch.tensor([[6, 0, 4], [1, 1, 5]])


def rotate_at_places(x, sign):
    angles = 0.3 + 0.7 * torch.arange(14, dtype=torch.float64).reshape(7, 2)[PLACES].unsqueeze(1)
    cos, sin = fround(torch.cos(angles)), fround(torch.sin(angles))
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - sign * b * sin, b * cos + sign * a * sin), -1)


def rotary_case(x):
    moved_on = rotate_at_places(x, 1)
    return moved_on + rotate(x, 1) * rotate(x, -1) * rotate_at_places(moved_on, -1)


def attend(q, k, v, scale, bias=None):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=scale)


def scatter(x):
    return torch.zeros(5, 4, dtype=x.dtype).index_add(0, IDS_SCATTER.reshape(-1), x.reshape(-1, 4))


def moved(x, offset):
    """x[:, t + offset] at t, zeros beyond the ends."""
    T = x.shape[1]
    rows = [x[:, t + offset] if 0 <= t + offset < T else torch.zeros_like(x[:, 0]) for t in range(T)]
    return torch.stack(rows, 1)


def matmul_case(a, b):
    product = 0.5 * (0.5 * a) @ (0.75 * b).mT
    return (2 * (product.mT @ a).mT @ product.mT) @ (product @ b)


def split_case(x):
    a, b, _ = torch.split(x, [2, 1, 3], dim=1)
    return a * b * a


def attention_case(a, b):
    bias = torch.tensor([0, -2, 0, 0, 0, -3], dtype=torch.float64).reshape(2, 1, 1, 3)
    return attend(attend(a, b, a, 0.5, bias)[:, :, :2], b, a, 0.7)  # two queries, three keys


def cross_entropy_case(x):
    losses = F.cross_entropy(x * x, torch.tensor([4, 0, 2]), reduction="none")
    return 2 * (losses * torch.tensor([0.5, 0, 1.5], dtype=torch.float64)).sum()


def decoded_cross_entropy_case(x, weight, bias):
    losses = F.cross_entropy(F.linear(x * x, weight, bias), torch.tensor([4, 0, 4]), reduction="none")
    return 2 * (losses * torch.tensor([0.5, 0, 1.5], dtype=torch.float64)).sum() + (weight * weight).sum()


def norm(x, gain, bias=None):
    return F.layer_norm(x, x.shape[-1:], gain, bias, eps=1e-5)


def unary(f):
    return lambda x: f(x) * x


CASES = {
    "add": ([[2, 3, 4], [4]], False, lambda a, b: a + b + b * b),
    "sub": ([[2, 3], [2, 1]], False, lambda a, b: b * a - b),
    "mul": ([[2, 3], [1, 3]], False, lambda a, b: a * b * b),
    "div": ([[2, 3], [3]], True, lambda a, b: a / b / a),
    "neg": ([[3, 4]], False, unary(torch.neg)),
    "exp": ([[3, 4]], False, unary(torch.exp)),
    "log": ([[3, 4]], True, unary(torch.log)),
    "sqrt": ([[3, 4]], True, unary(torch.sqrt)),
    "tanh": ([[3, 4]], False, unary(torch.tanh)),
    "erf": ([[3, 4]], False, unary(torch.erf)),
    "relu": ([[3, 4]], False, unary(torch.relu)),
    "reluSquared": ([[3, 4]], False, unary(lambda x: torch.relu(x) ** 2)),
    "gelu": ([[3, 4]], False, unary(F.gelu)),
    "matMul": ([[2, 3, 4], [2, 5, 4]], False, matmul_case),
    "linear": ([[3, 4], [4, 4], [4]], False, lambda x, w, b: F.linear(F.linear(x, w, b), w, b)),
    "reshape": ([[2, 6]], False, lambda x: x.reshape(4, 3) @ x.reshape(3, 4)),
    "transpose": ([[2, 3, 2]], False, lambda x: x.permute(2, 1, 0) * x.permute(1, 2, 0).permute(1, 0, 2)),
    "split": ([[2, 6, 2]], False, split_case),
    "concat": ([[2, 1, 3], [2, 2, 3]], False, lambda a, b: torch.cat((a, b, a * a), 1)),
    "expand": ([[3, 1]], False, lambda x: x.expand(2, 3, 4) * x),
    "reduceSum": ([[2, 3, 4]], False, lambda x: x.sum((0, 2), keepdim=True) * (x.sum(1, keepdim=True) * x)),
    "sumSquares": ([[2, 3]], False, lambda x: (x * x).sum() * x),
    "gatherRows": ([[5, 3]], False, lambda x: F.embedding(IDS, x) * x.sum(0)),
    "scatterAddRows": ([[2, 3, 4]], False, lambda x: (scatter(x) * x.sum((0, 1)) + scatter(x)) * scatter(x)),
    "gatherColumns": ([[2, 5]], False, lambda x: x.gather(1, COLUMNS) * x.sum(1, keepdim=True)),
    "scatterAddColumns": (
        [[2, 3], [2, 5]],
        False,
        lambda x, y: y.scatter_add(1, COLUMNS, x) * (y * x.sum(1, keepdim=True)),
    ),
    "softmax": ([[2, 5]], False, lambda x: torch.softmax(x, -1) * x),
    "layerNorm": ([[2, 3, 6], [6], [6]], False, lambda x, g, b: norm(norm(x, g, b) * x, g, b) * norm(x, g)),
    "rotary": ([[2, 2, 3, 4]], False, rotary_case),
    "attention": ([[2, 2, 3, 4], [2, 2, 3, 4]], False, attention_case),
    "softmaxCrossEntropy": ([[3, 5]], False, cross_entropy_case),
    "decodedCrossEntropy": ([[3, 2], [5, 2], [5]], False, decoded_cross_entropy_case),
    "shift": ([[2, 4, 3]], False, lambda x: (moved(x, 1) + moved(x, -2)) * x),
}


def draw(shape, positive):
    values = 0.5 + 1.5 * torch.rand(shape) if positive else torch.randn(shape)
    return values.to(torch.float32).to(torch.float64).requires_grad_()


def flat(tensor):
    return [float(f"{value:.12g}") for value in tensor.detach().reshape(-1).tolist()]


goldens = {}
for name, (shapes, positive, build) in CASES.items():
    inputs = [draw(shape, positive) for shape in shapes]
    output = build(*inputs)
    weights = fround(torch.tensor([math.cos(i + 1) for i in range(output.numel())], dtype=torch.float64))
    loss = (output.reshape(-1) * weights).sum()
    gradients = torch.autograd.grad(loss, inputs)
    goldens[name] = {
        "inputs": [{"shape": list(x.shape), "data": flat(x)} for x in inputs],
        "loss": flat(loss)[0],
        "gradients": [flat(g) for g in gradients],
    }

target = pathlib.Path(__file__).parent / "op-gradients.golden.json"
target.write_text(json.dumps({"reference": f"PyTorch {torch.__version__}", "cases": goldens}, separators=(",", ":")) + "\n")
