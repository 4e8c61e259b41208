"""What of a start picture an img2img run does not see. No torch."""

from __future__ import annotations

from collections.abc import Iterable

from cache.store import Store
from engine.image import keys as image_keys
from engine.image.spec import ImageSpec
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import find_model


def cut_lines(store: Store, specs: Iterable[ImageSpec]) -> list[str]:
    """What of their start pictures some specs lose by their size, a sentence each.

    Raises ModelMissing, InvalidInput for a model whose own size cannot be known.
    """
    lines = []
    for spec in specs:
        if spec.init_image is None:
            continue
        payload = store.find(image_keys.picture_key(spec.init_image))
        if payload is None:
            continue
        size = int(payload.meta["width"]), int(payload.meta["height"])
        facts = pipeline_facts(find_model(spec.model))
        line = cut_sentence(size, spec.width or facts.width, spec.height or facts.height)
        lines += [line] if line else []
    return list(dict.fromkeys(lines))


def cut_sentence(size: tuple[int, int], width: int, height: int) -> str | None:
    """What of a picture of that size is lost when it starts one of width x height; None: nothing.

    It is scaled to cover the new size and cut around the middle.
    """
    have, want = size[0] * height, width * size[1]  # compares the shapes without dividing
    if size == (width, height):
        return None
    scaled = f"the start picture is scaled from {size[0]} x {size[1]} to {width} x {height}"
    if have == want:
        return scaled
    lost = 1 - min(have, want) / max(have, want)
    sides = ("left", "right") if have > want else ("top", "bottom")
    return f"{scaled}, and {lost:.0%} of it cut off, half {sides[0]}, half {sides[1]}"
