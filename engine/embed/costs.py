"""What sets of embeddings cost before they are computed. No torch."""

from __future__ import annotations

from engine.chain.costs import Budget
from engine.embed.spec import EmbedSpec

BUDGET = Budget("STEPSCOPE_EMBED_BUDGET", 50_000, "texts and pictures")


def embed_size(spec: EmbedSpec) -> int:
    """Texts and pictures."""
    return len(spec.texts) + len(spec.pictures)
