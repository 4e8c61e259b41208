"""What is checked of a text model's folder whatever its family: tensors and tokenizer. No torch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache.errors import InvalidInput, ModelDamaged
from engine.models.model_files import CONFIG, weight_paths
from engine.models.registry import FoundModel
from engine.models.text_tokenizer import TextTokenizer
from engine.models.weight_files import TensorFacts, tensor_facts

FLOATS = frozenset({"F64", "F32", "F16", "BF16"})


@dataclass(frozen=True)
class TextFacts:
    """What a text model's folder says of itself."""

    rows: int  # the tokens the model can write
    positions: int  # the longest text, [CLS] and [SEP] included
    words: TextTokenizer


def check_tokenizer(
    name: str,
    pieces: tuple[str, ...],
    roles: Mapping[str, int],
    tokens: Mapping[str, str],
    rows: int,
    *,
    last: str = "sep_token",
) -> None:
    """Raise ModelDamaged for a tokenizer that does not fit a model of so many rows.

    ``last`` is the role of what stands after a text.
    """
    if len(pieces) > rows:
        raise ModelDamaged(
            f"the tokenizer of {name} has {len(pieces)} pieces (the last is {pieces[-1]!r}), "
            f"its model only {rows}: they do not belong together"
        )
    needed = ("mask_token", "cls_token", last)
    for role in needed:
        if role not in roles:
            missing = tokens.get(role, "none")
            raise ModelDamaged(f"the tokenizer of {name} has no {role} ({missing})")
    special = {role: roles[role] for role in needed}
    if len(set(special.values())) < len(special):
        raise ModelDamaged(f"the tokenizer of {name} has one id for several of {special}")


def tensors_of(folder: Path) -> dict[str, TensorFacts]:
    """The tensors of a folder's weights by name. Raises ModelDamaged, naming the file."""
    tensors: dict[str, TensorFacts] = {}
    for path in weight_paths(folder):
        if not path.is_file():
            raise ModelDamaged(f"{path} is missing: the index of weights names it")
        tensors |= tensor_facts(path)
    return tensors


def check_tensors(
    model: FoundModel,
    config: Mapping[str, Any],
    there: Mapping[str, TensorFacts],
    expected: Mapping[str, tuple[int, ...]],
    *,
    head: str,
    beside: re.Pattern[str],
) -> None:
    """Whether a folder's tensors are those of its config, which are ``expected`` by name and shape.

    ``head`` is how the names of the masked language model head begin; ``beside`` matches what a
    checkpoint may hold besides. Raises InvalidInput for a model without a head or with quantised
    weights, ModelDamaged for missing, unknown and misshapen tensors.
    """
    missing = [name for name in expected if name not in there]
    if missing:
        raise _not_all(model, config, missing, head)
    for name, shape in expected.items():
        if there[name].shape != shape:
            raise ModelDamaged(
                f"{model.folder}: {name} must be {_by(shape)} by {CONFIG}, "
                f"its weights are {_by(there[name].shape)}"
            )
        if there[name].dtype not in FLOATS:
            raise InvalidInput(
                f"model {model.name!r} keeps {name} as {there[name].dtype}: quantised weights "
                "are not supported yet"
            )
    if unknown := unknown_tensors(there.keys() - expected.keys(), beside):
        raise ModelDamaged(
            f"{model.folder} holds weights that {CONFIG} knows nothing of: {some(unknown)}"
        )


def unknown_tensors(names: Iterable[str], beside: re.Pattern[str]) -> list[str]:
    """Of tensors that a model has no use for, those that no checkpoint of it should hold."""
    return sorted(name for name in names if not beside.match(name))


def some(names: list[str]) -> str:
    """The first of some names, and how many more there are."""
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def no_head(model: FoundModel, config: Mapping[str, Any], lacks: list[str]) -> InvalidInput:
    """The error for a model that makes no logits."""
    declared = config.get("architectures")
    what = f" (it is a {', '.join(map(str, declared))})" if isinstance(declared, list) else ""
    return InvalidInput(
        f"model {model.name!r} has no masked language model head{what}: "
        f"its weights lack {some(lacks)}"
    )


def size_of(path: Path, config: Mapping[str, Any], name: str, default: int) -> int:
    """A size that a config gives, or its class's own. Raises ModelDamaged."""
    value = config.get(name, default)
    if type(value) is not int or value < 1:
        raise ModelDamaged(f"{path}: {name} must be a whole number above 0, got {value!r}")
    return value


def _not_all(
    model: FoundModel, config: Mapping[str, Any], missing: list[str], head: str
) -> Exception:
    of_head = [name for name in missing if name.startswith(head)]
    if len(of_head) == len(missing):
        return no_head(model, config, of_head)
    return ModelDamaged(f"{model.folder}: its weights lack {some(missing)}")


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a number"
