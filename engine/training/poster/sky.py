"""Skies: the disc and its glow, stars, northern lights, rainbows, clouds and banks of fog."""

from __future__ import annotations

import numpy as np

from engine.training.poster.canvas import Colour, Gradient, Points, ellipse, mix, rgb
from engine.training.poster.looks import Look
from engine.training.poster.placing import place_x
from engine.training.poster.scene import Scene, Thing

WHITE = np.ones(3, np.float32)


def paint_sky(look: Look, rng: np.random.Generator, scene: Scene, horizon: float) -> float:
    """Everything behind the lands; the x of sun or moon, or the middle without one."""
    look.sky(horizon)
    if scene.of("stars"):
        _stars(look, rng, horizon)
    if scene.of("aurora"):
        _aurora(look, rng, horizon)
    x = _disc(look, rng, scene, scene.disc, horizon) if scene.disc else 0.5
    if scene.of("rainbow"):
        _rainbow(look, rng, horizon)
    clouds = scene.of("cloud")
    if clouds:
        _clouds(look, rng, clouds.count, horizon)
    return x


def _disc(look: Look, rng: np.random.Generator, scene: Scene, disc: Thing, horizon: float) -> float:
    x = place_x(rng, disc.side)
    low = scene.time in ("sunrise", "sunset")
    radius = float(rng.uniform(0.085, 0.13) if low else rng.uniform(0.07, 0.1))
    y = horizon - float(rng.uniform(0.0, 0.26)) if low else float(rng.uniform(0.13, 0.25))
    colour = look.palette.disc
    look.canvas.glow(x, y, 3.2 * radius, mix(look.tone(colour), look.palette.sky[2], 0.3), 0.55)
    shape = ellipse(x, y, radius, radius, corners=56)
    if disc.kind == "crescent":
        shape = _crescent(x, y, radius)
    look.disc(shape, colour)
    return x


def _crescent(x: float, y: float, radius: float) -> Points:
    outer = np.linspace(-0.45 * np.pi, 1.05 * np.pi, 40)
    inner = outer[::-1]
    hollow_x, hollow_y, hollow = x - 0.36 * radius, y - 0.36 * radius, 0.86 * radius
    ends = [(x + radius * np.cos(a), y + radius * np.sin(a)) for a in outer]
    back = [(hollow_x + hollow * np.cos(a), hollow_y + hollow * np.sin(a)) for a in inner]
    return [(float(px), float(py)) for px, py in ends + back]


def _stars(look: Look, rng: np.random.Generator, horizon: float) -> None:
    """A dozen four-pointed stars, spread out by keeping their distance."""
    placed: list[tuple[float, float]] = []
    for _ in range(60):
        x, y = float(rng.uniform(0.05, 0.95)), float(rng.uniform(0.04, 0.72 * horizon))
        if len(placed) < 11 and all((x - a) ** 2 + (y - b) ** 2 > 0.024 for a, b in placed):
            placed.append((x, y))
            size = float(rng.uniform(0.017, 0.03))
            angles = np.arange(8) * np.pi / 4
            radii = np.where(np.arange(8) % 2 == 0, size, 0.42 * size)
            look.light(
                [(x + float(r * np.cos(a)), y + float(r * np.sin(a)))
                 for a, r in zip(angles, radii, strict=True)],
                rgb("#fff8dc"),
            )  # fmt: skip


def _aurora(look: Look, rng: np.random.Generator, horizon: float) -> None:
    """Two or three curtains that hang from a wave and fade upwards."""
    x, y = look.canvas.x[None, :], look.canvas.y[:, None]
    colours = [("#45f0a0", "#3fd0e0"), ("#5af59a", "#9a6cf0"), ("#3fe8c0", "#e06cc8")]
    lower, upper = (rgb(code) for code in colours[int(rng.integers(len(colours)))])
    for k in range(int(rng.integers(2, 4))):
        middle = horizon * float(rng.uniform(0.5, 0.8)) - 0.09 * k
        wave = (
            middle
            + 0.06 * np.sin(x * rng.uniform(4, 8) + rng.uniform(0, 6.3))
            + (0.035 * np.sin(x * rng.uniform(9, 14) + rng.uniform(0, 6.3)))
        )
        above = (wave - y) / float(rng.uniform(0.2, 0.32))
        curtain = np.where(above > 0, np.exp(-2.2 * above) - 0.1, np.exp(-((above * 9) ** 2)) * 0.9)
        strength = np.clip(curtain, 0, 1) * (0.72 + 0.28 * np.sin(x * 11 + 3 * k))
        look.canvas.veil((0.72 * strength).astype(np.float32), Gradient(
            upper, lower, middle - 0.25, middle
        ))  # fmt: skip


def _rainbow(look: Look, rng: np.random.Generator, horizon: float) -> None:
    x, radius = float(rng.uniform(0.35, 0.65)), float(rng.uniform(0.42, 0.5))
    codes = ("#e5484d", "#f59a3c", "#f7d54a", "#4fb66b", "#4a86e0", "#8a5cc4")
    for k, code in enumerate(codes):
        r = radius - 0.026 * k
        arc = np.linspace(np.pi, 2 * np.pi, 48)
        points = [(x + r * float(np.cos(a)), horizon + 0.05 + r * float(np.sin(a))) for a in arc]
        look.canvas.line(points, look.accent(rgb(code)), 0.03, opacity=0.85)


def _clouds(look: Look, rng: np.random.Generator, count: int, horizon: float) -> None:
    slots = (np.arange(count) + 0.5) / count
    body = mix(look.palette.sky[2], WHITE, 0.25 if look.palette.night else 0.55)
    if look.palette.night:
        body = mix(body, look.palette.sky[1], 0.45)
    for slot in rng.permutation(slots):
        x = float(slot) + float(rng.uniform(-0.06, 0.06))
        y = horizon * float(rng.uniform(0.22, 0.62))
        paint_cloud(look, rng, x, y, float(rng.uniform(0.24, 0.36)), body)


def paint_cloud(
    look: Look, rng: np.random.Generator, x: float, y: float, width: float, colour: Colour
) -> None:
    """A cloud of three puffs on a flat base, its lower part a little darker."""
    height = 0.26 * width
    shapes = [
        ellipse(x - 0.26 * width, y - 0.12 * height, 0.2 * width, 0.55 * height),
        ellipse(x + 0.02 * width, y - 0.5 * height, 0.25 * width, 0.95 * height),
        ellipse(x + 0.27 * width, y - 0.1 * height, 0.21 * width, 0.6 * height),
        ellipse(x, y + 0.12 * height, 0.5 * width, 0.36 * height),
    ]
    if rng.random() < 0.5:
        shapes = [[(2 * x - px, py) for px, py in shape] for shape in shapes]
    look.plant(*shapes, colour=colour)


def fog_bank(look: Look, y: float, thickness: float, strength: float = 0.75) -> None:
    """A soft band of haze across the picture."""
    away = (look.canvas.y[:, None] - y) / thickness
    amount = (strength * np.exp(-(away**2))).astype(np.float32)
    look.canvas.veil(amount, look.tone(mix(look.palette.haze, WHITE, 0.2)))
