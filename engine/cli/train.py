"""``python -m engine train ...``: how the built-in models are made, and measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cache.errors import InvalidInput
from engine.cli import train_next
from engine.cli.console import stderr

app = typer.Typer(no_args_is_help=True, help="Train and measure the built-in models; resumable.")

Profile = Annotated[str, typer.Option(help="cpu (hours on two cores) or gpu (larger, minutes).")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")]
Folder = Annotated[Path, typer.Option(help="Where checkpoints and logs go.")]
Kernel = Annotated[str, typer.Option(help="absorbing (words become masks) or uniform (others).")]

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
    kernel: Kernel = "absorbing",
    seconds: Annotated[
        float | None,
        typer.Option(help="As many steps as fit; the texts are made before, in 10 to 60 s more."),
    ] = None,
    ship: Annotated[bool, typer.Option("--ship", help="Put it in the built-in models.")] = False,
) -> None:
    """BERT, on the sentences of a grammar of our own."""
    from engine.training.text import train as training

    trained = training.train(
        _profile(profile), resume=resume, folder=_folder(folder), start=start, steps=steps,
        kernel=kernel, seconds=seconds,
    )  # fmt: skip
    if ship:
        from engine.training.text import shipping

        stderr.print(f"shipped, fingerprint {shipping.ship(trained)}")


@app.command()
def clip(
    profile: Profile = "cpu",
    resume: Resume = False,
    folder: Annotated[Path | None, typer.Option(help="Where checkpoints and logs go.")] = None,
    world: train_next.World = "landscape",
    resume_from: train_next.ResumeFrom = None,
    steps: train_next.Steps = None,
    stop_after: train_next.StopAfter = None,
    threads: train_next.Threads = None,
    seconds: train_next.Seconds = None,
    shards: train_next.Shards = None,
    workers: train_next.Workers = 1,
) -> None:
    """CLIP, on a world's pictures and captions; that of the landscape world is shipped."""
    if world != "landscape":
        train_next.train(
            "clip", world, profile, resume, resume_from, steps, stop_after, threads, folder,
            seconds, shards, workers,
        )  # fmt: skip
        return
    _refuse(
        resume_from=resume_from,
        steps=steps,
        stop_after=stop_after,
        threads=threads,
        seconds=seconds,
        shards=shards,
    )
    from engine.training.image import train

    done = train.train_clip(_profile(profile), resume=resume, folder=_folder(folder or RUNS))
    stderr.print(f"shipped, fingerprint {done}")


@app.command()
def image(profile: Profile = "cpu", resume: Resume = False, folder: Folder = RUNS) -> None:
    """Autoencoder and U-Net of the small Stable Diffusion (train clip first); ships them."""
    from engine.training.image import train as training

    done = training.train_image(_profile(profile), resume=resume, folder=_folder(folder))
    stderr.print(f"shipped, fingerprint {done}")


@app.command()
def evaluate(
    what: Annotated[str, typer.Argument(help="text or image.")],
    to: Annotated[
        Path | None,
        typer.Option(help="Text only: a file for the numbers; the shipped card stays as it is."),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            help="Image only: pictures a prompt and guidance scale; the shipped card's if left out."
        ),
    ] = None,
    kernel: Annotated[
        str | None, typer.Option(help="Text only: which of the two, absorbing if left out.")
    ] = None,
) -> None:
    """Measure what is shipped and write the numbers into the model cards."""
    if what == "text":
        if seeds is not None:
            raise InvalidInput(f"seeds goes with image only, got {seeds}: texts have their own")
        _evaluate_text(to, kernel or "absorbing")
    elif what == "image":
        if kernel is not None:
            raise InvalidInput(f"kernel goes with text only, got {kernel}")
        if to is not None:
            raise InvalidInput(f"to goes with text only, got {to}: image numbers are in the cards")
        _evaluate_image(seeds)
    else:
        raise InvalidInput(f"unknown model {what!r}; choose from text, image")


app.command()(train_next.world)
app.command()(train_next.renderings)
app.command()(train_next.autoencoder)
app.command()(train_next.unet)
app.command()(train_next.export)
app.command()(train_next.probes)


def _refuse(**options: object) -> None:
    for name, value in options.items():
        if value is not None:
            option = name.replace("_", "-")
            raise InvalidInput(f"{option} goes with --world poster only, got {value}")


def _profile(name: str) -> Literal["cpu", "gpu"]:
    if name == "cpu":
        return "cpu"
    if name == "gpu":
        return "gpu"
    raise InvalidInput(f"unknown profile {name!r}; choose from cpu, gpu")


def _evaluate_text(to: Path | None, kernel: str) -> None:
    from engine.training.text import card, evaluation, shipping
    from engine.training.text.train import kernel_named

    shipped = shipping.FOLDERS[kernel_named(kernel)]
    if not (shipped / "model.safetensors").exists():
        raise InvalidInput(f"kernel {kernel} has no shipped model: {shipped} has no weights")
    if to is not None:
        _folder(to.parent, name="folder of to")
        if to.is_dir():
            raise InvalidInput(f"to must be a file, got the folder {to}")
        evaluation.write_evaluation(shipped, to=to)
        stderr.print(
            f"wrote {to}; the card in {shipped} is as it was", markup=False, soft_wrap=True
        )
        return
    numbers = RUNS / ("text-evaluation.json" if kernel == "absorbing" else f"text-{kernel}.json")
    card.write_card(evaluation.write_evaluation(shipped, to=numbers), folder=shipped)
    stderr.print(f"wrote {numbers} and the card in {shipped}", markup=False, soft_wrap=True)


def _evaluate_image(seeds: int | None) -> None:
    from engine.training.image.cards import write_cards
    from engine.training.image.evaluation import SEEDS
    from engine.training.image.evaluation import evaluate as measure
    from engine.training.image.shipping import CLIP_FOLDER, IMAGE_FOLDER

    numbers = measure(CLIP_FOLDER, IMAGE_FOLDER, seeds=SEEDS if seeds is None else seeds)
    write_cards(CLIP_FOLDER, IMAGE_FOLDER, numbers)
    stderr.print(
        f"wrote the cards in {CLIP_FOLDER} and {IMAGE_FOLDER}", markup=False, soft_wrap=True
    )


def _folder(path: Path, *, name: str = "folder") -> Path:
    """A folder to write into, there already or not; refuses a path through a file."""
    there = next(part for part in (path, *path.parents) if part.exists())
    if not there.is_dir():
        raise InvalidInput(f"{name} must be a folder, got {path}: {there} is a file")
    return path
