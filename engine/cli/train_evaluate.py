"""``python -m engine train evaluate``: measure what is shipped, write the model cards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cache.errors import InvalidInput
from engine.cli.console import stderr

RUNS = Path("training-runs")
DEVICES = ("cpu", "cuda")


def evaluate(
    what: Annotated[str, typer.Argument(help="text or image.")],
    to: Annotated[
        Path | None,
        typer.Option(
            help="A file for the numbers, of image models those of drawn pictures; the shipped "
            "cards stay as they are."
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            help="Image only: pictures a prompt and guidance scale; the shipped card's if left out."
        ),
    ] = None,
    models: Annotated[
        Path | None,
        typer.Option(help="Image only: where clip, stable-diffusion and probes lie; the shipped."),
    ] = None,
    numbers: Annotated[
        Path | None,
        typer.Option(
            help="Image only: what --to wrote, for example on a GPU; what renderings tell and the "
            "seconds a picture are measured here, and the cards written."
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="Image only: cpu or cuda.")] = "cpu",
    kernel: Annotated[
        str | None, typer.Option(help="Text only: which of the two, absorbing if left out.")
    ] = None,
) -> None:
    """Measure what is shipped and write the numbers into the model cards."""
    image_only = {"seeds": seeds, "models": models, "numbers": numbers}
    if what == "text":
        for name, value in image_only.items():
            if value is not None:
                raise InvalidInput(
                    f"{name} goes with image only, got {value}: texts have their own"
                )
        _text(to, kernel or "absorbing")
    elif what == "image":
        if kernel is not None:
            raise InvalidInput(f"kernel goes with text only, got {kernel}")
        if device not in DEVICES:
            raise InvalidInput(f"unknown device {device!r}; choose from {', '.join(DEVICES)}")
        if numbers is not None and (to is not None or seeds is not None):
            raise InvalidInput(f"numbers goes without to and seeds, got {numbers}")
        _image(to, seeds, models, numbers, device)
    else:
        raise InvalidInput(f"unknown model {what!r}; choose from text, image")


def _text(to: Path | None, kernel: str) -> None:
    from engine.training.text import card, evaluation, shipping
    from engine.training.text.train import kernel_named

    shipped = shipping.FOLDERS[kernel_named(kernel)]
    if not (shipped / "model.safetensors").exists():
        raise InvalidInput(f"kernel {kernel} has no shipped model: {shipped} has no weights")
    if to is not None:
        _file(to)
        evaluation.write_evaluation(shipped, to=to)
        _say(f"wrote {to}; the card in {shipped} is as it was")
        return
    numbers = RUNS / ("text-evaluation.json" if kernel == "absorbing" else f"text-{kernel}.json")
    card.write_card(evaluation.write_evaluation(shipped, to=numbers), folder=shipped)
    _say(f"wrote {numbers} and the card in {shipped}")


def _image(
    to: Path | None, seeds: int | None, models: Path | None, numbers: Path | None, device: str
) -> None:
    if to is not None:
        _file(to)
    from engine.training.image.cards import write_cards
    from engine.training.image.evaluation import SEEDS
    from engine.training.image.measuring import completed, measured
    from engine.training.shipping import folders

    clip, image, probes = folders(models)
    if numbers is not None:
        facts = _read(numbers)
    else:
        facts = measured(
            clip, image, probes, seeds=SEEDS if seeds is None else seeds, device=device
        )
    if to is not None:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(json.dumps(facts, indent=1) + "\n")
        _say(f"wrote {to}; the cards in {clip} and {image} are as they were")
        return
    write_cards(clip, image, completed(facts, clip, image, probes))
    _say(f"wrote the cards in {clip} and {image}")


def _read(numbers: Path) -> dict[str, Any]:
    try:
        facts = json.loads(numbers.read_text())
    except (OSError, ValueError) as error:
        raise InvalidInput(f"numbers must be of --to, got {numbers}: {error}") from error
    drawn = ("world", "seeds", "prompts", "guidance", "clipped", "fingerprints")
    if not isinstance(facts, dict) or not all(
        isinstance(facts.get(name), dict | list | str | int) for name in drawn
    ):
        raise InvalidInput(f"numbers must be of --to, got {numbers}: no numbers of a card")
    if facts["world"] != "poster":
        raise InvalidInput(f"world of numbers must be poster, got {facts['world']} in {numbers}")
    return facts


def _file(to: Path) -> None:
    there = next(part for part in (to.parent, *to.parent.parents) if part.exists())
    if not there.is_dir():
        raise InvalidInput(f"folder of to must be a folder, got {to.parent}: {there} is a file")
    if to.is_dir():
        raise InvalidInput(f"to must be a file, got the folder {to}")


def _say(line: str) -> None:
    stderr.print(line, markup=False, soft_wrap=True)
