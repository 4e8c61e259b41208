"""What a payload from elsewhere must hold before a store takes it in. No torch.

A key is a hash of what a step was made from, not of the step, so nobody can tell without the
model that a step is true. What can be told is whether it has the shape of one: a page that opens
it will show it. ``runs replay`` computes a step anew and compares.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from cache.keys import HEX
from cache.payload import Payload
from engine import stored_images, stored_runs
from engine.chains import MADE_FOR
from engine.image_records import Pixels
from engine.records import TextStep
from engine.vocabularies import vocabulary_of


def check_step(payload: Payload, kind: str, spec: Mapping[str, Any], index: int) -> tuple[int, ...]:
    """The shape that all steps of a run share, of its step ``index``. Raises one of Malformed."""
    maker = payload.meta.get(MADE_FOR)
    told = isinstance(maker, str) and HEX.fullmatch(maker) is not None
    _must(maker is None or told, "says it was made for what is no run")
    if kind == "embed":
        return _check_embeddings(payload, spec)
    _must(payload.meta["index"] == index, f"is step {payload.meta['index']}, not {index}")
    if kind == "image":
        return _check_image(payload)
    if kind == "corruption":
        step = stored_runs.corruption_step(payload)
        _integers(step.tokens, len(step.tokens), "tokens")
        _must(step.masked.dtype == bool and step.masked.shape == step.tokens.shape, "masks")
        _must(0.0 <= step.mask_probability <= 1.0, "has a mask_probability outside 0 to 1")
        return step.tokens.shape
    seconds = payload.meta["seconds"]
    _must(isinstance(seconds, int | float), "has no seconds")
    return _check_text(stored_runs.text_step(payload))


def tokens_below(payload: Payload, count: int) -> bool:
    """Whether every token id of a text or corruption step is one of ``count`` pieces."""
    names = [n for n in ("tokens", "proposed", "candidates") if n in payload.arrays]
    arrays = [payload.arrays[name] for name in names]
    return all(not a.size or (a.min() >= 0 and a.max() < count) for a in arrays)


def check_shared(kind: str, digest: str, payload: Payload) -> None:
    """A vocabulary, picture, preview or embedding under ``kind:digest``. Raises as above."""
    CHECKS[kind](payload, digest)


def vocabulary_size(payload: Payload) -> int:
    """How many pieces a vocabulary has."""
    return len(vocabulary_of(payload)[0])


def _check_text(step: TextStep) -> tuple[int, ...]:
    length, masked = len(step.tokens), len(step.masked)
    _integers(step.tokens, length, "tokens")
    for name, count in (("revealed", len(step.revealed)), ("masked", masked)):
        _positions(getattr(step, name), count, length, name)
    _positions(step.written, len(step.written), length, "written")
    _must(set(step.revealed.tolist()) <= set(step.masked.tolist()), "reveals what was not masked")
    _integers(step.proposed, masked, "proposed")
    for name in ("confidence", "entropy_nats", "probability"):
        _floats(getattr(step, name), (masked,), name)
    _must(step.candidates.ndim == 2 and len(step.candidates) == masked, "has no candidates")
    _must(step.candidates.dtype.kind in "iu", "has no candidates")
    _floats(step.candidate_probability, step.candidates.shape, "candidate_probability")
    _must(isinstance(step.meta, Mapping), "has no provenance")
    return step.tokens.shape


def _check_image(payload: Payload) -> tuple[int, ...]:
    step = stored_images.image_step(payload)
    shape = step.latents.shape
    _must(len(shape) == 3 and 0 < step.latents.size <= 2**24, f"has latents of shape {shape}")
    for name in stored_images.STEP_ARRAYS:
        array = getattr(step, name)
        if array is not None:
            _floats(array, shape, name)
    numbers = [payload.meta[name] for name in stored_images.STEP_NUMBERS]
    _must(all(isinstance(number, int | float) for number in numbers), "has no numbers")
    norms = step.norms
    _must(isinstance(norms, Mapping), "has no norms")
    _must(all(isinstance(norm, int | float) for norm in norms.values()), "has norms of text")
    _must(isinstance(step.meta, Mapping), "has no provenance")
    return shape


def _check_embeddings(payload: Payload, spec: Mapping[str, Any]) -> tuple[int, ...]:
    texts, pictures = payload.arrays["texts"], payload.arrays["pictures"]
    width = texts.shape[1]
    _floats(texts, (len(spec["texts"]), width), "texts")
    _floats(payload.arrays["first_tokens"], texts.shape, "first_tokens")
    _floats(pictures, (len(spec["pictures"]), width), "pictures")
    names = payload.meta["tokens"]
    _must(isinstance(names, list) and len(names) == len(texts), "has no tokens")
    for i, words in enumerate(names):
        _words(words)
        _floats(payload.arrays[f"tokens.{i}"], (len(words), width), f"tokens.{i}")
    _must(isinstance(payload.meta["logit_scale"], int | float), "has no logit_scale")
    return (width,)


def _check_vocabulary(payload: Payload, _digest: str) -> None:
    vocabulary_size(payload)


def _check_png(payload: Payload, _digest: str) -> None:
    _decoded(payload)


def _decoded(payload: Payload) -> Pixels:
    """All pixels of a picture: one that was cut short shows itself only when it is drawn."""
    data = payload.arrays["png"]
    _must(data.dtype == np.uint8 and data.ndim == 1, "has no PNG")
    size = (payload.meta["width"], payload.meta["height"])
    with Image.open(io.BytesIO(data.tobytes()), formats=["PNG"]) as opened:
        _must(opened.size == size, f"is {opened.size}, and says it is {size}")
        most = stored_images.LARGEST_SIDE
        _must(max(size) <= most, f"must be at most {most} pixels a side, got {size}")
        opened.verify()
    return stored_images.picture_pixels(data.tobytes())


def _check_picture(payload: Payload, digest: str) -> None:
    same = stored_images.picture_digest(_decoded(payload)) == digest
    _must(same, "is not the picture of its key")


def _check_preview(payload: Payload, _digest: str) -> None:
    matrix = payload.arrays["matrix"]
    _floats(matrix, (len(matrix), 3), "matrix")
    _floats(payload.arrays["offset"], (3,), "offset")
    for name in ("r_squared", "samples"):
        _must(isinstance(payload.meta[name], int | float), f"has no {name}")


def _check_embedding(payload: Payload, _digest: str) -> None:
    pooled = payload.arrays["pooled"]
    _floats(pooled, (len(pooled),), "pooled")
    if "states" in payload.arrays:
        words = payload.meta["tokens"]
        _words(words)
        _floats(payload.arrays["states"], (len(words), len(pooled)), "states")


CHECKS: Mapping[str, Callable[[Payload, str], None]] = {
    "vocab": _check_vocabulary,
    "picture": _check_picture,
    "decode": _check_png,
    "preview": _check_preview,
    "embedding": _check_embedding,
}


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _words(words: object) -> None:
    whole = isinstance(words, list) and all(isinstance(word, str) for word in words)
    _must(whole, "has tokens that are no text")


def _integers(array: np.ndarray, count: int, name: str) -> None:
    whole = array.shape == (count,) and array.dtype.kind in "iu"
    _must(whole, f"must have {count} integers as {name}, got {array.dtype} {array.shape}")


def _positions(array: np.ndarray, count: int, length: int, name: str) -> None:
    _integers(array, count, name)
    inside = not count or (array.min() >= 0 and array.max() < length)
    _must(bool(inside), f"has {name} outside the text's {length} positions")


def _floats(array: np.ndarray, shape: Sequence[int], name: str) -> None:
    whole = array.shape == tuple(shape) and array.dtype.kind == "f"
    _must(whole, f"must have {name} of shape {tuple(shape)}, got {array.dtype} {array.shape}")
