"""Runs of several samplers made by hand: latents whose distance to the limit is known."""

from __future__ import annotations

import numpy as np

from cache.store import Store
from engine.chain import manifests
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.keys import image_chain
from engine.image.records import ImageStep
from engine.image.spec import ImageSpec
from tests.dashboard.conftest import FINGERPRINT

SIDE = 16
BASE = ImageSpec(prompt="a <b>calm</b> sea", steps=4, width=SIDE, height=SIDE, exact=True)
LIMIT = np.random.default_rng(0).normal(size=(4, 2, 2)).astype(np.float32)
AWAY = np.random.default_rng(1).choice([-1.0, 1.0], size=(4, 2, 2)).astype(np.float32)


def keep_sampled(
    store: Store, spec: ImageSpec, apart: float, *, layout: str = "exact", count: int | None = None
) -> str:
    """Store a run whose last latents are ``apart`` (RMS) from LIMIT, or its first steps; its id.

    Its first evaluation took 1 second, every other whole one 0.1, every shallow one 0.05.
    """
    chain = image_chain(spec, FINGERPRINT)
    keys = chain.step_keys[: None if count is None else count + 1]
    for index, key in enumerate(keys):
        step = _step(spec, index, len(chain.step_keys) - 1, apart)
        provenance = {"device": "cpu", "threads": 1, "layout": layout}
        store.put(key, image_stored.image_payload(step, provenance=provenance))
    if len(keys) == len(chain.step_keys):
        pixels = np.full((SIDE, SIDE, 3), round(100 + 100 * min(apart, 1)), np.uint8)
        payload = image_stored.decoded_payload(keys[-1], pixels)
        store.put(image_keys.decode_key(keys[-1], "latents"), payload)
    manifest = manifests.new_manifest(
        run=chain.run,
        spec=spec.facts(),
        fingerprint=FINGERPRINT,
        step_keys=chain.step_keys,
        shared_keys=(),
    )
    manifests.put(store, manifest)
    return chain.run


def keep_comparison(store: Store) -> dict[str, str]:
    """Store ddim of 4, 8 and 100 steps, heun, dpm++ in a shared batch, DeepCache, ddpm: by name."""
    ddim = {n: BASE.but(steps=n) for n in (4, 8, 100)}
    return {
        "ddim 4": keep_sampled(store, ddim[4], 0.4),
        "ddim 8": keep_sampled(store, ddim[8], 0.2),
        "ddim 100": keep_sampled(store, ddim[100], 0.0),
        "heun 4": keep_sampled(store, BASE.but(sampler="heun"), 0.1),
        "dpm++ 4": keep_sampled(
            store, BASE.but(sampler="dpm++", exact=False), 0.3, layout="batch of 8"
        ),
        "deepcache 8": keep_sampled(store, ddim[8].but(accelerator="deepcache"), 0.5),
        "ddpm 4": keep_sampled(store, BASE.but(sampler="ddpm"), 1.0),
    }


def _step(spec: ImageSpec, index: int, last: int, apart: float) -> ImageStep:
    if index == 0:
        return ImageStep(index=0, latents=AWAY)
    deep = spec.accelerator == "deepcache"
    shallow = deep and image_keys.last_whole_pass(spec, index) != index
    done = index / last
    return ImageStep(
        index=index,
        # stored twice as large, as Euler's family stores its latents
        latents=2 * (LIMIT + np.float32(apart) * AWAY),
        latents_scale=0.5,
        noise_cond=AWAY,
        noise_uncond=AWAY if spec.guidance_at(1) > 1 else None,
        timestep=1000 * (1 - done),
        sigma=1 - done,
        alpha_bar=done,
        guidance=spec.guidance_at(1),
        position=index,
        seconds=1.0 if index == 1 else 0.05 if shallow else 0.1,
    )
