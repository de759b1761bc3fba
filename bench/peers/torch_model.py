"""Lacuna's model in plain PyTorch: ModernBERT with global rotary attention and logits at masked positions only.

With `last_layer_at_rows` the last layer, too, computes what is read at masked positions and no more, as Lacuna's does;
every sequence then has as many of them.
"""

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

ACTIVATIONS = {
    "gelu": F.gelu,
    "relu": F.relu,
    "relu2": lambda x: F.relu(x).square(),
    "linear": lambda x: x,
}


class MaskedLanguageModel(torch.nn.Module):
    """`parameters` by their names in transformers, dots replaced by underscores."""

    def __init__(self, exercise, last_layer_at_rows=False):
        super().__init__()
        self.config = exercise.config
        self.last_layer_at_rows = last_layer_at_rows
        for name, value in load_file(exercise.folder / "model.safetensors").items():
            self.register_parameter(name.replace(".", "_"), torch.nn.Parameter(value.contiguous()))
        config = self.config
        width = config["hidden_size"] // config["num_attention_heads"]
        frequencies = config["global_rope_theta"] ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
        positions = torch.arange(exercise.step["sequenceLength"], dtype=torch.float64)
        angles = torch.outer(positions, frequencies.float().double())
        angles = torch.cat([angles, angles], dim=-1)
        self.register_buffer("cos", angles.cos().float())
        self.register_buffer("sin", angles.sin().float())
        validity = torch.zeros(config["vocab_size"])
        validity[exercise.step["specialIds"]] = float("-inf")
        self.register_buffer("validity", validity)

    def weight(self, name):
        return getattr(self, name.replace(".", "_"))

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.weight(f"{name}.weight"), None, self.config["norm_eps"])

    def rotate(self, x, places=None):
        left, right = x.chunk(2, dim=-1)
        cos, sin = (self.cos, self.sin) if places is None else (self.cos[places].unsqueeze(1), self.sin[places].unsqueeze(1))
        return x * cos + torch.cat([-right, left], dim=-1) * sin

    def attention(self, x, prefix):
        heads = self.config["num_attention_heads"]
        batch, length, hidden = x.shape
        qkv = F.linear(x, self.weight(f"{prefix}.Wqkv.weight"), self.weight(f"{prefix}.Wqkv.bias"))
        q, k, v = qkv.view(batch, length, 3, heads, hidden // heads).permute(2, 0, 3, 1, 4).unbind(0)
        context = F.scaled_dot_product_attention(self.rotate(q), self.rotate(k), v)
        joined = context.transpose(1, 2).reshape(batch, length, hidden)
        return F.linear(joined, self.weight(f"{prefix}.Wo.weight"), self.weight(f"{prefix}.Wo.bias"))

    def attention_at(self, positions, x, prefix):
        """The same at `positions` i64[M] of the B * T, as many in each sequence: f32[M, H]."""
        heads = self.config["num_attention_heads"]
        batch, length, hidden = x.shape
        width = hidden // heads
        weight, bias = self.weight(f"{prefix}.Wqkv.weight"), self.weight(f"{prefix}.Wqkv.bias")
        kv = F.linear(x, weight[hidden:], bias[hidden:])
        k, v = kv.view(batch, length, 2, heads, width).permute(2, 0, 3, 1, 4).unbind(0)
        q = F.linear(x.reshape(-1, hidden).index_select(0, positions), weight[:hidden], bias[:hidden])
        q = q.view(-1, heads, width)
        q = self.rotate(q, positions % length).view(batch, -1, heads, width).transpose(1, 2)
        context = F.scaled_dot_product_attention(q, self.rotate(k), v)
        joined = context.transpose(1, 2).reshape(-1, hidden)
        return F.linear(joined, self.weight(f"{prefix}.Wo.weight"), self.weight(f"{prefix}.Wo.bias"))

    def feed_forward(self, x, prefix):
        value, gate = F.linear(x, self.weight(f"{prefix}.Wi.weight")).chunk(2, dim=-1)
        activated = ACTIVATIONS[self.config["hidden_activation"]](value)
        return F.linear(activated * gate, self.weight(f"{prefix}.Wo.weight"))

    def forward(self, input_ids, positions, labels):
        """Sum of the cross-entropies, in nats, of `labels` i64[M] at `positions` i64[M] of the B * T tokens."""
        embeddings = self.weight("model.embeddings.tok_embeddings.weight")
        rows = lambda x: x.reshape(-1, x.shape[-1]).index_select(0, positions)  # noqa: E731
        x = self.norm(F.embedding(input_ids, embeddings), "model.embeddings.norm")
        for layer in range(self.config["num_hidden_layers"]):
            prefix = f"model.layers.{layer}"
            normed = x if layer == 0 else self.norm(x, f"{prefix}.attn_norm")
            if self.last_layer_at_rows and layer == self.config["num_hidden_layers"] - 1:
                x = rows(x) + self.attention_at(positions, normed, f"{prefix}.attn")
            else:
                x = x + self.attention(normed, f"{prefix}.attn")
            x = x + self.feed_forward(self.norm(x, f"{prefix}.mlp_norm"), f"{prefix}.mlp")
        x = x if self.last_layer_at_rows else rows(x)
        x = self.norm(x, "model.final_norm")
        x = F.linear(x, self.weight("head.dense.weight"), self.weight("head.dense.bias"))
        x = self.norm(ACTIVATIONS[self.config["classifier_activation"]](x), "head.norm")
        logits = F.linear(x, embeddings, self.weight("decoder.bias") + self.validity)
        return F.cross_entropy(logits, labels, reduction="sum")
