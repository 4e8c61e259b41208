"""A trained text model as one of the built-in ones: half precision, a manifest, no places."""

from __future__ import annotations

import json
from pathlib import Path

from transformers import BertForMaskedLM, BertTokenizer

from engine.models.manifest import write_manifest
from engine.training.text.kernels import (
    DIFFUSION,
    AbsorbingKernel,
    Kernel,
    KernelName,
    read_kernel,
)
from engine.training.text.train import TRAINING

BUILTIN = Path(__file__).parents[2] / "models" / "builtin"
FOLDERS: dict[KernelName, Path] = {
    "absorbing": BUILTIN / "bert",
    "uniform": BUILTIN / "bert-uniform",
}
NAMES: dict[KernelName, str] = {"absorbing": "builtin-bert", "uniform": "builtin-uniform"}
SHIPPED = FOLDERS["absorbing"]
COPIED = ("vocab.txt", "known_words.txt", "tokenizer_config.json")
COPIED_IF_THERE = (DIFFUSION, TRAINING)


def kernel_name(kernel: Kernel) -> KernelName:
    """What a kernel is called."""
    return "absorbing" if isinstance(kernel, AbsorbingKernel) else "uniform"


def ship(trained: Path, target: Path | None = None) -> str:
    """Write a trained model as half-precision files with a manifest; its fingerprint.

    It goes among the built-in models, by its kernel, when no target is given.
    """
    name = kernel_name(read_kernel(trained))
    target = target or FOLDERS[name]
    target.mkdir(parents=True, exist_ok=True)
    model = BertForMaskedLM.from_pretrained(trained, local_files_only=True)
    model.half().save_pretrained(target)
    for copied in COPIED:
        (target / copied).write_bytes((trained / copied).read_bytes())
    for copied in COPIED_IF_THERE:
        (target / copied).unlink(missing_ok=True)
        if (trained / copied).exists():
            (target / copied).write_bytes((trained / copied).read_bytes())
    (target / "tokenizer.json").unlink(missing_ok=True)
    BertTokenizer.from_pretrained(target).save_pretrained(target)
    _settings_without_places(target / "tokenizer_config.json")
    return write_manifest(target, NAMES[name], "text")


def _settings_without_places(path: Path) -> None:
    """save_pretrained notes where the files were read from, which is nobody's business."""
    settings = json.loads(path.read_text())
    kept = {
        k: v
        for k, v in settings.items()
        if k not in ("is_local", "local_files_only", "name_or_path")
    }
    path.write_text(json.dumps(kept, indent=2) + "\n")
