"""What the folder of an image pipeline says of itself in its JSON files. No torch."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cache.errors import InvalidInput
from engine.models.families import sdxl, stable_diffusion
from engine.models.families.facts import PipelineFacts
from engine.models.registry import FoundModel
from engine.models.weight_files import read_json

# by the class that model_index.json names: what tells the facts of its folders
FAMILIES = {
    **dict.fromkeys(stable_diffusion.CLASSES, stable_diffusion.stable_diffusion_facts),
    **dict.fromkeys(sdxl.CLASSES, sdxl.sdxl_facts),
}


@lru_cache(maxsize=16)
def pipeline_facts(model: FoundModel) -> PipelineFacts:
    """The facts of a pipeline folder, which is looked through without loading anything.

    Raises InvalidInput when the model is no pipeline that can be computed here,
    ModelDamaged when its files cannot be read or are not whole.
    """
    index = _index(model)
    return FAMILIES[str(index["_class_name"])](model, index)


def _index(model: FoundModel) -> dict[str, Any]:
    path = model.folder / "model_index.json"
    if not path.exists():
        raise InvalidInput(
            f"model {model.name!r} is not an image model: it has no model_index.json"
        )
    index = read_json(path)
    name = index.get("_class_name")
    if not isinstance(name, str) or name not in FAMILIES:
        raise InvalidInput(
            f"model {model.name!r} is a {name}; image models are of {', '.join(FAMILIES)}"
        )
    return index
