"""A few runs for an empty store, so that nobody meets an empty dashboard. No torch."""

from __future__ import annotations

from engine import stored_runs
from engine.image_specs import DecodeSpec, ImageSpec
from engine.plans import plan
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


def demo_pictures() -> list[DecodeSpec]:
    """Every picture of the last image run, so that its filmstrip is the autoencoder's own."""
    last = [spec for spec in demo_specs() if isinstance(spec, ImageSpec)][-1]
    planned = plan(last)
    manifest = stored_runs.new_manifest(
        run=planned.chain.run,
        spec=planned.spec.facts(),
        fingerprint=planned.found.fingerprint,
        step_keys=planned.chain.step_keys,
        shared_keys=(),
    )
    return [decode_spec(manifest, "latents"), decode_spec(manifest, "predicted_x0")]
