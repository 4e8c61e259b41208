"""Sweeps for the page: what was typed to specs, and stored cells to a grid of what they show."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cache.errors import InvalidInput
from cache.store import Store
from dashboard.data.finished import thumbnail
from engine.chain.chains import steps_stored
from engine.image import stored as image_stored
from engine.image.precisions import auto_precision
from engine.image.previews import preview_picture
from engine.image.records import LinearPreview
from engine.image.spec import ImageSpec
from engine.metrics.latent_trajectory import rms
from engine.requests.plans import AnySpec, Plan, plan
from engine.requests.sweeps import cells, expand, parse_axes, parse_skip
from engine.text import stored as text_stored
from engine.text.joining import join_pieces
from engine.text.spec import MASK, TextSpec
from engine.text.spellings import spell

MOST_CELLS = 1024  # of one page; the command line takes more
METRICS = {
    "text": {
        "confidence": "the sampler's mean confidence in tokens when it revealed them",
        "entropy": "the model's mean entropy at tokens when they were revealed, in nats",
        "distinct": "share of different tokens in the text",
        "steps": "steps taken, those after the text was done left out",
        "calls": "steps that asked the model",
        "tokens per call": "tokens of the text that the sampler wrote, by steps that asked",
    },
    "image": {
        "contrast": "standard deviation of the pixels, 0 to 0.5",
        "colour": "colourfulness M3 of Hasler and Suesstrunk 2003, of pixels in 0 to 1",
        "guidance pull": "RMS of what guidance added to the noise prediction at the middle step",
        "way": "RMS of every step of the latents in unit variance, summed",
    },
}


@dataclass(frozen=True, slots=True)
class Sweep:
    """A grid that was asked for: its axes, and each cell's values and plan, in order."""

    kind: str
    axes: Mapping[str, Sequence[Any]]
    cells: tuple[Mapping[str, Any], ...]
    plans: tuple[Plan, ...]

    @property
    def specs(self) -> list[AnySpec]:
        """The specs of the cells, sizes filled in."""
        return [planned.spec for planned in self.plans]

    @property
    def varying(self) -> list[str]:
        """The axes with more than one value, in the order they were typed."""
        return [name for name, values in self.axes.items() if len(values) > 1]


def sweep_of(kind: str, fields: Mapping[str, Any], axes: str, skip: str) -> Sweep:
    """The sweep of what was typed: one axis a line, one skip rule a line.

    Raises InvalidInput, ModelMissing.
    """
    grid = parse_axes(filter(str.strip, axes.splitlines()))
    if not grid:
        raise InvalidInput("a sweep must have at least one axis, as in seed=0:4, got none")
    rules = [parse_skip(line) for line in filter(str.strip, skip.splitlines())]
    combinations = cells(grid, rules)
    if not 1 <= len(combinations) <= MOST_CELLS:
        raise InvalidInput(
            f"a sweep must have 1 to {MOST_CELLS} cells here, got {len(combinations)}"
        )
    first = {k: v for k, v in combinations[0].items() if ":" not in k}
    base: AnySpec
    if kind == "image":
        base = ImageSpec(**{"precision": auto_precision(), **fields, **first})
    else:
        start = {k: v for k, v in fields.items() if not (k == "length" and "template" in first)}
        base = TextSpec(**{**start, **first})
    plans = tuple(plan(spec) for spec in expand(base, grid, rules))
    return Sweep(kind, grid, tuple(combinations), plans)


def stored_count(store: Store, planned: Plan) -> int:
    """How many steps of a cell are in the store, the start not counted."""
    return steps_stored(store, planned.chain.step_keys)


def step_at(planned: Plan, share: float) -> int:
    """The step that a share of the way (0 to 1) is, in a run of any length."""
    return round(share * planned.chain.step_count)


def cell_text(store: Store, planned: Plan, step: int) -> str | None:
    """A text cell's words after a step; None while it is not stored."""
    payload = store.find(planned.chain.step_keys[step])
    vocabulary = text_stored.vocabulary_key(planned.model.fingerprint)
    if payload is None or not store.has(vocabulary):
        return None
    pieces, mask_id = text_stored.load_vocabulary(store, vocabulary)
    tokens = text_stored.text_step(payload).tokens
    template, spelling = getattr(planned.spec, "template", None), pieces.spelling
    if spelling != "word pieces":
        return spell([pieces[t] for t in tokens], spelling, template).replace(MASK, "_")
    words = ["_" if token == mask_id else pieces[token] for token in tokens]
    return join_pieces(words, template)


def cell_picture(
    store: Store, planned: Plan, step: int, preview: LinearPreview | None
) -> tuple[str, str]:
    """(data URI, how it was made) of an image cell after a step; two '' while it is not stored.

    The predicted x0, which shows where the step was going; the result itself at the end.
    """
    key = planned.chain.step_keys[step]
    last = step == planned.chain.step_count
    decoded = image_stored.find_decoded(store, key, "latents" if last else "predicted_x0")
    if decoded is not None:
        return thumbnail(decoded.png), "decoded"
    payload = store.find(key)
    if payload is None or preview is None:
        return "", ""
    taken = image_stored.image_step(payload)
    scaled = taken.unit_latents()
    x0 = taken.predicted_x0 if taken.predicted_x0 is not None and not last else scaled
    return thumbnail(preview_picture(x0.astype(np.float32), preview).png), "linear preview"


def metric_of(store: Store, planned: Plan, name: str) -> float:
    """A metric of a finished cell; nan while it is not finished."""
    if stored_count(store, planned) < planned.chain.step_count:
        return float("nan")
    return MEASURES[planned.spec.kind](store, planned, name)


def metric_table(store: Store, sweep: Sweep, name: str) -> pd.DataFrame:
    """One row a cell: its values by axis, its run, how much of it is stored, and the metric."""
    rows = [
        {
            **{axis: str(value) for axis, value in cell.items()},
            "run": planned.chain.run,
            "steps": planned.chain.step_count,
            "steps stored": stored_count(store, planned),
            name: metric_of(store, planned, name),
        }
        for cell, planned in zip(sweep.cells, sweep.plans, strict=True)
    ]
    return pd.DataFrame(rows)


def _text_metric(store: Store, planned: Plan, name: str) -> float:
    _start, *steps = text_stored.used_steps(store, planned.chain.step_keys)
    calls = sum(len(step.masked) > 0 for step in steps)
    if name == "steps":
        return float(len(steps))
    if name == "calls":
        return float(calls)
    if name == "tokens per call":
        wrote = {p for step in steps for p in step.masked.tolist()}
        return len(wrote) / calls if calls else float("nan")
    if name == "distinct":
        tokens = steps[-1].tokens
        return len(set(tokens.tolist())) / len(tokens)
    field = "confidence" if name == "confidence" else "entropy_nats"
    stands = {p: step.index for step in steps for p in step.revealed.tolist()}
    values = [
        float(getattr(step, field)[row])
        for step in steps
        for position in step.revealed.tolist()
        if (row := step.row(position)) is not None and stands[position] == step.index
    ]
    return float(np.mean(values)) if values else float("nan")


def _image_metric(store: Store, planned: Plan, name: str) -> float:
    keys = planned.chain.step_keys
    if name == "guidance pull":
        step = image_stored.image_step(store.get(keys[(len(keys) + 1) // 2]))
        if step.noise_uncond is None or step.noise_cond is None:
            return 0.0
        apart = step.noise_cond.astype(np.float64) - step.noise_uncond.astype(np.float64)
        return float(step.guidance * rms(apart))
    if name == "way":
        steps = [image_stored.image_step(store.get(key)) for key in keys]
        unit = [step.unit_latents(np.float64) for step in steps]
        return float(sum(rms(b - a) for a, b in itertools.pairwise(unit)))
    picture = image_stored.find_decoded(store, keys[-1])
    if picture is None:
        return float("nan")
    pixels = image_stored.picture_pixels(picture.png).astype(np.float64) / 255
    return float(pixels.std()) if name == "contrast" else colourfulness(pixels)


def colourfulness(pixels: NDArray[np.float64]) -> float:
    """How colourful a picture [h, w, 3] in 0 to 1 is (Hasler and Suesstrunk 2003, eq. for M3)."""
    red, green, blue = (pixels[..., i] for i in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    spread = np.hypot(rg.std(), yb.std())
    return float(spread + 0.3 * np.hypot(rg.mean(), yb.mean()))


MEASURES = {"text": _text_metric, "image": _image_metric}  # one of METRICS, of a finished cell
