"""A folder of a causal language model, which judges texts, from its files alone. No torch."""

from __future__ import annotations

from functools import lru_cache

from cache.errors import InvalidInput
from engine.models.component_files import check_quantisation, check_tokenizer
from engine.models.model_files import CONFIG, INDEX
from engine.models.registry import FoundModel
from engine.models.text_checks import tensors_of
from engine.models.text_folder import FAMILIES, check_no_code
from engine.models.weight_files import read_json

ENDINGS = ("ForCausalLM", "LMHeadModel")


def is_causal(model: FoundModel) -> bool:
    """Whether a folder calls itself a causal language model. Raises ModelDamaged."""
    path = model.folder / CONFIG
    if not path.is_file():
        return False
    config = read_json(path)
    named = config.get("architectures")
    causal = isinstance(named, list) and any(str(name).endswith(ENDINGS) for name in named)
    return causal or (not isinstance(named, list) and config.get("model_type") not in FAMILIES)


@lru_cache(maxsize=16)
def check_causal_folder(model: FoundModel) -> None:
    """Raise InvalidInput for a folder that cannot be run, ModelDamaged for a broken one."""
    path = model.folder / CONFIG
    if not path.is_file() and (model.folder / INDEX).exists():
        raise InvalidInput(f"model {model.name!r} is a pipeline of images, not a text model")
    config = read_json(path)
    check_no_code(model, config)
    check_quantisation(path, config)
    check_tokenizer(model.folder)
    tensors_of(model.folder)
