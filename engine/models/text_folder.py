"""Whether a folder is a text model that can be run, from its files alone. No torch.

Plans ask this, so that the command line and the pages refuse before anything is computed, and
whether or not it is stored already. ``engine.text.loading`` checks once more what was loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cache.errors import InvalidInput
from engine.models.architectures import ARCHITECTURES
from engine.models.bert_folder import bert_facts
from engine.models.masked_lm_folder import masked_lm_facts
from engine.models.model_files import CONFIG, INDEX
from engine.models.registry import FoundModel
from engine.models.text_checks import TextFacts
from engine.models.weight_files import read_json

# by model_type: what tells the facts of its folders
FAMILIES: Mapping[str, Callable[[FoundModel, Mapping[str, Any]], TextFacts]] = dict.fromkeys(
    ARCHITECTURES, masked_lm_facts
) | {"bert": bert_facts}


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
    check_no_code(model, config)
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


def check_no_code(model: FoundModel, config: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a model that is only what it is by Python code of its own."""
    settings = model.folder / "tokenizer_config.json"
    of_tokenizer = read_json(settings) if settings.is_file() else {}
    for name, said in ((CONFIG, config), (settings.name, of_tokenizer)):
        if wanted := said.get("auto_map"):
            what = next(iter(wanted.items())) if isinstance(wanted, dict) else ("code", wanted)
            raise InvalidInput(
                f"model {model.name!r} wants Python code of its own to be run (auto_map in {name}: "
                f"{what[0]} is {what[1]}): code that comes with a model can do anything to this "
                "machine and changes without its weights, so it is never run here"
            )
