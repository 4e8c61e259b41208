"""How large a job may be: refused before a model is loaded, with the numbers. No torch."""

from __future__ import annotations

import os
from collections.abc import Sequence

from cache.errors import InvalidInput
from engine.image_specs import DecodeSpec, EmbedSpec, ImageSpec
from engine.plans import AnySpec
from engine.specs import CorruptionSpec, TextSpec

# summed over a job's specs
TEXT_BUDGET = 20_000_000  # steps x tokens
IMAGE_BUDGET = 20_000_000_000  # steps x pixels; a picture to decode is one step
EMBED_BUDGET = 50_000  # texts and pictures
DEFAULT_SIDE = 512


def check_budget(specs: Sequence[AnySpec]) -> None:
    """Raise InvalidInput when a job is over the budget of its kind, with the numbers.

    ``STEPSCOPE_TEXT_BUDGET``, ``STEPSCOPE_IMAGE_BUDGET`` and ``STEPSCOPE_EMBED_BUDGET`` set other
    bounds. A picture whose size is not known here counts as 512 x 512.
    """
    texts = sum(_token_steps(s) for s in specs if isinstance(s, (TextSpec, CorruptionSpec)))
    images = sum(_pixel_steps(s) for s in specs if isinstance(s, (ImageSpec, DecodeSpec)))
    embeds = sum(len(s.texts) + len(s.pictures) for s in specs if isinstance(s, EmbedSpec))
    _check(texts, "STEPSCOPE_TEXT_BUDGET", TEXT_BUDGET, "steps x tokens x runs")
    _check(images, "STEPSCOPE_IMAGE_BUDGET", IMAGE_BUDGET, "steps x pixels x runs")
    _check(embeds, "STEPSCOPE_EMBED_BUDGET", EMBED_BUDGET, "texts and pictures")


def _token_steps(spec: TextSpec | CorruptionSpec) -> int:
    if isinstance(spec, TextSpec):
        return spec.steps * len(spec.start.split())
    return spec.steps * len(spec.text.split())


def _pixel_steps(spec: ImageSpec | DecodeSpec) -> int:
    if isinstance(spec, DecodeSpec):
        return len(spec.steps) * DEFAULT_SIDE**2
    return spec.steps * (spec.width or DEFAULT_SIDE) * (spec.height or DEFAULT_SIDE)


def _check(size: int, variable: str, default: int, what: str) -> None:
    given = os.environ.get(variable, "")
    if given and not given.isdigit():
        raise InvalidInput(f"{variable} must be a whole number, got {given!r}")
    bound = int(given) if given else default
    if size > bound:
        raise InvalidInput(f"job must be at most {bound:,} {what} ({variable}), got {size:,}")
