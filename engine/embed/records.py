"""What an embed run leaves behind, as plain numpy. No torch, no store."""

from __future__ import annotations

from dataclasses import dataclass

from engine.chain.records import Floats, Manifest


@dataclass(frozen=True, slots=True, eq=False)
class TokenEmbeddings:
    """CLIP's projected states of a prompt's tokens, unit length, start and end tokens included."""

    tokens: tuple[str, ...]
    states: Floats  # [token, dimension]


@dataclass(frozen=True, slots=True, eq=False)
class EmbedRun:
    """CLIP embeddings of texts and pictures, unit length, in the order of the spec."""

    manifest: Manifest
    texts: tuple[str, ...]
    pictures: tuple[str, ...]  # digests
    text_embeddings: Floats  # [text, dimension], end-of-text pooled and projected
    first_token_embeddings: Floats  # [text, dimension], the start token's state: the same for all
    picture_embeddings: Floats  # [picture, dimension]
    token_embeddings: tuple[TokenEmbeddings, ...]  # one a text
    logit_scale: float
