"""A few runs for an empty store, so that nobody meets an empty dashboard. No torch."""

from __future__ import annotations

from typing import Any

from cache.store import Store
from engine.chain import manifests
from engine.embed.spec import EmbedSpec
from engine.image.spec import DecodeSpec, ImageSpec
from engine.image.stored import decode_spec, keep_result
from engine.models.scheduler_config import SamplerName
from engine.requests.plans import AnySpec, plan
from engine.text.spec import CorruptionSpec, TextSpec

TEMPLATES = (
    "The [MASK] [MASK] [MASK] is the most [MASK] [MASK] in the world.",
    "in the morning the [MASK] [MASK] [MASK] over the [MASK].",
)
CLEAN = "the little boat sails slowly over the calm blue sea."

PROMPT = "a beautiful sunset over the ocean"
PROMPTS = (
    PROMPT,
    "a gorgeous sunrise by the sea",
    "a cat sleeping on a chair",
    "an architecture diagram of a transformer",
)
SEEDS = range(4)
GUIDANCE = (1.0, 7.5, 4.0)  # the last one is decoded at every step
SAMPLERS: tuple[SamplerName, ...] = ("ddim", "euler", "dpm++", "unipc")
STEPS, REFERENCE_STEPS = (5, 10, 20), (100, 50)  # the second tells how near the first is
TEMPERATURES = (0.7, 2.0, 1.2)
WAYS: tuple[dict[str, Any], ...] = (  # beside the usual rule and steps
    {"steps": 4},
    {"rule": "threshold", "steps": 12},
    {"rule": "entropy-bound", "steps": 12},
)


def demo_specs() -> list[AnySpec]:
    """The demo, enough for the pages to open on something.

    One text corrupted two ways, prompts compared, a greedy text, two templates, a picture by four
    samplers at three step counts, pictures of four seeds at three guidance scales, free texts of
    four seeds at three temperatures and by three more ways of fewer model calls. Nothing is picked:
    the seeds are the first ones.
    """
    free = TextSpec(length=12, top_k=5)
    filled = [TextSpec(template=template, top_k=5) for template in reversed(TEMPLATES)]
    return [
        CorruptionSpec(text=CLEAN, schedule="linear"),
        CorruptionSpec(text=CLEAN, schedule="cosine"),
        EmbedSpec(texts=PROMPTS),
        TextSpec(length=12),
        *(template.but(seed=seed) for template in filled for seed in SEEDS[:2]),
        *_by_samplers(),
        *_images(),
        *(free.but(temperature=TEMPERATURES[-1], seed=seed, **w) for w in WAYS for seed in SEEDS),
        *(free.but(temperature=t, seed=seed) for t in TEMPERATURES for seed in SEEDS),
    ]


def _by_samplers() -> list[ImageSpec]:
    """One picture by several samplers, one run at a time, and what they are measured against."""
    alone = ImageSpec(prompt=PROMPT, guidance=5.0, exact=True)
    each = [alone.but(sampler=name, steps=steps) for name in SAMPLERS for steps in STEPS]
    return [*(alone.but(steps=steps) for steps in REFERENCE_STEPS), *each]


def _images() -> list[ImageSpec]:
    image = ImageSpec(prompt=PROMPT)
    return [image.but(guidance=guidance, seed=seed) for guidance in GUIDANCE for seed in SEEDS]


def demo_embeddings(store: Store) -> list[EmbedSpec]:
    """The pictures as CLIP sees them, for the curve of guidance: computed when they are there."""
    asked = sorted(_images(), key=lambda image: (image.guidance, image.seed))
    digests = [keep_result(store, plan(image).chain.run) for image in asked]
    return [EmbedSpec(texts=(PROMPT,), pictures=tuple(dict.fromkeys(digests)))]


def demo_pictures() -> list[DecodeSpec]:
    """Every picture of the last image run, so that its filmstrip is the autoencoder's own."""
    planned = plan(_images()[-1])
    manifest = manifests.new_manifest(
        run=planned.chain.run,
        spec=planned.spec.facts(),
        fingerprint=planned.model.fingerprint,
        step_keys=planned.chain.step_keys,
        shared_keys=(),
    )
    return [decode_spec(manifest, "latents"), decode_spec(manifest, "predicted_x0")]
