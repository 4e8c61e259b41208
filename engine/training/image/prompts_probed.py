"""Does a generated poster show what its prompt names? The probes say, not CLIP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.image.probe_heads import Head, told_by
from engine.training.image.probes import Pictures, Probes, answers
from engine.training.image.wording import worded
from engine.training.poster.scene import Scene, Thing
from engine.training.poster.words import NAMES
from engine.training.worlds import world_of

JUDGED = ("place", "time", "object")  # every prompt names all three
ALSO = ("colour", "count", "side", "style")  # where the prompt names them
PROMPT_SEED = 20_261_126
# ink has no hues: without a sun in it, day and sunrise differ by a shade of grey, and the probes'
# mistakes about the time in renderings are nearly all of these two
ALIKE_IN_INK = ("day", "sunrise")
FORGIVING = "time, day and sunrise in ink as one"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt and the attributes that it names, by the probe's heads."""

    text: str
    named: dict[str, tuple[str, str]]  # attribute: (head, answer)


def prompts(count: int, *, seed: int = PROMPT_SEED) -> list[Prompt]:
    """Prompts of scenes as the world draws them, in one fixed wording that names them for sure."""
    rng = np.random.default_rng(seed)
    drawn: list[Prompt] = []
    while len(drawn) < count:
        scene = world_of("poster").draw_scene(rng)
        things = [thing for thing in scene.things if thing.kind in NAMES]
        if things:
            thing = things[int(rng.integers(len(things)))]
            drawn.append(_prompt(scene, thing, sided=bool(rng.random() < 0.35)))
    return drawn


def _prompt(scene: Scene, thing: Thing, *, sided: bool) -> Prompt:
    told = dict(told_by(scene))
    heads = {"place": "place", "time": "time", "object": f"present {thing.kind}"}
    if thing.colour is not None:
        heads["colour"] = f"colour {thing.kind}"
    if f"count {thing.kind}" in told:
        heads["count"] = f"count {thing.kind}"
    if sided and f"side {thing.kind}" in told:
        heads["side"] = f"side {thing.kind}"
    if scene.style != "poster":
        heads["style"] = "style"
    text = worded(scene.place, scene.time, thing, style=scene.style, sided="side" in heads)
    return Prompt(text, {attribute: (head, told[head]) for attribute, head in heads.items()})


def prompts_followed(
    model: Probes, pictures: Pictures, asked: Sequence[Prompt]
) -> dict[str, dict[str, float]]:
    """By attribute the share of pictures in which the probes find what was named; "together".

    "together" wants place, time and object at once; FORGIVING counts what cannot be told apart in
    ink as right; an attribute of a thing is asked even where the thing is missing.
    """
    given = answers(model, pictures)
    right = _right(model, given, asked)
    shares: dict[str, dict[str, float]] = {}
    for attribute in (*JUDGED, *ALSO):
        hits = [row[attribute] for row in right if attribute in row]
        shares[attribute] = _share(hits)
    forgiving = [
        row["time"] or _alike_in_ink(model.heads, seen, prompt)
        for row, seen, prompt in zip(right, given, asked, strict=True)
    ]
    shares[FORGIVING] = _share(forgiving)
    shares["together"] = _share([all(row[attribute] for attribute in JUDGED) for row in right])
    return shares


def prompts_missed(model: Probes, pictures: Pictures, asked: Sequence[Prompt]) -> list[list[str]]:
    """Of each picture the attributes that its prompt names and the probes do not find."""
    return [
        [attribute for attribute, found in row.items() if not found]
        for row in _right(model, answers(model, pictures), asked)
    ]


def _right(
    model: Probes, given: NDArray[np.int64], asked: Sequence[Prompt]
) -> list[dict[str, bool]]:
    return [
        {attribute: _found(model.heads, row, *named) for attribute, named in prompt.named.items()}
        for row, prompt in zip(given, asked, strict=True)
    ]


def probes_on_renderings(
    model: Probes, *, count: int, size: int, seed: int
) -> dict[str, dict[str, float]]:
    """The probes' own accuracy, asked the same way of fresh renderings: what perfection gets."""
    rng, world = np.random.default_rng(seed), world_of("poster")
    asked: list[Prompt] = []
    pictures: list[Pictures] = []
    while len(pictures) < count:
        scene = world.draw_scene(rng)
        things = [thing for thing in scene.things if thing.kind in NAMES]
        if things:
            thing = things[int(rng.integers(len(things)))]
            asked.append(_prompt(scene, thing, sided=True))
            pictures.append(world.render(scene, rng, size))
    return prompts_followed(model, np.stack(pictures), asked)


def _found(heads: Sequence[Head], row: NDArray[np.int64], head: str, answer: str) -> bool:
    column = next(k for k, known in enumerate(heads) if known.name == head)
    return bool(heads[column].answers[row[column]] == answer)


def _alike_in_ink(heads: Sequence[Head], row: NDArray[np.int64], prompt: Prompt) -> bool:
    in_ink = prompt.named.get("style") == ("style", "ink")
    likely = in_ink and prompt.named["time"][1] in ALIKE_IN_INK
    return likely and any(_found(heads, row, "time", time) for time in ALIKE_IN_INK)


def _share(hits: Sequence[Any]) -> dict[str, float]:
    return {"asked": len(hits), "right": float(np.mean(hits)) if hits else float("nan")}
