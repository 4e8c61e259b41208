"""``python -m engine train ...``: how the built-in models are made, and measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cache.errors import InvalidInput
from engine.console import stderr

app = typer.Typer(no_args_is_help=True, help="Train and measure the built-in models; resumable.")

Profile = Annotated[str, typer.Option(help="cpu (hours on two cores) or gpu (larger, minutes).")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")]
Folder = Annotated[Path, typer.Option(help="Where checkpoints and logs go.")]

RUNS = Path("training-runs")


@app.command()
def text(
    profile: Profile = "cpu",
    resume: Resume = False,
    folder: Folder = RUNS / "text",
    start: Annotated[
        Path | None, typer.Option(help="A model folder whose weights to begin with.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Fewer or more steps.")] = None,
    ship: Annotated[bool, typer.Option("--ship", help="Put it in the built-in models.")] = False,
) -> None:
    """BERT, on the sentences of a grammar of our own."""
    from engine.training import text as training

    trained = training.train(
        _profile(profile), resume=resume, folder=folder, start=start, steps=steps
    )
    if ship:
        stderr.print(f"shipped, fingerprint {training.ship(trained)}")


@app.command()
def clip(profile: Profile = "cpu", resume: Resume = False, folder: Folder = RUNS) -> None:
    """CLIP, on the pictures and captions of the landscape world; ships it."""
    from engine.training import image

    done = image.train_clip(_profile(profile), resume=resume, folder=folder)
    stderr.print(f"shipped, fingerprint {done}")


@app.command()
def image(profile: Profile = "cpu", resume: Resume = False, folder: Folder = RUNS) -> None:
    """Autoencoder and U-Net of the small Stable Diffusion (train clip first); ships them."""
    from engine.training import image as training

    done = training.train_image(_profile(profile), resume=resume, folder=folder)
    stderr.print(f"shipped, fingerprint {done}")


@app.command()
def evaluate(
    what: Annotated[str, typer.Argument(help="text or image.")],
    to: Annotated[Path, typer.Option(help="Where the text model's numbers go.")] = RUNS
    / "text-evaluation.json",
    seeds: Annotated[int, typer.Option(help="Pictures a prompt and guidance scale.")] = 16,
) -> None:
    """Measure what is shipped: the numbers of the model cards."""
    if what == "text":
        from engine.training import text_card, text_evaluation
        from engine.training.text import SHIPPED

        text_card.write_card(text_evaluation.write_evaluation(to=to))
        stderr.print(f"wrote {to} and the card in {SHIPPED}", markup=False)
    elif what == "image":
        from engine.training.image_cards import write_cards
        from engine.training.image_evaluation import evaluate as measure
        from engine.training.image_shipping import CLIP_FOLDER, IMAGE_FOLDER

        write_cards(CLIP_FOLDER, IMAGE_FOLDER, measure(CLIP_FOLDER, IMAGE_FOLDER, seeds=seeds))
        stderr.print(f"wrote the cards in {CLIP_FOLDER} and {IMAGE_FOLDER}", markup=False)
    else:
        raise InvalidInput(f"unknown model {what!r}; choose from text, image")


def _profile(name: str) -> Literal["cpu", "gpu"]:
    if name == "cpu":
        return "cpu"
    if name == "gpu":
        return "gpu"
    raise InvalidInput(f"unknown profile {name!r}; choose from cpu, gpu")
