"""What embeddings from elsewhere must hold before a store takes them in. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cache.payload import Payload
from engine.chain.payload_checks import must, must_be_floats, must_be_words


def check_embeddings(payload: Payload, spec: Mapping[str, Any], _index: int) -> tuple[int, ...]:
    """The width of a set of embeddings. Raises one of Malformed."""
    texts, pictures = payload.arrays["texts"], payload.arrays["pictures"]
    width = texts.shape[1]
    must_be_floats(texts, (len(spec["texts"]), width), "texts")
    must_be_floats(payload.arrays["first_tokens"], texts.shape, "first_tokens")
    must_be_floats(pictures, (len(spec["pictures"]), width), "pictures")
    names = payload.meta["tokens"]
    must(isinstance(names, list) and len(names) == len(texts), "has no tokens")
    for i, words in enumerate(names):
        must_be_words(words)
        must_be_floats(payload.arrays[f"tokens.{i}"], (len(words), width), f"tokens.{i}")
    must(isinstance(payload.meta["logit_scale"], int | float), "has no logit_scale")
    return (width,)


def check_embedding(payload: Payload, _digest: str) -> None:
    """One remembered text or picture. Raises one of Malformed."""
    pooled = payload.arrays["pooled"]
    must_be_floats(pooled, (len(pooled),), "pooled")
    if "states" in payload.arrays:
        words = payload.meta["tokens"]
        must_be_words(words)
        must_be_floats(payload.arrays["states"], (len(words), len(pooled)), "states")
