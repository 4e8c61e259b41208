"""Whether a folder is a text model that can be run, from its files alone. No torch.

Plans ask this, so that the command line and the pages refuse before anything is computed, and
whether or not it is stored already. ``engine.text.loading`` checks once more what was loaded.
"""

from __future__ import annotations

from functools import lru_cache

from cache.errors import InvalidInput
from engine.models.bert_folder import bert_facts
from engine.models.model_files import CONFIG, INDEX
from engine.models.registry import FoundModel
from engine.models.text_checks import TextFacts
from engine.models.weight_files import read_json

FAMILIES = {"bert": bert_facts}  # by model_type: what tells the facts of its folders


def model_type(model: FoundModel) -> str:
    """The family of a text model's folder, as its config names it. Raises ModelDamaged."""
    # the first BERTs had none: their tensors decide
    return str(read_json(model.folder / CONFIG).get("model_type", "bert"))


@lru_cache(maxsize=16)
def text_facts(model: FoundModel) -> TextFacts:
    """The facts of a folder that can be run as a text model.

    Raises InvalidInput when it is another kind of model, ModelDamaged when something is missing
    from it or cannot be read.
    """
    folder = model.folder
    if not (folder / CONFIG).exists() and (folder / INDEX).exists():
        raise InvalidInput(f"model {model.name!r} is a pipeline of images, not a text model")
    if (folder / "adapter_config.json").exists():
        raise InvalidInput(f"model {model.name!r} is an adapter of another model: merge them first")
    config, kind = read_json(folder / CONFIG), model_type(model)
    if kind not in FAMILIES:
        raise InvalidInput(
            f"model {model.name!r} is a {kind}: {kind} is not supported yet as a text model; "
            f"text models are {', '.join(FAMILIES)} with a masked language model head"
        )
    if config.get("quantization_config") is not None:
        raise InvalidInput(f"model {model.name!r} is quantised, which is not supported yet")
    if config.get("is_decoder"):
        raise InvalidInput(
            f"model {model.name!r} is a decoder (is_decoder in {CONFIG}): it sees no words to the "
            "right of a mask"
        )
    return FAMILIES[kind](model, config)
