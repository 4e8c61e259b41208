"""A fast picture of latents: one linear map from latent channels to RGB. numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cache.errors import PayloadError
from engine.image.records import Latents, LinearPreview, Picture, Pixels
from engine.image.stored import png_bytes


def fit_preview(latents: NDArray[np.floating], pixels: NDArray[np.uint8]) -> LinearPreview:
    """The least-squares map from latents [n, C, h, w] to their pictures [n, H, W, 3].

    Pictures are averaged over the square that a latent covers. ``r_squared`` says how much of the
    colours' variance the map explains on these samples.
    """
    n, channels, h, w = latents.shape
    scale = pixels.shape[1] // h
    blocks = pixels.reshape(n, h, scale, w, scale, 3).mean(axis=(2, 4)) / 255.0
    known = np.moveaxis(latents.astype(np.float64), 1, -1).reshape(-1, channels)
    wanted = blocks.reshape(-1, 3)
    design = np.concatenate([known, np.ones((len(known), 1))], axis=1)
    solution, *_ = np.linalg.lstsq(design, wanted, rcond=None)
    residual = float(((wanted - design @ solution) ** 2).sum())
    total = float(((wanted - wanted.mean(axis=0)) ** 2).sum())
    return LinearPreview(
        matrix=solution[:-1].astype(np.float32),
        offset=solution[-1].astype(np.float32),
        r_squared=1.0 - residual / total if total else 0.0,
        samples=n,
    )


def preview_error(
    preview: LinearPreview, latents: NDArray[np.floating], pixels: NDArray[np.uint8]
) -> float:
    """The root of the mean squared error, in [0, 1], of a map on latents and their pictures.

    Infinite for a map of other channels than the latents have.
    """
    if preview.matrix.shape[0] != latents.shape[1]:
        return float("inf")
    n, _, h, w = latents.shape
    scale = pixels.shape[1] // h
    wanted = pixels.reshape(n, h, scale, w, scale, 3).mean(axis=(2, 4)) / 255.0
    rgb = np.moveaxis(latents.astype(np.float64), 1, -1) @ preview.matrix + preview.offset
    return float(np.sqrt(((rgb - wanted) ** 2).mean()))


def preview_pixels(latents: Latents, preview: LinearPreview, *, scale: int = 8) -> Pixels:
    """[h * scale, w * scale, 3] of latents [C, h, w]; each latent becomes a square.

    Raises PayloadError for latents of another number of channels.
    """
    if not fits(preview, latents):
        raise PayloadError(
            f"the stored preview maps {len(preview.matrix)} channels, and the latents have "
            f"{len(latents)}"
        )
    rgb = np.moveaxis(latents.astype(np.float32), 0, -1) @ preview.matrix + preview.offset
    small: Pixels = (rgb.clip(0.0, 1.0) * 255).round().astype(np.uint8)
    return small.repeat(scale, axis=0).repeat(scale, axis=1)


def fits(preview: LinearPreview, latents: Latents) -> bool:
    """Whether latents have as many channels as a preview maps."""
    return len(preview.matrix) == len(latents)


def preview_picture(latents: Latents, preview: LinearPreview, *, scale: int = 8) -> Picture:
    """The fast picture of latents, marked as a preview."""
    pixels = preview_pixels(latents, preview, scale=scale)
    return Picture(png_bytes(pixels), pixels.shape[1], pixels.shape[0], source="preview")
