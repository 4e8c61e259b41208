"""What is the matter with a model's name that is no folder of a model, in a sentence. No torch."""

from __future__ import annotations

from pathlib import Path

SINGLE_FILES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".onnx")


def why_no_model(name: str) -> str | None:
    """Why a name that looks like a path cannot be a model; None where it may be a hub id."""
    path = Path(name)
    if path.is_file():
        return (
            f"{name} is one file; a model here is many, beside a model_index.json or a "
            f"config.json. {_how_to_convert(path)}"
        )
    if path.is_dir():
        return f"{name} is a folder without config.json or model_index.json"
    looks = name.startswith(("/", "./", "../", "~", "\\")) or name.count("/") > 1
    if looks or path.suffix in SINGLE_FILES:
        return f"{name} does not exist on this machine"
    return None


def _how_to_convert(path: Path) -> str:
    if path.suffix in (".safetensors", ".ckpt"):
        return (
            "Write one where diffusers is: StableDiffusionPipeline (or StableDiffusionXLPipeline)"
            ".from_single_file(FILE).save_pretrained(FOLDER), and give that folder."
        )
    return "Give the folder."
