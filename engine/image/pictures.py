"""Latents to pictures: the full autoencoder, kept in the store, and the fit of the fast preview."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from cache.store import Store
from engine import image_keys, stored_images
from engine.image.stable_diffusion import StableDiffusion
from engine.image_previews import fit_preview
from engine.image_specs import Shown

FITTED_PICTURES = 16


def decode_and_keep(
    store: Store,
    model: StableDiffusion,
    step_keys: Sequence[str],
    latents: Sequence[Tensor],
    shows: Shown,
) -> int:
    """Decode latents [1, C, h, w] of steps that have no picture yet; how many that were.

    One at a time: a picture has the bits that a pipeline's own batch of one has, whatever else
    was asked for beside it.
    """
    decoded = 0
    for key, each in zip(step_keys, latents, strict=True):
        if store.has(image_keys.decode_key(key, shows)):
            continue
        stored_images.keep_decoded(store, key, shows, model.decode(each)[0])
        decoded += 1
    return decoded


def fit_preview_once(store: Store, model: StableDiffusion, latents: Sequence[Tensor]) -> None:
    """Fit the model's latent-to-RGB map on decoded samples, unless it is stored already."""
    if stored_images.find_preview(store, model.fingerprint) is not None:
        return
    some = torch.cat(list(latents[:FITTED_PICTURES])).float().cpu()
    pixels = np.stack(model.decode(some))
    stored_images.keep_preview(store, model.fingerprint, fit_preview(some.numpy(), pixels))
