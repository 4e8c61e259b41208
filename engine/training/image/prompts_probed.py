"""Does a generated poster show what its prompt names? The probes say, not CLIP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
# mistakes about the time in renderings were nearly all of these two
ALIKE_IN_INK = ("day", "sunrise")
FORGIVING = "time, day and sunrise in ink as one"
TOGETHER, EVERYTHING = "together", "everything"


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
    """By attribute the share of pictures in which the probes find what was named.

    TOGETHER wants place, time and object at once, EVERYTHING all that the prompt names; FORGIVING
    counts what cannot be told apart in ink as right; an attribute of a thing is asked even where
    the thing is missing. "by chance" is the same share in the pictures of all the other prompts.
    """
    given = answers(model, pictures)
    found = [_found_in(model.heads, given, prompt) for prompt in asked]  # a picture an entry each
    return {
        attribute: _share({k: hits[attribute] for k, hits in enumerate(found) if attribute in hits})
        for attribute in (*JUDGED, *ALSO, FORGIVING, TOGETHER, EVERYTHING)
    }


def prompts_missed(model: Probes, pictures: Pictures, asked: Sequence[Prompt]) -> list[list[str]]:
    """Of each picture the attributes that its prompt names and the probes do not find."""
    given = answers(model, pictures)
    return [
        [name for name, (head, answer) in prompt.named.items()
         if not _says(model.heads, given[k], head, answer)]
        for k, prompt in enumerate(asked)
    ]  # fmt: skip


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


def _found_in(
    heads: Sequence[Head], given: NDArray[np.int64], prompt: Prompt
) -> dict[str, NDArray[np.bool_]]:
    """By attribute of a prompt in which of all the pictures it is found."""
    hits = {name: _says(heads, given, *named) for name, named in prompt.named.items()}
    forgiving = hits["time"]
    if prompt.named.get("style") == ("style", "ink") and prompt.named["time"][1] in ALIKE_IN_INK:
        forgiving = np.any([_says(heads, given, "time", time) for time in ALIKE_IN_INK], axis=0)
    return hits | {
        FORGIVING: forgiving,
        TOGETHER: np.all([hits[name] for name in JUDGED], axis=0),
        EVERYTHING: np.all(list(hits.values()), axis=0),
    }


def _says(
    heads: Sequence[Head], given: NDArray[np.int64], head: str, answer: str
) -> NDArray[np.bool_]:
    """Whether a head gives that answer, of answers [..., head]."""
    column = next(k for k, known in enumerate(heads) if known.name == head)
    said: NDArray[np.bool_] = np.asarray(given[..., column] == heads[column].answers.index(answer))
    return said


def _share(hits: Mapping[int, NDArray[np.bool_]]) -> dict[str, float]:
    """Of prompts, by their number, in which pictures what they name is found: in their own?"""
    own = [bool(row[k]) for k, row in hits.items()]
    others = [np.delete(row, k).mean() for k, row in hits.items() if len(row) > 1]
    return {
        "asked": len(own),
        "found": sum(own),
        "right": float(np.mean(own)) if own else float("nan"),
        "by chance": float(np.mean(others)) if others else float("nan"),
    }
