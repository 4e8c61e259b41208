"""Whether what was just loaded is a text model to be believed; nothing is stored before this."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch

from cache.errors import ModelDamaged
from engine.models.registry import FoundModel
from engine.models.text_checks import check_tokenizer, some, unknown_tensors
from engine.models.word_pieces import ROLES


def check_loaded(
    source: FoundModel,
    model: Any,
    tokenizer: Any,
    info: Mapping[str, Any],
    *,
    made: frozenset[str],
    beside: re.Pattern[str],
) -> None:
    """Raise ModelDamaged for random, unused or not finite weights, or a tokenizer that misfits.

    ``info`` is what ``from_pretrained(output_loading_info=True)`` gives beside the model. Of its
    family: ``made`` are weights that loading makes from others, ``beside`` matches names of what
    a checkpoint may hold besides.
    """
    _check_names(source, info, made, beside)
    _check_finite(source, model)
    _check_tokenizer(source, tokenizer, rows=int(model.config.vocab_size))
    _check_forward(source, model, tokenizer)


def _check_names(
    source: FoundModel, info: Mapping[str, Any], made: frozenset[str], beside: re.Pattern[str]
) -> None:
    missing = sorted(set(info.get("missing_keys") or ()) - made)
    missing = [name for name in missing if not name.endswith("position_ids")]
    if missing:
        raise ModelDamaged(f"{source.folder}: its weights lack {some(missing)}")
    wrong = sorted(str(item) for item in info.get("mismatched_keys") or ())
    if wrong:
        raise ModelDamaged(f"{source.folder}: weights of other shapes than its config: {wrong[0]}")
    if unknown := unknown_tensors(info.get("unexpected_keys") or (), beside):
        raise ModelDamaged(
            f"{source.folder} holds weights that no part of it uses: {some(unknown)}"
        )


def _check_finite(source: FoundModel, model: Any) -> None:
    for name, weight in model.named_parameters():
        if not bool(torch.isfinite(weight).all()):
            count = int((~torch.isfinite(weight)).sum())
            raise ModelDamaged(
                f"{source.folder}: {name} has {count} values that are not finite (nan or inf)"
            )


def _check_tokenizer(source: FoundModel, tokenizer: Any, *, rows: int) -> None:
    tokens = {role: getattr(tokenizer, role) for role in ROLES}
    ids = {role: getattr(tokenizer, f"{role}_id") for role in ROLES if tokens[role] is not None}
    known = tokenizer.get_vocab()
    pieces = [""] * (max(known.values(), default=-1) + 1)
    for piece, token in known.items():
        pieces[token] = piece
    check_tokenizer(
        source.name,
        tuple(pieces),
        {role: int(token) for role, token in ids.items() if token is not None},
        {role: str(token) for role, token in tokens.items() if token is not None},
        rows,
    )


@torch.inference_mode()
def _check_forward(source: FoundModel, model: Any, tokenizer: Any) -> None:
    """One forward of the shortest text: finite weights can still overflow."""
    ids = [[tokenizer.cls_token_id, tokenizer.mask_token_id, tokenizer.sep_token_id]]
    logits = model(input_ids=torch.tensor(ids, device=model.device)).logits
    if logits.shape[-1] != int(model.config.vocab_size):
        raise ModelDamaged(
            f"{source.folder}: it writes {logits.shape[-1]} tokens, "
            f"its config says {model.config.vocab_size}"
        )
    if not bool(torch.isfinite(logits).all()):
        raise ModelDamaged(f"{source.folder}: the model says nan or inf of a single [MASK]")
