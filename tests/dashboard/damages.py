"""Ways in which one entry of a store can be bad, each done to one run of every kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from cache.payload import Payload
from cache.store import Store
from engine.chain.manifests import load as load_manifest
from engine.chain.manifests import run_key
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.spec import ImageSpec
from engine.text.stored import vocabulary_key
from tests.cache.entries import database
from tests.dashboard.conftest import FINGERPRINT, SPEC, keep_corruption, keep_image, keep_text
from tests.dashboard.prompt_sets import keep_set

Runs = Mapping[str, tuple[str, ...]]  # by kind: the one that is spoilt, then whole ones
Damage = Callable[[Store, Runs], None]


def fill(store: Store) -> dict[str, tuple[str, ...]]:
    """Runs of every kind, more than one where they are quickly made."""
    text = tuple(keep_text(store, SPEC.but(seed=seed), 6) for seed in (0, 1, 2))
    image = keep_image(store)
    other = ImageSpec(prompt="other", steps=4, width=32, height=32, guidance=3.0)
    return {
        "text": text,
        "corruption": (keep_corruption(store),),
        "image": (image, keep_image(store, spec=other)),
        "embed": (keep_set(store), keep_set(store, texts=("a tree", "a house"))),
    }


def flip(store: Store, key: str) -> None:
    """One bit of a value, as a bad disk would."""
    with database(store) as rows:
        (value,) = rows.execute("SELECT value FROM Cache WHERE key = ?", [key]).fetchone()
        spoilt = bytearray(value)
        spoilt[-1] ^= 1
        rows.execute("UPDATE Cache SET value = ? WHERE key = ?", [bytes(spoilt), key])


def rewrite(store: Store, key: str, **changes: object) -> None:
    """Well framed, with other metadata; None takes a field away."""
    payload = store.get(key)
    meta = {k: v for k, v in {**payload.meta, **changes}.items() if v is not None}
    store.replace(key, Payload(payload.arrays, meta))


def _manifests(change: Callable[[Store, str], None]) -> Damage:
    def damage(store: Store, runs: Runs) -> None:
        for chosen in runs.values():
            change(store, run_key(chosen[0]))

    return damage


def _steps(change: Callable[[Store, str], None]) -> Damage:
    def damage(store: Store, runs: Runs) -> None:
        for chosen in runs.values():
            keys = load_manifest(store, chosen[0]).step_keys
            change(store, keys[min(2, len(keys) - 1)])
            change(store, keys[-1]) if len(keys) > 1 else None

    return damage


def _spec(store: Store, key: str) -> None:
    spec = store.get(key).meta["spec"]
    wrong = {"texts": 3} if spec["kind"] == "embed" else {"seed": "many", "steps": []}
    rewrite(store, key, spec={**spec, **wrong})


def _later_spec(store: Store, key: str) -> None:
    rewrite(store, key, spec={**store.get(key).meta["spec"], "hyperdrive": 1})


def _decoded(store: Store, runs: Runs) -> str:
    return image_keys.decode_key(load_manifest(store, runs["image"][0]).step_keys[-1], "latents")


def _cut_picture(store: Store, runs: Runs) -> None:
    key = _decoded(store, runs)
    noise = np.random.default_rng(0).integers(0, 256, (400, 300, 3), np.uint8)
    png = image_stored.png_bytes(noise)[:-200]
    arrays = {"png": np.frombuffer(png, np.uint8)}
    store.replace(key, Payload(arrays, {"width": 300, "height": 400, "step_key": "step:"}))


def _other_preview(store: Store, runs: Runs) -> None:
    arrays = {"matrix": np.eye(7, 3, dtype=np.float32), "offset": np.zeros(3, np.float32)}
    key = image_keys.preview_key(FINGERPRINT)
    store.replace(key, Payload(arrays, {"r_squared": 0.5, "samples": 1}))


def _text_under_an_image(store: Store, runs: Runs) -> None:
    text, image = (load_manifest(store, runs[kind][0]) for kind in ("text", "image"))
    store.replace(image.step_keys[2], store.get(text.step_keys[2]))
    store.replace(text.step_keys[2], store.get(image.step_keys[1]))


DAMAGES: dict[str, Damage] = {
    "manifest: a bit": _manifests(flip),
    "manifest: one more field": _manifests(lambda s, k: rewrite(s, k, zzz_later={"a": 1})),
    "manifest: no created_at": _manifests(lambda s, k: rewrite(s, k, created_at=None)),
    "manifest: no step_keys": _manifests(lambda s, k: rewrite(s, k, step_keys=None)),
    "manifest: no spec": _manifests(lambda s, k: rewrite(s, k, spec=None)),
    "manifest: wrong types": _manifests(lambda s, k: rewrite(s, k, created_at="x", tags=7)),
    "manifest: a spec that does not parse": _manifests(_spec),
    "manifest: a setting of a later version": _manifests(_later_spec),
    "manifest: a kind of a later version": _manifests(lambda s, k: rewrite(s, k, kind="video")),
    "manifest: not of its key": _manifests(lambda s, k: rewrite(s, k, run="0" * 64)),
    "step: a bit": _steps(flip),
    "step: nothing in it": _steps(lambda s, k: s.replace(k, Payload())),
    "step: of another kind": _text_under_an_image,
    "vocabulary: a bit": lambda s, _: flip(s, vocabulary_key(FINGERPRINT)),
    "vocabulary: nothing in it": lambda s, _: s.replace(vocabulary_key(FINGERPRINT), Payload()),
    "preview: a bit": lambda s, _: flip(s, image_keys.preview_key(FINGERPRINT)),
    "preview: of other channels": _other_preview,
    "picture: a bit": lambda s, runs: flip(s, _decoded(s, runs)),
    "picture: cut short": _cut_picture,
    "picture: nothing in it": lambda s, runs: s.replace(_decoded(s, runs), Payload()),
}
