"""Where embeddings are stored. No torch."""

from __future__ import annotations

from typing import Any

from cache import keys
from engine.chain.keys import Chain, Facts, chain_of
from engine.embed.spec import EmbedSpec
from engine.image.keys import picture_key


def embed_chain(spec: EmbedSpec, fingerprint: str) -> Chain:
    """The chain of a set of embeddings: a start and no steps."""
    return chain_of("embed", spec.facts(), embed_facts(spec, fingerprint))


def embed_facts(spec: EmbedSpec, fingerprint: str) -> list[Facts]:
    """What the one key of a set is made of."""
    return [{"model": fingerprint, "texts": spec.texts, "pictures": spec.pictures}]


def embed_shared(spec: EmbedSpec, _fingerprint: str, _chain: Chain) -> tuple[str, ...]:
    """What a set needs beside its vectors: its pictures."""
    return tuple(picture_key(digest) for digest in spec.pictures)


def embed_work(spec: EmbedSpec, fingerprint: str, chain: Chain) -> tuple[str, ...]:
    """The keys whose presence is its progress: every text and picture, and last the set."""
    facts = [{"text": text} for text in spec.texts]
    facts += [{"picture": digest} for digest in spec.pictures]
    return (*(embedding_key(fingerprint, each) for each in facts), *chain.step_keys)


def embedding_key(fingerprint: str, facts: dict[str, Any]) -> str:
    """Where one text's or one picture's CLIP embedding is stored."""
    return "embedding:" + keys.key("embedding", {"model": fingerprint} | facts)
