"""The card of the built-in CLIP of posters, from its manifest and measured numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.training.image.poster_card_parts import (
    DATA,
    MEASURED,
    interval,
    renderings,
    rows,
    size,
    trained,
)


def clip_card(
    numbers: Mapping[str, Any], made: Mapping[str, Any], image_made: Mapping[str, Any]
) -> str:
    """The card of the built-in CLIP, beside the image model that was made like that."""
    recipe, retrieval = made["clip"]["recipe"], numbers["retrieval"]
    judged = rows(
        (
            name,
            f"{row['right']:.2f}",
            interval(row["right"], row["renderings"]),
            *(_part(row[of]) if of in row else "-" for of in ("flying", "standing")),
            row["renderings"],
        )
        for name, row in numbers["judgement"].items()
    )
    similar = rows((text, f"{value:.2f}") for text, value in numbers["text_similarity"].items())
    return f"""\
# Built-in CLIP

A small `CLIPModel` of pictures and captions of the poster world: a vision transformer
(patch {recipe["patch"]} at {recipe["size"]} px, width {recipe["vision_width"]}, \
{recipe["vision_layers"]} layers), a causal text transformer (width {recipe["text_width"]}, \
{recipe["text_layers"]} layers, 77 positions), vectors of {recipe["projection"]}, and a byte-level
BPE vocabulary learnt from the captions: {size(numbers["sizes"]["clip"])}. Load it with
`CLIPModel.from_pretrained(folder, local_files_only=True)` and `CLIPTokenizer`; pictures as its
`CLIPImageProcessor` makes them. {_tower(made["clip"], image_made["clip"])}

**In short**: it finds a poster's caption among {retrieval["batch"]} in \
{100 * retrieval["image_to_text"]:.0f} of 100 cases. Of captions that are wrong in one thing it
prefers the right one {_told_apart(numbers["judgement"])}. It has never seen a photograph.

{DATA}

## Recipe
{_stages(made["clip"])}

The loss is symmetric and contrastive, the weights are averages. Texts about other things that fit
no picture (`unrelated_texts.py`) make texts from outside the world lie apart; up to step 7,200
on the CPU "bird" and "poster" were, by mistake, among their words.

## Measured
{MEASURED}

A caption may leave out what its picture shows, so several pictures of a batch can fit it: even a
perfect reader stays below 1. Means of {retrieval["batches"]} batches.

| retrieval at 1 among {retrieval["batch"]} | |
|---|---|
| caption to picture | {retrieval["text_to_image"]:.2f} |
| picture to caption | {retrieval["image_to_text"]:.2f} |

Judgement: each rendering with its right caption against the same caption with one attribute
changed, in one fixed wording ("a red balloon over the sea at sunset" and "a blue balloon over the
sea at sunset"). The share in which the right one scores higher, of all, where a balloon or a bird
is concerned, and where anything else is; guessing gets 0.50. A wrong object is one that could stand
in the same place. Training had the same kinds of change in other wordings; place, time, style,
season and weather are not judged here:

| changed | right | 95 % interval | what flies | what stands | renderings |
|---|---|---|---|---|---|
{judged}

Cosine with "A beautiful sunset over the ocean":

| text | cosine |
|---|---|
{similar}

## Limits
Balloons and birds are the smallest things of its world: their numbers are mistaken most.
It knows the words of its captions (`known_words.txt`). Any text tokenizes, but a text without any
known word lands in one corner of the space, near every other such text. It knows nothing of real
photographs: its scores compare renderings and generated posters with captions, and nothing else.
"""


def _part(row: Mapping[str, Any]) -> str:
    """As in "0.83 of 143"."""
    return f"{row['right']:.2f} of {row['renderings']}"


def _told_apart(judgement: Mapping[str, Any]) -> str:
    """As in "in shares of 0.95 (colour), 0.99 (object)"."""
    shares = [f"{row['right']:.2f} ({name})" for name, row in judgement.items()]
    flying = [
        f"{row['flying']['right']:.2f} ({name})"
        for name, row in judgement.items()
        if "flying" in row
    ]
    air = f"; where a balloon or a bird is concerned {', '.join(flying)}" if flying else ""
    return f"in shares of {', '.join(shares)}{air}; guessing gets 0.50"


def _tower(clip: Mapping[str, Any], encoder: Mapping[str, Any]) -> str:
    """Whether the image model reads with this CLIP's text tower."""
    if clip == encoder:
        return "Its text tower is the text\nencoder of the built-in Stable Diffusion."
    return (
        "The built-in Stable\nDiffusion reads with the text tower that this CLIP had before its "
        "last training."
    )


def _stages(part: Mapping[str, Any]) -> str:
    """The trainings that one began with another's weights, the first one first."""
    recipe, before = part["recipe"], part.get("began_with")
    lines = [_stages(before)] if before else []
    goes_on = "Then, from these weights, t" if before else "T"
    half = ", in bfloat16" if recipe.get("half") or part["device"] != "CPU" else ""
    wrong = recipe.get("changed")
    beside = (
        f", {wrong} more texts a picture that are wrong in one attribute (`changes.py`; hard "
        "negatives, arXiv:2210.01936)"
        if wrong
        else ""
    )
    lines.append(
        f"- {goes_on}rained {trained(part)}: batches of {recipe['batch']} pairs and "
        f"{recipe['unrelated']} unrelated texts{beside}; AdamW at "
        f"{recipe['learning_rate']:g}{half}, of {renderings(recipe):,} renderings"
    )
    return "\n".join(lines)
