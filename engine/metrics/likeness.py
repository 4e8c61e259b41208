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
from engine.text.records import written_by

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
    first = [text_stored.text_step(store.get(key)) for key in manifest.step_keys[:2]]
    masked_kernel = manifest.spec.get("kernel", "absorbing") == "absorbing"
    start = written_by(first, mask_id, masked_kernel=masked_kernel)
    alike = {"tokens": _agreement(tokens, start)}
    if masked_kernel:  # otherwise any token may still change
        before = text_stored.text_step(store.get(manifest.step_keys[at])).tokens == mask_id
        alike["masked tokens"] = _agreement(tokens, before)
    return alike


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
