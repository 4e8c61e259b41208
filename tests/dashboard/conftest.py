"""A store with a few small runs, made without torch, and a clean Streamlit for every test."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import streamlit as st

from cache.store import Store
from engine.chain import manifests
from engine.chain.chains import made_for
from engine.chain.records import Manifest
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.keys import image_chain
from engine.image.records import ImageStep, LinearPreview
from engine.image.spec import ImageSpec
from engine.requests.plans import parse_spec, shared_with
from engine.text import stored as text_stored
from engine.text.corrupt import corrupt_at
from engine.text.keys import corruption_chain, text_chain
from engine.text.records import CorruptionStep, TextRun, TextStep
from engine.text.spec import CorruptionSpec, TextSpec
from tests.dashboard.stub_cluster import StubCluster

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "<b>sea</b>", "is", "calm", "."]
PIECES += [f"word{i}" for i in range(20)]
MASK_ID = 4
FINAL = [5, 6, 7, 8, 9]
FINGERPRINT = "f" * 64
SPEC = TextSpec(length=5, steps=5, top_k=5, temperature=1.2)


@pytest.fixture(autouse=True, scope="session")
def no_installed_components() -> Iterator[None]:
    """Every AppTest would look through all installed packages for components; none brings one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", list)
        yield


@pytest.fixture(autouse=True)
def clean_streamlit() -> Iterator[None]:
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


def hand_made_steps(seed: int = 0, count: int = 6) -> list[TextStep]:
    """Reveals FINAL from left to right with plain, known numbers."""
    steps = []
    for index in range(count):
        masked = np.arange(max(0, index - 1), 5, dtype=np.int32) if index else np.zeros(0, np.int32)
        m = len(masked)
        tokens = np.array(FINAL[:index] + [MASK_ID] * (5 - index), np.int32)
        ids = np.tile(np.arange(5, 21, dtype=np.int32), (m, 1))
        for row, position in enumerate(masked):
            ids[row, 0] = FINAL[position]
        probabilities = np.tile(np.linspace(0.4, 0.01, 16, dtype=np.float32), (m, 1))
        steps.append(
            TextStep(
                index=index,
                tokens=tokens,
                revealed=masked[:1],
                masked=masked,
                proposed=np.array([FINAL[p] for p in masked], np.int32),
                confidence=np.linspace(0.9, 0.3, m, dtype=np.float32),
                entropy_nats=np.linspace(0.5, 2.0 + seed, m, dtype=np.float32),
                probability=np.linspace(0.8, 0.2, m, dtype=np.float32),
                candidates=ids,
                candidate_probability=probabilities,
                seconds=0.01,
                meta={"layout": "by hand"},
            )
        )
    return steps


@pytest.fixture
def run() -> TextRun:
    """A complete text run, in memory only."""
    chain = text_chain(SPEC, FINGERPRINT)
    return TextRun(_manifest(SPEC.facts(), chain), tuple(hand_made_steps()), tuple(PIECES), MASK_ID)


@pytest.fixture
def empty_store(private_store) -> Iterator[Store]:
    """The dashboard's own store, with nothing in it."""
    with Store.open(private_store) as store:
        yield store


@pytest.fixture
def small_store(empty_store: Store) -> Store:
    """Two whole seeds, a partial third, and a corruption."""
    for seed, count in ((2, 3), (0, 6), (1, 6)):
        keep_text(empty_store, SPEC.but(seed=seed), count)
    keep_image(empty_store)
    keep_corruption(empty_store)
    return empty_store


def keep_text(store: Store, spec: TextSpec, count: int) -> str:
    """Store the first ``count`` steps of a hand-made run; its id."""
    chain = text_chain(spec, FINGERPRINT)
    text_stored.keep_vocabulary(store, FINGERPRINT, PIECES, MASK_ID)
    for key, step in zip(chain.step_keys, hand_made_steps(spec.seed, count), strict=False):
        store.put(key, made_for(chain.run, text_stored.text_payload(step, None, step.meta)))
    manifests.put(store, _manifest(spec.facts(), chain))
    return chain.run


def keep_corruption(store: Store) -> str:
    """Store a whole forward process; its id."""
    spec = CorruptionSpec(text="the sea is calm.", steps=4)
    chain = corruption_chain(spec, FINGERPRINT)
    tokens = np.array(FINAL, np.int32)
    text_stored.keep_vocabulary(store, FINGERPRINT, PIECES, MASK_ID)
    for level, key in enumerate(chain.step_keys):
        step: CorruptionStep = corrupt_at(spec, tokens, level, mask_id=MASK_ID)
        store.put(key, text_stored.corruption_payload(step))
    manifests.put(store, _manifest(spec.facts(), chain))
    return chain.run


def _manifest(spec, chain) -> Manifest:
    return manifests.new_manifest(
        run=chain.run,
        spec=spec,
        fingerprint=FINGERPRINT,
        step_keys=chain.step_keys,
        shared_keys=shared_with(parse_spec(spec), FINGERPRINT, chain),
    )


IMAGE_SPEC = ImageSpec(prompt="a <b>calm</b> sea", steps=4, width=32, height=32, guidance=3.0)


def image_steps(count: int = 5) -> list[ImageStep]:
    """A start and steps whose predictions are consistent: x0 is the same at every step."""
    rng = np.random.default_rng(0)
    x0 = rng.normal(size=(4, 4, 4)).astype(np.float32)
    noise = rng.normal(size=(4, 4, 4)).astype(np.float32)
    bars = [0.05, 0.3, 0.6, 0.9, 1.0]

    def at(bar: float) -> np.ndarray:
        return (np.sqrt(bar) * x0 + np.sqrt(1 - bar) * noise).astype(np.float32)

    steps = [ImageStep(index=0, latents=at(bars[0]))]
    for index in range(1, count):
        steps.append(
            ImageStep(
                index=index,
                latents=at(bars[index]),
                noise_cond=noise,
                noise_uncond=noise - np.float32(0.1),
                predicted_x0=x0,
                timestep=1000.0 - 200 * index,
                sigma=1.0,
                alpha_bar=bars[index - 1],
                guidance=3.0,
                position=index,
                seconds=0.1,
            )
        )
    return steps


def keep_image(store: Store, *, pictures: bool = True, spec: ImageSpec = IMAGE_SPEC) -> str:
    """Store a hand-made image run, its last picture decoded, and a preview; its id."""
    chain = image_chain(spec, FINGERPRINT)
    for key, step in zip(chain.step_keys, image_steps(), strict=True):
        store.put(key, image_stored.image_payload(step, provenance={"layout": "by hand"}))
    if pictures:
        key = chain.step_keys[-1]
        pixels = np.full((32, 32, 3), 120, np.uint8)
        payload = image_stored.decoded_payload(key, pixels)
        store.put(image_keys.decode_key(key, "latents"), payload)
        matrix = np.eye(4, 3, dtype=np.float32) * np.float32(0.1)
        preview = LinearPreview(matrix, np.full(3, 0.5, np.float32), r_squared=0.9, samples=8)
        image_stored.keep_preview(store, FINGERPRINT, preview)
    manifests.put(store, _manifest(spec.facts(), chain))
    return chain.run


@pytest.fixture
def cluster(empty_store, monkeypatch):
    """Jobs that nobody computes, in place of a worker."""
    stub = StubCluster(empty_store)
    monkeypatch.setattr("dashboard.ui.jobs._cluster", lambda _: stub)
    return stub
