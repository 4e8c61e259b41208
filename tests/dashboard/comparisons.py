"""Groups of image runs made by hand: finished pictures of known colours, and their embeddings."""

from __future__ import annotations

import numpy as np

from cache.payload import Payload
from cache.store import Store
from engine.chain import manifests
from engine.embed import keys as embed_keys
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.keys import image_chain
from engine.image.records import ImageStep, LinearPreview
from engine.image.spec import ImageSpec
from engine.models.registry import find_model
from tests.dashboard.conftest import FINGERPRINT

SIDE = 16
BASE = ImageSpec(prompt="a <b>calm</b> sea", steps=4, width=SIDE, height=SIDE)


def pixels_of(seed: int, scale: float, *, side: int = SIDE) -> np.ndarray:
    """[side, side, 3] noise of a seed that fades to one grey as the scale grows."""
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3)).astype(float)
    return (128 + (noise - 128) / scale).astype(np.uint8)


def keep_run(store: Store, spec: ImageSpec, pixels: np.ndarray | None) -> str:
    """Store a run with every step; without ``pixels`` only its start. Its id."""
    chain = image_chain(spec, FINGERPRINT)
    latents = np.zeros((4, 2, 2), np.float32)
    skipped = spec.skipped_steps
    for index, key in enumerate(chain.step_keys):
        if index and pixels is None:
            break
        position = skipped + index
        step = ImageStep(
            index=index,
            latents=latents,
            timestep=1000.0 - 100 * position,
            alpha_bar=position / 10,
            position=position if index else 0,
        )
        store.put(key, image_stored.image_payload(step, provenance={"layout": "by hand"}))
    if pixels is not None:
        key = chain.step_keys[-1]
        payload = image_stored.decoded_payload(key, pixels)
        store.put(image_keys.decode_key(key, "latents"), payload)
    manifest = manifests.new_manifest(
        run=chain.run,
        spec=spec.facts(),
        fingerprint=FINGERPRINT,
        step_keys=chain.step_keys,
        shared_keys=(),
    )
    manifests.put(store, manifest)
    return chain.run


def keep_guidance(store: Store, *, scales=(1.0, 5.0, 15.0), seeds=range(4)) -> dict:
    """Store finished runs of every scale and seed: (scale, seed) -> id."""
    return {
        (scale, seed): keep_run(store, BASE.but(guidance=scale, seed=seed), pixels_of(seed, scale))
        for scale in scales
        for seed in seeds
    }


def keep_img2img(store: Store, *, strengths=(0.5, 0.75), seeds=range(2)) -> dict:
    """Store an original and finished runs from it: (strength, seed) -> id."""
    original = image_stored.keep_pixels(store, np.full((SIDE, SIDE, 3), 128, np.uint8))
    base = BASE.but(init_image=original, strength=1.0)
    preview = LinearPreview(np.zeros((4, 3), np.float32), np.full(3, 0.5, np.float32), 0.9, 8)
    image_stored.keep_preview(store, FINGERPRINT, preview)
    return {
        (strength, seed): keep_run(
            store, base.but(strength=strength, seed=seed), pixels_of(seed, 1 / strength)
        )
        for strength in strengths
        for seed in seeds
    }


def embed_everything(store: Store, runs: dict) -> None:
    """Remember embeddings of the prompt and of every run's result under the built-in CLIP.

    A result's cosine to the prompt grows with the first number of its name; seeds differ in a
    direction of their own.
    """
    clip = find_model("builtin-clip").fingerprint
    remember(store, clip, {"text": BASE.prompt}, np.eye(8, dtype=np.float32)[0])
    for (amount, seed), run in runs.items():
        vector = np.zeros(8, np.float32)
        vector[0], vector[1 + seed] = amount, 1.0
        manifest = manifests.load(store, run)
        png = image_stored.find_result(store, manifest).png
        digest = image_stored.picture_digest(image_stored.picture_pixels(png))
        remember(store, clip, {"picture": digest}, vector / np.linalg.norm(vector))


def remember(store: Store, fingerprint: str, facts: dict, vector: np.ndarray) -> None:
    """Keep one embedding as an embed run leaves it."""
    key = embed_keys.embedding_key(fingerprint, facts)
    store.put(key, Payload(arrays={"pooled": vector}, meta={}))
