"""A folder of a masked language model that is no BERT, from its files alone. No torch.

Which tensors its class wants in all is known once it is loaded (``loaded_text``); here is what
says most: a head, embeddings of the config's size, a tokenizer that belongs to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cache.errors import InvalidInput, ModelDamaged
from engine.models.architectures import ARCHITECTURES, Architecture
from engine.models.model_files import CONFIG
from engine.models.other_tokenizers import read_tokenizer
from engine.models.registry import FoundModel
from engine.models.text_checks import (
    FLOATS,
    TextFacts,
    check_tokenizer,
    no_head,
    size_of,
    tensors_of,
)
from engine.models.weight_files import TensorFacts, read_json

NO_LIMIT = 10**9  # what tokenizers without a length limit say is far more


def masked_lm_facts(model: FoundModel, config: Mapping[str, Any]) -> TextFacts:
    """The facts of a folder and its config.

    Raises InvalidInput for a model without a head or one that cannot be run here, ModelDamaged
    when something is missing from the folder or cannot be read.
    """
    architecture = ARCHITECTURES[str(config["model_type"])]
    rows = _rows(model, architecture, config)
    words = read_tokenizer(model.folder, architecture)
    check_tokenizer(
        model.name, words.pieces, words.roles, words.tokens, rows, last=architecture.last
    )
    # ESM zeroes masked embeddings by the config's id, not by the tokenizer's
    said, own = config.get("mask_token_id"), words.roles["mask_token"]
    if config.get("token_dropout") and said != own:
        raise ModelDamaged(
            f"{model.folder / CONFIG}: mask_token_id is {said}, its tokenizer's mask is {own}"
        )
    positions = _positions(model, architecture, config)
    return TextFacts(rows, min(positions, _own_limit(model)), words)


def _rows(model: FoundModel, architecture: Architecture, config: Mapping[str, Any]) -> int:
    there = tensors_of(model.folder)
    if not any(_named(name, there, "") for name in architecture.head_tensors):
        raise no_head(model, config, list(architecture.head_tensors[:1]))
    name = _named(architecture.embeddings, there, architecture.base)
    if name is None:
        raise ModelDamaged(
            f"{model.folder}: its weights lack {architecture.base}.{architecture.embeddings}"
        )
    facts = there[name]
    if facts.dtype not in FLOATS:
        raise InvalidInput(
            f"model {model.name!r} keeps {name} as {facts.dtype}: quantised weights are not "
            "supported yet"
        )
    rows = facts.shape[0] if facts.shape else 0
    said = config.get("vocab_size")
    if said is not None and said != rows:
        raise ModelDamaged(
            f"{model.folder}: {name} has {rows} rows, vocab_size in {CONFIG} is {said!r}"
        )
    return rows


def _named(name: str, there: Mapping[str, TensorFacts], base: str) -> str | None:
    """The tensor of that name, with its prefix or, as bases are saved, without."""
    names = (f"{base}.{name}", name) if base else (name,)
    return next((each for each in names if each in there), None)


def _positions(model: FoundModel, architecture: Architecture, config: Mapping[str, Any]) -> int:
    path = model.folder / CONFIG
    most = size_of(path, config, "max_position_embeddings", architecture.positions)
    longest = architecture.longest(most, config.get("pad_token_id"))
    if longest < 3:
        raise ModelDamaged(
            f"{path}: max_position_embeddings must be at least {most - longest + 3}, got {most}"
        )
    return longest


def _own_limit(model: FoundModel) -> int:
    """The most tokens that the tokenizer itself says a text has, those around it included."""
    path = model.folder / "tokenizer_config.json"
    said = read_json(path).get("model_max_length") if path.is_file() else None
    return said if type(said) is int and 3 <= said < NO_LIMIT else NO_LIMIT
