"""How large a job may be: refused before a model is loaded, with the numbers. No torch."""

from __future__ import annotations

import os
from collections.abc import Sequence

from cache.errors import InvalidInput
from engine.image_specs import ImageSpec
from engine.plans import AnySpec
from engine.specs import CorruptionSpec, TextSpec

# steps x pixels (or tokens) x runs, summed over a job's specs
TEXT_BUDGET = 20_000_000
IMAGE_BUDGET = 20_000_000_000
DEFAULT_SIDE = 512


def check_budget(specs: Sequence[AnySpec]) -> None:
    """Raise InvalidInput when a job's steps x tokens or steps x pixels are over the budget.

    ``STEPSCOPE_TEXT_BUDGET`` and ``STEPSCOPE_IMAGE_BUDGET`` set other bounds.
    """
    texts = sum(_token_steps(s) for s in specs if isinstance(s, (TextSpec, CorruptionSpec)))
    images = sum(_pixel_steps(s) for s in specs if isinstance(s, ImageSpec))
    _check(texts, "STEPSCOPE_TEXT_BUDGET", TEXT_BUDGET, "steps x tokens x runs")
    _check(images, "STEPSCOPE_IMAGE_BUDGET", IMAGE_BUDGET, "steps x pixels x runs")


def _token_steps(spec: TextSpec | CorruptionSpec) -> int:
    if isinstance(spec, TextSpec):
        return spec.steps * len(spec.start.split())
    return spec.steps * len(spec.text.split())


def _pixel_steps(spec: ImageSpec) -> int:
    return spec.steps * (spec.width or DEFAULT_SIDE) * (spec.height or DEFAULT_SIDE)


def _check(size: int, variable: str, default: int, what: str) -> None:
    given = os.environ.get(variable, "")
    if given and not given.isdigit():
        raise InvalidInput(f"{variable} must be a whole number, got {given!r}")
    bound = int(given) if given else default
    if size > bound:
        raise InvalidInput(f"job must be at most {bound:,} {what} ({variable}), got {size:,}")
