"""How alike a run and its continuations came out, as tables over all pairs. No torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cache.store import Store
from engine.chain.records import Ints, Manifest
from engine.image import stored as image_stored
from engine.metrics.divergence import latent_cosine, token_agreement
from engine.text import stored as text_stored

Table = NDArray[np.floating]  # [1 + n, 1 + n] likeness of a run and its n continuations, 1: equal


def token_likeness(
    store: Store, manifest: Manifest, at: int, ends: Sequence[str]
) -> dict[str, Table]:
    """The share of equal tokens: of all that the run wrote, and of those still masked after ``at``.

    ``ends`` are the keys of the continuations' last steps.
    """
    keys = [manifest.step_keys[-1], *ends]
    tokens = np.stack([text_stored.text_step(store.get(key)).tokens for key in keys])
    _, mask_id = text_stored.load_vocabulary(store, manifest.shared_keys[0])
    start, before = (
        text_stored.text_step(store.get(manifest.step_keys[i])).tokens == mask_id for i in (0, at)
    )
    return {"tokens": _agreement(tokens, start), "masked tokens": _agreement(tokens, before)}


def latent_likeness(
    store: Store, manifest: Manifest, _at: int, ends: Sequence[str]
) -> dict[str, Table]:
    """The cosine of the final latents; ``ends`` are the keys of the continuations' last steps."""
    keys = [manifest.step_keys[-1], *ends]
    latents = np.stack(
        [image_stored.image_step(store.get(key)).latents.astype(np.float32) for key in keys]
    )
    return {"latents": latent_cosine(latents[:, None])[0]}


def _agreement(tokens: Ints, positions: NDArray[np.bool_]) -> Table:
    """Of ``tokens`` [run, position], at some positions."""
    table: Table = token_agreement(tokens[:, positions][:, None])[0]
    return table
