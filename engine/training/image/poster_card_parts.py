"""What the cards of image models of the poster world share: facts, numbers, rows of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.reviews.preferences import wilson
from engine.training.world_data import SHARD

DATA = """\
Data: the poster world alone, rendered by `engine/training/poster/` with numpy and Pillow (seven
places, four times of day, weather, seasons, five styles, twenty-one kinds of things with colours,
counts and sides), captions drawn anew from each scene's description. No photograph, no downloaded
picture or text and no pretrained weight went in.
Licence of weights and data: Apache-2.0, as the project."""

MEASURED = """\
Measured with `python -m engine train evaluate image` on fresh renderings, which no training saw."""


def size(part: Mapping[str, int]) -> str:
    """As in "14.1 million parameters, 28.2 MB in fp16"."""
    million, megabytes = part["parameters"] / 1e6, part["bytes"] / 1e6
    return f"{million:.1f} million parameters, {megabytes:.1f} MB in fp16"


def renderings(recipe: Mapping[str, Any]) -> int:
    """How many different posters a training drew from."""
    return int(recipe["shards"]) * int(recipe.get("shard_count", SHARD))


def trained(part: Mapping[str, Any]) -> str:
    """As in "one NVIDIA H100 80GB HBM3, 120 s, 12,000 steps, 3,072,000 samples"."""
    seconds = "" if part["seconds"] is None else f" in {part['seconds']:,.0f} s"
    return f"on {part['device']}{seconds}, {part['step']:,} steps, {part['samples_seen']:,} samples"


def interval(share: float, count: int) -> str:
    """Wilson's 95 % interval of a share of so many, as in "0.94 to 0.99"."""
    of = wilson(share * count, count)
    return f"{of.low:.2f} to {of.high:.2f}"


def rows(cells: Any) -> str:
    """Rows of a table in Markdown."""
    return "\n".join(f"| {' | '.join(str(cell) for cell in row)} |" for row in cells)
