"""Whether what was just loaded is a text model to be believed; nothing is stored before this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch

from cache.errors import ModelDamaged
from engine.models.architectures import Architecture
from engine.models.registry import FoundModel
from engine.models.text_checks import check_tokenizer, some, unknown_tensors
from engine.models.text_tokenizer import by_id


class Loaded(Protocol):
    """A model of transformers with its tokenizer and the ids that it puts around a text."""

    model: Any
    tokenizer: Any

    @property
    def frame(self) -> tuple[list[int], list[int]]:
        """The ids before and after a text."""


def check_loaded(
    source: FoundModel, loaded: Loaded, info: Mapping[str, Any], architecture: Architecture
) -> None:
    """Raise ModelDamaged for random, unused or not finite weights, or a tokenizer that misfits.

    ``info`` is what ``from_pretrained(output_loading_info=True)`` gives beside the model.
    """
    _check_names(source, loaded.model, info, architecture)
    _check_finite(source, loaded.model)
    rows = int(loaded.model.get_input_embeddings().weight.shape[0])
    _check_tokenizer(source, loaded.tokenizer, architecture, rows=rows)
    _check_forward(source, loaded, rows=rows)


def _check_names(
    source: FoundModel, model: Any, info: Mapping[str, Any], architecture: Architecture
) -> None:
    tied = getattr(model.config, "tie_word_embeddings", True) is not False
    made = architecture.tied if tied else frozenset[str]()
    missing = sorted(set(info.get("missing_keys") or ()) - made)
    missing = [name for name in missing if not architecture.harmless.match(name)]
    if missing:
        raise ModelDamaged(f"{source.folder}: its weights lack {_named(missing)}")
    if wrong := sorted(map(str, info.get("mismatched_keys") or ())):
        raise ModelDamaged(f"{source.folder}: weights of other shapes than its config: {wrong[0]}")
    if unknown := unknown_tensors(info.get("unexpected_keys") or (), architecture.harmless):
        raise ModelDamaged(
            f"{source.folder} holds weights that no part of it uses: {_named(unknown)}"
        )


def _named(names: Sequence[str], most: int = 4) -> str:
    """The first names of some, and how many more there are."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])}, {some(list(names[most - 1 :]))}"


def _check_finite(source: FoundModel, model: Any) -> None:
    for name, weight in model.named_parameters():
        if not bool(torch.isfinite(weight).all()):
            count = int((~torch.isfinite(weight)).sum())
            raise ModelDamaged(
                f"{source.folder}: {name} has {count} values that are not finite (nan or inf)"
            )


def _check_tokenizer(
    source: FoundModel, tokenizer: Any, architecture: Architecture, *, rows: int
) -> None:
    tokens = {role: getattr(tokenizer, role) for role in architecture.tokens}
    ids = {role: getattr(tokenizer, f"{role}_id") for role in tokens if tokens[role] is not None}
    check_tokenizer(
        source.name,
        by_id(tokenizer.get_vocab()),
        {role: int(token) for role, token in ids.items() if token is not None},
        {role: str(token) for role, token in tokens.items() if token is not None},
        rows,
        last=architecture.last,
    )


@torch.inference_mode()
def _check_forward(source: FoundModel, loaded: Loaded, *, rows: int) -> None:
    """One forward of the shortest text: finite weights can still overflow."""
    before, after = loaded.frame
    ids = [[*before, int(loaded.tokenizer.mask_token_id), *after]]
    logits = loaded.model(input_ids=torch.tensor(ids, device=loaded.model.device)).logits
    if logits.shape[-1] != rows:
        raise ModelDamaged(
            f"{source.folder}: it writes {logits.shape[-1]} tokens, its embeddings have {rows}"
        )
    if not bool(torch.isfinite(logits).all()):
        raise ModelDamaged(f"{source.folder}: the model says nan or inf of a single [MASK]")
