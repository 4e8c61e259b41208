"""What a CLIP's folder says of itself, looked through without loading anything. No torch."""

from __future__ import annotations

from functools import lru_cache

from cache.errors import InvalidInput
from engine.models.component_files import (
    check_quantisation,
    check_tokenizer,
    check_weights,
)
from engine.models.registry import FoundModel
from engine.models.weight_files import read_json


@lru_cache(maxsize=16)
def check_clip_folder(model: FoundModel) -> None:
    """Raise InvalidInput for a folder of another kind of model, ModelDamaged for a broken one."""
    path = model.folder / "config.json"
    if not path.exists():
        if (model.folder / "model_index.json").exists():
            raise InvalidInput(f"model {model.name!r} is an image pipeline, not a CLIP model")
        raise InvalidInput(f"model {model.name!r} is not a CLIP model: it has no config.json")
    config = read_json(path)
    kind = config.get("model_type")
    if kind != "clip":
        raise InvalidInput(f"model {model.name!r} is a {kind}, not a CLIP model")
    check_quantisation(path, config)
    check_tokenizer(model.folder)
    check_weights(model.folder)
