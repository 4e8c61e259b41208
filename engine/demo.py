"""A few runs for an empty store, so that nobody meets an empty dashboard. No torch."""

from __future__ import annotations

from engine.cached_runs import AnySpec
from engine.specs import CorruptionSpec, TextSpec

TEMPLATES = (
    "The [MASK] [MASK] [MASK] is the most [MASK] [MASK] in the world.",
    "in the morning the [MASK] [MASK] [MASK] over the [MASK].",
)
CLEAN = "the little boat sails slowly over the calm blue sea."


def demo_specs() -> list[AnySpec]:
    """The demo: free text greedy and drawn, two templates, one text corrupted two ways.

    Nothing is picked: the seeds are the first ones.
    """
    free = TextSpec(length=12, top_k=5, temperature=1.2)
    specs: list[AnySpec] = [TextSpec(length=12)]
    specs += [free.but(seed=seed) for seed in range(4)]
    for template in TEMPLATES:
        filled = TextSpec(template=template, top_k=5)
        specs += [filled.but(seed=seed) for seed in range(2)]
    specs += [CorruptionSpec(text=CLEAN, schedule="linear")]
    specs += [CorruptionSpec(text=CLEAN, schedule="cosine")]
    return specs
