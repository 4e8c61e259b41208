"""Image runs for the pages: pictures of steps, the guidance counterfactual, tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cache.errors import PayloadError
from cache.store import Store
from dashboard.data.finished import check_png
from engine.chain.records import Floats, Manifest
from engine.image import stored as image_stored
from engine.image.previews import fits, preview_picture
from engine.image.records import ImageRun, ImageStep, LinearPreview, Picture, Source
from engine.image.spec import Shown
from engine.metrics.latent_trajectory import rms, trajectory


def picture_of(
    store: Store,
    run: ImageRun,
    index: int,
    shows: Shown,
    preview: LinearPreview | None,
    *,
    damaged: set[int] | None = None,
) -> Picture | None:
    """A step's picture: the autoencoder's where it was decoded, else the linear preview.

    None where there is neither, as for the predicted x0 of the start. A picture that cannot be
    read counts as not decoded; the index of its step is added to ``damaged``.
    """
    try:
        decoded = image_stored.find_decoded(store, run.manifest.step_keys[index], shows)
        if decoded is not None:
            check_png(decoded.png)
    except PayloadError:
        decoded = None
        if damaged is not None:
            damaged.add(index)
    if decoded is not None or preview is None:
        return decoded
    latents = shown_latents(run, index, shows)
    if latents is None or not fits(preview, latents):
        return None
    return preview_picture(latents, preview)


def stored_picture(
    store: Store, manifest: Manifest, index: int, shows: Shown, source: Source
) -> Picture | None:
    """One step's picture of one way to make it, without reading the rest of its run.

    A preview has one pixel a latent. None for what is not there. Raises PayloadError.
    """
    if not 0 <= index < len(manifest.step_keys):
        return None
    key = manifest.step_keys[index]
    if source == "decode":
        return image_stored.find_decoded(store, key, shows)
    preview, payload = image_stored.find_preview(store, manifest.fingerprint), store.find(key)
    if preview is None or payload is None or source != "preview":
        return None
    latents = step_latents(image_stored.image_step(payload), shows)
    if latents is None or not fits(preview, latents):
        return None
    return preview_picture(latents, preview, scale=1)


def shown_latents(run: ImageRun, index: int, shows: Shown) -> Floats | None:
    """[C, h, w] a step's latents in unit variance, or its predicted x0; the start has none."""
    return step_latents(run.steps[index], shows)


def step_latents(step: ImageStep, shows: Shown) -> Floats | None:
    """[C, h, w] as ``shown_latents``, of a step."""
    if shows == "latents":
        return step.unit_latents()
    return None if step.predicted_x0 is None else step.predicted_x0.astype(np.float32)


def frames(count: int, last: int) -> list[int]:
    """``count`` step indices from 1 to ``last``, evenly spread, the last one among them."""
    if last < 1:
        return []
    spread = np.linspace(1, last, min(count, last))
    return sorted({round(float(x)) for x in spread})


def counterfactual_x0(before: ImageStep, step: ImageStep, guidance: float) -> Floats | None:
    """[C, h, w] the x0 this step would have predicted under another guidance scale.

    From the step's own two noise predictions and the latents they were made of, without a model
    call: guided = u + g (c - u) (Ho and Salimans 2022, 2207.12598), and its x0 as ``clean_of`` has
    it. What would have followed is not known. None when the step has no unconditional prediction,
    or more noise than float32 can divide out.
    """
    if step.noise_cond is None or step.noise_uncond is None:
        return None
    cond = step.noise_cond.astype(np.float32)
    uncond = step.noise_uncond.astype(np.float32)
    return clean_of(before, step, uncond + np.float32(guidance) * (cond - uncond))


def clean_of(before: ImageStep, step: ImageStep, prediction: Floats) -> Floats | None:
    """[C, h, w] the x0 of a prediction that a step might have made of the latents before it.

    As the model predicts: (x_t - sqrt(1 - abar) p) / sqrt(abar) for noise (Song et al. 2020,
    2010.02502, eq. 9), sqrt(abar) x_t - sqrt(1 - abar) p for v (Salimans and Ho 2022, 2202.00512),
    or p itself. None for more noise than float32 can divide out.
    """
    x_t = before.unit_latents()
    noise, signal = np.float32(np.sqrt(1 - step.alpha_bar)), np.float32(np.sqrt(step.alpha_bar))
    predicts = step.meta.get("prediction_type", "epsilon")
    if predicts == "sample":
        return prediction
    if predicts == "v_prediction":
        return np.asarray(signal * x_t - noise * prediction, np.float32)
    if step.alpha_bar < 1e-6:
        return None
    return np.asarray((x_t - noise * prediction) / signal, np.float32)


def trajectory_table(run: ImageRun) -> pd.DataFrame:
    """One row a step: timestep, noise, and the way of the latents, in unit variance.

    A sampler that lets its latents grow with the noise would otherwise tell of the noise.
    """
    unit = [shown_latents(run, index, "latents") for index in range(len(run.steps))]
    stacked = np.stack([latents for latents in unit if latents is not None])
    way = trajectory(stacked) if len(stacked) > 1 else None
    return pd.DataFrame(
        {
            "step": [step.index for step in run.steps],
            "timestep": [step.timestep for step in run.steps],
            "alpha_bar": [step.alpha_bar for step in run.steps],
            "sigma": [step.sigma for step in run.steps],
            "guidance": [step.guidance for step in run.steps],
            "latent_norm": rms(stacked.astype(np.float64), axis=(1, 2, 3))
            if way is None
            else way.norm,
            "step_length": [np.nan] if way is None else [np.nan, *way.step_length],
            "cosine_to_final": [1.0] if way is None else way.cosine_to_final,
            "seconds": [step.seconds for step in run.steps],
        }
    )
