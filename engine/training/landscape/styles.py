"""The four styles: what photo, watercolor, oil and pencil do to a finished picture."""

from __future__ import annotations

import numpy as np

from engine.training.landscape.canvas import Array, Canvas, colour, noise, smoothstep
from engine.training.landscape.scene import Style

PAPER = colour(0.97, 0.95, 0.90)
DAB_CELLS = 15


def apply_style(canvas: Canvas, rng: np.random.Generator, style: Style) -> None:
    """Turn the painted picture into the style, in place."""
    canvas.image = np.clip(canvas.image, 0.0, 1.0)
    {"photo": _photo, "watercolor": _watercolor, "oil": _oil, "sketch": _sketch}[style](canvas, rng)
    canvas.image = np.clip(canvas.image, 0.0, 1.0)


def _photo(canvas: Canvas, rng: np.random.Generator) -> None:
    squared = (canvas.x - 0.5) ** 2 + (canvas.y - 0.5) ** 2
    vignette = 1.0 - float(rng.uniform(0.05, 0.3)) * squared
    canvas.image *= vignette[..., None]


def _watercolor(canvas: Canvas, rng: np.random.Generator) -> None:
    size = canvas.size
    washed = _displaced(canvas, rng, reach=0.022)
    pigment = noise(rng, size, 5, 5, 2)[..., None]
    tone = PAPER * (1.0 - (1.0 - washed) * (0.72 + 0.42 * pigment))
    tone = tone + 0.08 * (PAPER - tone)
    edge = np.minimum(
        np.minimum(canvas.x, 1.0 - canvas.x), np.minimum(canvas.y, 1.0 - canvas.y)
    ) + 0.045 * (noise(rng, size, 5, 5, 1) - 0.5)
    inside = smoothstep(0.01, 0.07, edge.astype(np.float32))
    canvas.image = PAPER + (tone - PAPER) * inside[..., None]


def _oil(canvas: Canvas, rng: np.random.Generator) -> None:
    grey = canvas.image.mean(axis=-1, keepdims=True)
    rich = np.clip(grey + (canvas.image - grey) * 1.38, 0.0, 1.0)
    rich = np.clip(0.5 + (rich - 0.5) * 1.08, 0.0, 1.0)
    canvas.image = rich
    canvas.image = 0.38 * rich + 0.62 * _dabs(canvas, rng)


def _dabs(canvas: Canvas, rng: np.random.Generator) -> Array:
    """The picture laid down in slanted dabs of paint, each of one colour."""
    n = DAB_CELLS
    jitter = rng.random((n + 2, n + 2, 2), dtype=np.float32)
    slant = float(rng.uniform(-0.9, 0.9))
    shade = rng.uniform(0.90, 1.10, (n + 2, n + 2)).astype(np.float32)
    cell_x = np.floor(canvas.x * n).astype(np.int64) + np.zeros_like(canvas.y, dtype=np.int64)
    cell_y = np.floor(canvas.y * n).astype(np.int64) + np.zeros_like(canvas.x, dtype=np.int64)
    weights = np.zeros((canvas.size, canvas.size, 1), dtype=np.float32)
    total = np.zeros_like(canvas.image)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            i, j = cell_y + dy, cell_x + dx
            at = jitter[i + 1, j + 1]
            centre_x, centre_y = (j + at[..., 0]) / n, (i + at[..., 1]) / n
            along = (canvas.x - centre_x) + slant * (canvas.y - centre_y)
            across = (canvas.y - centre_y) - slant * (canvas.x - centre_x)
            weight = np.exp(-((along / 0.052) ** 2 + (across / 0.030) ** 2) * 3.0)[..., None]
            row = np.clip((centre_y * canvas.size).astype(np.int64), 0, canvas.size - 1)
            column = np.clip((centre_x * canvas.size).astype(np.int64), 0, canvas.size - 1)
            total += weight * canvas.image[row, column] * shade[i + 1, j + 1][..., None]
            weights += weight
    return np.asarray(total / (weights + 1e-6), dtype=np.float32)


def _sketch(canvas: Canvas, rng: np.random.Generator) -> None:
    grey = canvas.image.mean(axis=-1)
    low, high = np.percentile(grey, [1, 99])
    grey = np.clip((grey - low) / (high - low + 1e-3), 0.0, 1.0).astype(np.float32)
    step = max(1, round(canvas.size / 64))
    across = np.abs(np.roll(grey, -step, 1) - np.roll(grey, step, 1))
    down = np.abs(np.roll(grey, -step, 0) - np.roll(grey, step, 0))
    across[:, :step] = across[:, -step:] = 0.0
    down[:step] = down[-step:] = 0.0
    lines = smoothstep(0.06, 0.6, across + down)
    slope = float(rng.choice([-1.0, 1.0])) * float(rng.uniform(0.6, 1.2))
    wobble = 0.05 * noise(rng, canvas.size, 3, 3, 2)
    hatch = 0.5 + 0.5 * np.sin(2 * np.pi * 8.0 * (canvas.x + slope * canvas.y + wobble))
    dark = 1.0 - grey
    graphite = 0.58 * dark + 0.08 * dark * hatch + 0.42 * lines
    tone = np.clip(1.0 - graphite, 0.14, 1.0)[..., None]
    warm = colour(0.97, 0.95, 0.91) + float(rng.uniform(-0.02, 0.02))
    canvas.image = np.asarray(tone * warm, dtype=np.float32)


def _displaced(canvas: Canvas, rng: np.random.Generator, *, reach: float) -> Array:
    """The picture read at places pushed about by smooth noise."""
    size = canvas.size
    push = [(noise(rng, size, 6, 6, 2) - 0.5) * 2 * reach for _ in range(2)]
    column = np.clip(np.rint((canvas.x + push[0]) * size - 0.5), 0, size - 1).astype(np.int64)
    row = np.clip(np.rint((canvas.y + push[1]) * size - 0.5), 0, size - 1).astype(np.int64)
    return canvas.image[row, column]
