"""Writes families.golden.json: for random small models of every family, what transformers makes of a batch: logits at some
positions, loss, and of the gradient of every parameter, in the order of their names, its norm and a projection. All in float64; the script fails
when float32 differs by more than 1e-5.

Weights are not stored: both sides compute them from the parameter's name (`fill` here, testing/formula-weights.ts there).

Run: pip install torch==2.15.0 transformers==5.23.0 && python make_family_goldens.py
"""
import json
import math
import pathlib
import random

import torch
import transformers as tf

HERE = pathlib.Path(__file__).parent


def fill(model):
    """value[i] = mean + scale sin(phase + 0.37 i + 0.0113 i^2), rounded to float32."""
    for name, parameter in model.named_parameters():
        phase = sum((index + 1) * ord(letter) for index, letter in enumerate(name)) % 1000
        is_gain = parameter.dim() == 1 and name.endswith("weight")
        scale = 0.2 if is_gain else 0.1 if parameter.dim() == 1 else 1.2 / math.sqrt(parameter.shape[1])
        i = torch.arange(parameter.numel(), dtype=torch.float64)
        values = (1.0 if is_gain else 0.0) + scale * torch.sin(phase + 0.37 * i + 0.0113 * i * i)
        parameter.data = values.to(torch.float32).to(parameter.dtype).reshape(parameter.shape)


def significant(tensor, digits=8):
    return [float(f"{value:.{digits}g}") for value in tensor.detach().double().reshape(-1).tolist()]


def project(gradient):
    g = gradient.double().reshape(-1)
    i = torch.arange(g.numel(), dtype=torch.float64)
    return significant(torch.stack([g.norm(), g @ torch.cos(i + 1)]), 6)


def bert_like(rng, **extra):
    heads = rng.choice([1, 2, 3, 5])
    return dict(
        vocab_size=rng.randint(15, 30),
        hidden_size=heads * rng.choice([3, 4, 5]),
        num_attention_heads=heads,
        num_hidden_layers=rng.randint(1, 3),
        intermediate_size=rng.randint(5, 20),
        hidden_act=rng.choice(["gelu", "gelu", "relu", "gelu_new"]),
        max_position_embeddings=20,
        type_vocab_size=rng.randint(1, 3),
        layer_norm_eps=rng.choice([1e-12, 1e-5]),
        **extra,
    )


def distilbert(rng):
    base = bert_like(rng)
    return dict(
        vocab_size=base["vocab_size"],
        dim=base["hidden_size"],
        n_heads=base["num_attention_heads"],
        n_layers=base["num_hidden_layers"],
        hidden_dim=base["intermediate_size"],
        activation=base["hidden_act"],
        max_position_embeddings=20,
    )


def modernbert(rng):
    heads = rng.choice([1, 2, 3, 5])
    return dict(
        vocab_size=rng.randint(15, 30),
        hidden_size=heads * rng.choice([2, 4, 6]),
        num_attention_heads=heads,
        num_hidden_layers=rng.randint(2, 4),
        intermediate_size=rng.randint(5, 20),
        hidden_activation=rng.choice(["gelu", "relu", "relu2"]),
        classifier_activation=rng.choice(["gelu", "relu"]),
        max_position_embeddings=20,
        local_attention=rng.choice([2, 4, 5, 6]),
        global_attn_every_n_layers=rng.choice([1, 2, 3]),
        global_rope_theta=1000.0,
        local_rope_theta=100.0,
        attention_bias=rng.random() < 0.5,
        mlp_bias=rng.random() < 0.5,
        norm_bias=rng.random() < 0.5,
        classifier_bias=rng.random() < 0.5,
        decoder_bias=rng.random() < 0.7,
        classifier_pooling=rng.choice(["cls", "mean"]),
        pad_token_id=0,
        cls_token_id=2,
        sep_token_id=3,
        bos_token_id=2,
        eos_token_id=3,
    )


def esm(rng):
    heads = rng.choice([1, 2, 3, 5])
    return dict(
        vocab_size=rng.randint(15, 30),
        mask_token_id=4,
        pad_token_id=1,
        hidden_size=heads * rng.choice([2, 4, 6]),
        num_attention_heads=heads,
        num_hidden_layers=rng.randint(1, 3),
        intermediate_size=rng.randint(5, 20),
        max_position_embeddings=20,
        layer_norm_eps=1e-5,
        position_embedding_type="rotary",
        emb_layer_norm_before=rng.random() < 0.5,
        token_dropout=rng.random() < 0.7,
    )


def electra(rng):
    return {**bert_like(rng), "embedding_size": rng.choice([6, 8, 12])}


def roberta(rng):
    return bert_like(rng, pad_token_id=rng.choice([0, 1]))


# Keys that no number depends on, left out to keep the file small.
UNREAD = set(
    """
    transformers_version _attn_implementation label2id
    attention_dropout attention_probs_dropout_prob classifier_dropout deterministic_flash_attn
    dropout embedding_dropout esmfold_config hidden_dropout_prob
    initializer_cutoff_factor mlp_dropout qa_dropout seq_classif_dropout
    sinusoidal_pos_embds sparse_pred_ignore_index sparse_prediction summary_activation
    summary_last_dropout summary_type summary_use_proj use_cache
    vocab_list
    """.split()
)

MLM = "fill-mask"
SEQUENCE, TOKEN = "text-classification", "token-classification"
CAUSAL, REPLACED = "text-generation", "replaced-token-detection"


def classes(prefix, causal=None):
    found = {MLM: f"{prefix}ForMaskedLM", SEQUENCE: f"{prefix}ForSequenceClassification", TOKEN: f"{prefix}ForTokenClassification"}
    return {**found, CAUSAL: causal} if causal else found


FAMILIES = {
    "bert": (tf.BertConfig, bert_like, classes("Bert", "BertLMHeadModel")),
    "roberta": (tf.RobertaConfig, roberta, classes("Roberta", "RobertaForCausalLM")),
    "roberta-prelayernorm": (
        tf.RobertaPreLayerNormConfig, roberta, classes("RobertaPreLayerNorm", "RobertaPreLayerNormForCausalLM"),
    ),
    "distilbert": (tf.DistilBertConfig, distilbert, classes("DistilBert")),
    "electra": (tf.ElectraConfig, electra, {**classes("Electra", "ElectraForCausalLM"), REPLACED: "ElectraForPreTraining"}),
    "modernbert": (tf.ModernBertConfig, modernbert, classes("ModernBert")),
    "esm": (tf.EsmConfig, esm, classes("Esm")),
}


def make_batch(rng, config, is_padded):
    B, T = rng.randint(2, 3), rng.randint(8, 14)
    pad = config.pad_token_id
    ordinary = [i for i in range(config.vocab_size) if i != pad]
    ids = [[rng.choice(ordinary) for _ in range(T)] for _ in range(B)]
    ids[0][2] = 4  # ESM's mask token
    mask = [[1] * T for _ in range(B)]
    if is_padded:
        for row in range(1, B):
            for t in range(T - rng.randint(1, 4), T):
                ids[row][t], mask[row][t] = pad, 0
    return torch.tensor(ids), torch.tensor(mask)


def run(family, task, seed):
    rng = random.Random(f"{family} {task} {seed}")
    config_class, draw, model_classes = FAMILIES[family]
    keys = draw(rng)
    if task in (SEQUENCE, TOKEN):
        keys["num_labels"] = 3
    if task == CAUSAL:
        keys["is_decoder"] = True
    if task == MLM and seed == 4:
        keys["tie_word_embeddings"] = False
    config = config_class(**keys, attn_implementation="eager")
    is_padded = seed % 2 == 1 and task != CAUSAL
    ids, mask = make_batch(rng, config, is_padded)
    feeds = {"input_ids": ids}
    if is_padded:
        feeds["attention_mask"] = mask
    if getattr(config, "type_vocab_size", 1) > 1 and seed % 3 != 2 and task != CAUSAL:
        feeds["token_type_ids"] = torch.tensor([[rng.randrange(config.type_vocab_size) for _ in row] for row in ids.tolist()])
    B, T = ids.shape
    places = [i for i in range(B * T) if mask.reshape(-1)[i] == 1]
    positions = sorted(rng.sample(places, 5))
    if task == CAUSAL:
        positions = [p for p in positions if p % T < T - 1]
    model_class = getattr(tf, model_classes[task])
    torch.manual_seed(0)
    results = []
    for dtype in (torch.float64, torch.float32):
        model = model_class(config).to(dtype).eval()
        fill(model)
        output = model(**feeds)
        logits = output.logits
        if task == SEQUENCE:
            labels = [index % 3 for index in range(B)]
            rows = logits
        elif task == TOKEN:
            labels = [position % 3 for position in positions]
            rows = logits.reshape(B * T, -1)[positions]
        elif task == REPLACED:
            labels = [position % 2 for position in positions]
            rows = logits.reshape(B * T)[positions]
        elif task == CAUSAL:
            labels = [ids.reshape(-1)[position + 1].item() for position in positions]
            rows = logits.reshape(B * T, -1)[positions]
        else:
            labels = [(7 * position + 3) % config.vocab_size for position in positions]
            rows = logits.reshape(B * T, -1)[positions]
        if task == REPLACED:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(rows, torch.tensor(labels, dtype=dtype))
        else:
            loss = torch.nn.functional.cross_entropy(rows, torch.tensor(labels))
        loss.backward()
        gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
        results.append((rows, loss, gradients))
    (rows, loss, gradients), (rows32, loss32, _) = results
    assert (rows - rows32).abs().max() < 1e-5 and abs(loss - loss32) < 1e-5, (family, task, seed)
    written = json.loads(config.to_json_string(use_diff=True))
    written["architectures"] = [model_classes[task]]
    written = {key: value for key, value in written.items() if key not in UNREAD and value is not None}
    return {
        "task": task,
        "config": written,
        "inputIds": ids.tolist(),
        **({"attentionMask": mask.tolist()} if is_padded else {}),
        **({"tokenTypeIds": feeds["token_type_ids"].tolist()} if "token_type_ids" in feeds else {}),
        "positions": positions,
        "labels": labels,
        "logits": [round(value, 6) for value in rows.detach().reshape(-1).tolist()],
        "loss": significant(loss, 9)[0],
        "gradients": [project(gradients[name]) for name in sorted(gradients)],
    }


cases = []
for family, (_, _, model_classes) in FAMILIES.items():
    cases += [run(family, MLM, seed) for seed in range(6)]
    cases += [run(family, task, seed) for task in model_classes if task != MLM for seed in (1, 2)]
golden = {"reference": f"transformers {tf.__version__}, PyTorch {torch.__version__}", "cases": cases}
(HERE / "families.golden.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(len(cases), "cases")
