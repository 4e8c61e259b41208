"""Embed runs as the store keeps them: to payloads and back. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cache.payload import Payload
from cache.store import Store
from engine.chain import manifests
from engine.chain.malformed import read_as
from engine.chain.records import Floats, Manifest
from engine.embed.records import EmbedRun, TokenEmbeddings


def load_embed_run(store: Store, run: str) -> EmbedRun:
    """A set of CLIP embeddings. Raises MissingFromStore, PayloadDamaged."""
    manifest = manifests.load(store, run)
    payload = store.get(manifest.step_keys[0])
    with read_as(manifest.step_keys[0]):
        return _embed_run(manifest, payload)


def _embed_run(manifest: Manifest, payload: Payload) -> EmbedRun:
    tokens = tuple(
        TokenEmbeddings(tuple(names), payload.arrays[f"tokens.{i}"])
        for i, names in enumerate(payload.meta["tokens"])
    )
    return EmbedRun(
        manifest=manifest,
        texts=tuple(manifest.spec["texts"]),
        pictures=tuple(manifest.spec["pictures"]),
        text_embeddings=payload.arrays["texts"],
        first_token_embeddings=payload.arrays["first_tokens"],
        picture_embeddings=payload.arrays["pictures"],
        token_embeddings=tokens,
        logit_scale=float(payload.meta["logit_scale"]),
    )


def embed_payload(
    *,
    texts: Floats,
    first_tokens: Floats,
    pictures: Floats,
    tokens: Sequence[TokenEmbeddings],
    logit_scale: float,
    provenance: Mapping[str, Any],
) -> Payload:
    """CLIP embeddings as they are stored."""
    arrays = {"texts": texts, "first_tokens": first_tokens, "pictures": pictures}
    arrays |= {f"tokens.{i}": embedding.states for i, embedding in enumerate(tokens)}
    meta = {
        "tokens": [list(embedding.tokens) for embedding in tokens],
        "logit_scale": logit_scale,
        "provenance": dict(provenance),
    }
    return Payload(arrays=arrays, meta=meta)
