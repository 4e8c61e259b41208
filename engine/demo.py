"""A few runs for an empty store, so that nobody meets an empty dashboard. No torch."""

from __future__ import annotations

from cache.store import Store
from engine import stored_runs
from engine.image_specs import DecodeSpec, ImageSpec
from engine.run_keys import reveal_counts
from engine.specs import CorruptionSpec, TextSpec
from engine.stored_images import decode_spec

TEMPLATES = (
    "The [MASK] [MASK] [MASK] is the most [MASK] [MASK] in the world.",
    "in the morning the [MASK] [MASK] [MASK] over the [MASK].",
)
CLEAN = "the little boat sails slowly over the calm blue sea."


PROMPT = "a beautiful sunset over the ocean"


def demo_specs() -> list[TextSpec | CorruptionSpec | ImageSpec]:
    """The demo: pictures of two seeds, free text, two templates, one text corrupted two ways.

    Nothing is picked: the seeds are the first ones.
    """
    free = TextSpec(length=12, top_k=5, temperature=1.2)
    specs: list[TextSpec | CorruptionSpec | ImageSpec] = [
        *(ImageSpec(prompt=PROMPT, seed=seed, guidance=4.0) for seed in range(2)),
        CorruptionSpec(text=CLEAN, schedule="linear"),
        CorruptionSpec(text=CLEAN, schedule="cosine"),
        TextSpec(length=12),
    ]
    for template in reversed(TEMPLATES):
        filled = TextSpec(template=template, top_k=5)
        specs += [filled.but(seed=seed) for seed in range(2)]
    # last, and so on top of the Library
    return [*specs, *(free.but(seed=seed) for seed in range(4))]


def demo_steps() -> int:
    """How many steps the demo has in all."""
    return sum(
        len(reveal_counts(spec.mask_count, spec.steps))
        if isinstance(spec, TextSpec)
        else spec.steps
        for spec in demo_specs()
    )


def demo_pictures(store: Store) -> list[DecodeSpec]:
    """Every picture of the newest image run, so that its filmstrip is the autoencoder's own."""
    newest = next(stored_runs.manifests(store, kind="image"))
    return [decode_spec(newest, "latents"), decode_spec(newest, "predicted_x0")]
