"""What payloads of text runs from elsewhere must hold before a store takes them in. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cache.payload import Payload
from engine.chain.payload_checks import (
    must,
    must_be_floats,
    must_be_integers,
    must_be_positions,
)
from engine.text import stored as text_stored
from engine.text.records import TextStep
from engine.text.vocabularies import vocabulary_of


def check_text(payload: Payload, _spec: Mapping[str, Any], index: int) -> tuple[int, ...]:
    """The shape of a text step. Raises one of Malformed."""
    must(payload.meta["index"] == index, f"is step {payload.meta['index']}, not {index}")
    must(isinstance(payload.meta["seconds"], int | float), "has no seconds")
    step = text_stored.text_step(payload)
    length, masked = len(step.tokens), len(step.masked)
    must_be_integers(step.tokens, length, "tokens")
    for name, count in (("revealed", len(step.revealed)), ("masked", masked)):
        must_be_positions(getattr(step, name), count, length, name)
    for name in ("written", "taken_back"):
        must_be_positions(getattr(step, name), len(getattr(step, name)), length, name)
    must(not set(step.taken_back.tolist()) & set(step.masked.tolist()), "masks what was masked")
    if len(step.held):
        must_be_floats(step.held, (length,), "held")
    if len(step.window):
        must_be_integers(step.window, 5, "window")
    must(set(step.revealed.tolist()) <= set(step.masked.tolist()), "reveals what was not masked")
    must_be_integers(step.proposed, masked, "proposed")
    for name in ("confidence", "entropy_nats", "probability"):
        must_be_floats(getattr(step, name), (masked,), name)
    _check_steered(step, masked)
    must(step.candidates.ndim == 2 and len(step.candidates) == masked, "has no candidates")
    must(step.candidates.dtype.kind in "iu", "has no candidates")
    must_be_floats(step.candidate_probability, step.candidates.shape, "candidate_probability")
    must(isinstance(step.meta, Mapping), "has no provenance")
    return step.tokens.shape


def _check_steered(step: TextStep, masked: int) -> None:
    """What a steered step keeps beside the rest."""
    if not len(step.choices):
        return
    shape = step.choices.shape
    must(len(shape) == 2 and shape[0] == masked, "has no choices")
    must(step.choices.dtype.kind in "iu", "has no choices")
    must_be_floats(step.conditional, shape, "conditional")
    must_be_floats(step.plain, (masked,), "plain")
    for name in ("unconditional", "energy"):
        if len(getattr(step, name)):
            must_be_floats(getattr(step, name), shape, name)


def check_corruption(payload: Payload, _spec: Mapping[str, Any], index: int) -> tuple[int, ...]:
    """The shape of a level of corruption. Raises one of Malformed."""
    must(payload.meta["index"] == index, f"is step {payload.meta['index']}, not {index}")
    step = text_stored.corruption_step(payload)
    must_be_integers(step.tokens, len(step.tokens), "tokens")
    must(step.masked.dtype == bool and step.masked.shape == step.tokens.shape, "masks")
    must(0.0 <= step.mask_probability <= 1.0, "has a mask_probability outside 0 to 1")
    return step.tokens.shape


def check_vocabulary(payload: Payload, _digest: str) -> None:
    """A stored vocabulary. Raises one of Malformed."""
    vocabulary_size(payload)


def vocabulary_size(payload: Payload) -> int:
    """How many pieces a vocabulary has."""
    return len(vocabulary_of(payload)[0])


def tokens_below(payload: Payload, count: int) -> bool:
    """Whether every token id of a text or corruption step is one of ``count`` pieces."""
    names = [n for n in ("tokens", "proposed", "candidates", "choices") if n in payload.arrays]
    arrays = [payload.arrays[name] for name in names]
    return all(not a.size or (a.min() >= 0 and a.max() < count) for a in arrays)
