"""What a run that is being computed has come to: its last stored step, and no other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cache.store import Store
from dashboard.figures.sentence import reveal_confidence
from engine.chain import manifests
from engine.chain.malformed import read_as
from engine.chain.records import Manifest
from engine.image import stored as image_stored
from engine.image.previews import preview_picture
from engine.image.records import LinearPreview, Picture
from engine.text.stored import text_step

Way = Literal["decoded", "linear preview", "latent channels as colours"]


@dataclass(frozen=True, slots=True)
class EmergingText:
    """The words after the last stored step; None at masked positions.

    ``confidence`` is the sampler's when each was revealed; nan where there is none.
    """

    step: int
    of: int
    words: tuple[str | None, ...]
    revealed: frozenset[int]  # positions the step revealed
    confidence: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class EmergingPicture:
    """The pictures of the last stored step; the start has no predicted x0.

    ``way`` says how latents became colours: decoded, a linear preview, or the bare channels of a
    model that has no preview yet, because it has not finished a picture here.
    """

    step: int
    of: int
    latents: Picture
    predicted_x0: Picture | None
    way: Way


def at_work(store: Store, manifests: Sequence[Manifest], *, most: int) -> list[Manifest]:
    """The runs to watch, in order: those on their way, else those finished last, else waiting."""
    wanted = list(dict.fromkeys(key for m in manifests for key in m.step_keys))
    there = dict(zip(wanted, store.present(wanted), strict=True))
    stored = [sum(there[key] for key in m.step_keys) for m in manifests]
    whole = [len(m.step_keys) for m in manifests]
    moving = [i for i, count in enumerate(stored) if 1 < count < whole[i]]
    over = [i for i, count in enumerate(stored) if count == whole[i]]
    started = [i for i, count in enumerate(stored) if count == 1 < whole[i]]
    chosen = sorted((moving + over[::-1] + started)[:most])
    return [manifests[i] for i in chosen]


def emerging_text(
    store: Store, manifest: Manifest, *, pieces: Sequence[str], mask_id: int
) -> EmergingText | None:
    """A text or corruption run as far as it has come; None before its start is stored."""
    step = manifests.stored_steps(store, manifest)
    payload = store.find(manifest.step_keys[step])
    if payload is None:
        return None
    with read_as(manifest.step_keys[step]):
        tokens = payload.arrays["tokens"].tolist()
        words = tuple(None if token == mask_id else pieces[token] for token in tokens)
        revealed = frozenset(payload.arrays.get("revealed", np.zeros(0, np.int32)).tolist())
    confidence = _confidences(store, manifest, step, len(words))
    return EmergingText(step, manifest.step_count, words, revealed, confidence)


def _confidences(store: Store, manifest: Manifest, last: int, length: int) -> tuple[float, ...]:
    """[length] how sure the sampler was of every token that stands now, when it was revealed."""
    if manifest.kind != "text":
        return (math.nan,) * length
    steps = [text_step(store.get(key)) for key in manifest.step_keys[1 : last + 1]]
    masked_kernel = manifest.spec.get("kernel", "absorbing") == "absorbing"
    return tuple(reveal_confidence(steps, length, masked_kernel=masked_kernel).tolist())


def emerging_picture(store: Store, manifest: Manifest) -> EmergingPicture | None:
    """An image run as far as it has come; None before its start is stored."""
    step = manifests.stored_steps(store, manifest)
    payload = store.find(manifest.step_keys[step])
    if payload is None:
        return None
    taken = image_stored.image_step(payload)
    preview = image_stored.find_preview(store, manifest.fingerprint)
    colours = preview or _bare_channels(len(taken.latents))
    scaled = taken.unit_latents()
    decoded = image_stored.find_decoded(store, manifest.step_keys[step], "latents")
    x0 = taken.predicted_x0
    return EmergingPicture(
        step=step,
        of=manifest.step_count,
        latents=decoded or preview_picture(scaled, colours),
        predicted_x0=None if x0 is None else preview_picture(x0.astype(np.float32), colours),
        way="decoded" if decoded else "linear preview" if preview else "latent channels as colours",
    )


def _bare_channels(channels: int) -> LinearPreview:
    """The first three latent channels as red, green and blue: shapes without true colours."""
    matrix = np.eye(channels, 3, dtype=np.float32) * np.float32(0.2)
    return LinearPreview(matrix, np.full(3, 0.5, np.float32), r_squared=0.0, samples=0)
