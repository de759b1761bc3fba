"""Writes modernbert.golden.json: config, weights, batch, logits, loss and every gradient of a random two-layer
ModernBertForMaskedLM, in float64, by transformers' own code.

Run: pip install torch==2.15.0 transformers==5.23.0 && python make_modernbert_golden.py
"""
import json
import pathlib

import torch
import transformers
from transformers import ModernBertConfig, ModernBertForMaskedLM

torch.manual_seed(0)
CONFIG = dict(
    architectures=["ModernBertForMaskedLM"],
    model_type="modernbert",
    vocab_size=20,
    hidden_size=8,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=12,
    hidden_activation="relu2",
    classifier_activation="gelu",
    max_position_embeddings=16,
    norm_eps=1e-5,
    norm_bias=False,
    attention_bias=True,
    mlp_bias=False,
    decoder_bias=True,
    classifier_bias=True,
    global_attn_every_n_layers=1,
    global_rope_theta=100.0,
    local_rope_theta=100.0,
    initializer_range=0.02,
    tie_word_embeddings=True,
    pad_token_id=0,
    cls_token_id=2,
    sep_token_id=3,
    bos_token_id=2,
    eos_token_id=3,
    mask_token_id=4,
)


def significant(tensor, digits):
    return [float(f"{value:.{digits}g}") for value in tensor.detach().reshape(-1).tolist()]


def run(activation):
    config = ModernBertConfig(**{**CONFIG, "hidden_activation": activation}, attn_implementation="eager")
    model = ModernBertForMaskedLM(config).double().eval()
    weights = {}
    for name, parameter in model.named_parameters():
        mean = 1.0 if "norm" in name else 0.0
        values = mean + (0.15 if "norm" in name else 0.4) * torch.randn(parameter.shape)
        parameter.data = values.to(torch.float32).double()
        weights[name] = {"shape": list(parameter.shape), "data": significant(parameter, 9)}
    input_ids = torch.tensor([[2, 7, 4, 7, 9, 3], [2, 4, 11, 19, 4, 3]])
    labels = torch.full_like(input_ids, -100)
    labels[0, 2], labels[0, 3], labels[1, 1], labels[1, 4] = 5, 7, 18, 11
    output = model(input_ids=input_ids, labels=labels)
    output.loss.backward()
    gradients = {name: significant(p.grad, 9) for name, p in model.named_parameters()}
    positions = (labels != -100).reshape(-1).nonzero().reshape(-1)
    return {
        "config": {**CONFIG, "hidden_activation": activation},
        "weights": weights,
        "inputIds": input_ids.tolist(),
        "positions": positions.tolist(),
        "labels": labels.reshape(-1)[positions].tolist(),
        "logits": significant(output.logits.reshape(-1, 20)[positions], 9),
        "lossNats": output.loss.item(),
        "gradients": gradients,
    }


golden = {
    "reference": f"transformers {transformers.__version__}, PyTorch {torch.__version__}",
    "cases": [run("relu2"), run("gelu")],
}
target = pathlib.Path(__file__).parent / "modernbert.golden.json"
target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
