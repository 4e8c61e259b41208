"""What a run that is being computed has come to: its last stored step, and no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cache.store import Store
from engine import stored_images, stored_runs
from engine.image_previews import preview_picture
from engine.image_records import Picture
from engine.records import Manifest


@dataclass(frozen=True, slots=True)
class EmergingText:
    """The words after the last stored step; None at masked positions."""

    step: int
    of: int
    words: tuple[str | None, ...]
    revealed: frozenset[int]  # positions the step revealed


@dataclass(frozen=True, slots=True, eq=False)
class EmergingPicture:
    """The pictures of the last stored step; None where the model has no preview yet."""

    step: int
    of: int
    latents: Picture | None
    predicted_x0: Picture | None


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
    step = stored_runs.stored_steps(store, manifest)
    payload = store.find(manifest.step_keys[step])
    if payload is None:
        return None
    tokens = payload.arrays["tokens"].tolist()
    words = tuple(None if token == mask_id else pieces[token] for token in tokens)
    revealed = frozenset(payload.arrays.get("revealed", np.zeros(0, np.int32)).tolist())
    return EmergingText(step, manifest.step_count, words, revealed)


def emerging_picture(store: Store, manifest: Manifest) -> EmergingPicture | None:
    """An image run as far as it has come; None before its start is stored."""
    step = stored_runs.stored_steps(store, manifest)
    payload = store.find(manifest.step_keys[step])
    if payload is None:
        return None
    taken = stored_images.image_step(payload)
    decoded = stored_images.find_decoded(store, manifest.step_keys[step], "latents")
    preview = stored_images.find_preview(store, manifest.fingerprint)
    latents, predicted = decoded, None
    if preview is not None:
        if latents is None:
            scaled = taken.latents.astype(np.float32) * np.float32(taken.latents_scale)
            latents = preview_picture(scaled, preview)
        if taken.predicted_x0 is not None:
            predicted = preview_picture(taken.predicted_x0.astype(np.float32), preview)
    return EmergingPicture(step, manifest.step_count, latents, predicted)
