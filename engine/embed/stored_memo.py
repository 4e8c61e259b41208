"""CLIP embeddings that the store already holds, one text or picture at a time. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cache.store import Store
from engine.chain.malformed import read_as
from engine.chain.records import Floats
from engine.embed import keys as embed_keys
from engine.embed.spec import EmbedSpec


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """Unit vectors of one CLIP model: of prompts by their text, of pictures by their digest."""

    texts: Mapping[str, Floats]  # [dimension] each
    pictures: Mapping[str, Floats]  # [dimension] each

    def has(self, texts: Sequence[str], pictures: Sequence[str]) -> bool:
        """Whether all of these are there."""
        return set(texts) <= set(self.texts) and set(pictures) <= set(self.pictures)

    def of_pictures(self, digests: Sequence[str]) -> Floats:
        """[n, dimension] the embeddings of some pictures that are all there."""
        return np.stack([self.pictures[digest] for digest in digests])


def find_embeddings(store: Store, spec: EmbedSpec, fingerprint: str) -> Embeddings:
    """What the store has of a spec's embeddings under a CLIP model of that fingerprint.

    All of them when the spec itself was computed; else what other embed runs left in memory.
    """
    key = embed_keys.embed_chain(spec, fingerprint).step_keys[0]
    whole = store.find(key)
    if whole is not None:
        with read_as(key):
            return Embeddings(
                texts=dict(zip(spec.texts, whole.arrays["texts"], strict=True)),
                pictures=dict(zip(spec.pictures, whole.arrays["pictures"], strict=True)),
            )
    return Embeddings(
        texts=_remembered(store, fingerprint, "text", spec.texts),
        pictures=_remembered(store, fingerprint, "picture", spec.pictures),
    )


def _remembered(
    store: Store, fingerprint: str, kind: str, names: Sequence[str]
) -> dict[str, Floats]:
    keys = [embed_keys.embedding_key(fingerprint, {kind: name}) for name in names]
    remembered: dict[str, Floats] = {}
    for name, key in zip(names, keys, strict=True):
        payload = store.find(key)
        if payload is not None:
            with read_as(key):
                remembered[name] = payload.arrays["pooled"]
    return remembered
