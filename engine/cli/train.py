"""``python -m engine train ...``: how the built-in models are made, and measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cache.errors import InvalidInput
from engine.cli import train_evaluate, train_export, train_next
from engine.cli.console import stderr

app = typer.Typer(no_args_is_help=True, help="Train and measure the built-in models; resumable.")

Profile = Annotated[str, typer.Option(help="cpu (hours on two cores) or gpu (larger, minutes).")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")]
Folder = Annotated[Path, typer.Option(help="Where checkpoints and logs go.")]
Kernel = Annotated[str, typer.Option(help="absorbing (words become masks) or uniform (others).")]

RUNS = Path("training-runs")


@app.command()
def text(
    profile: Annotated[
        str,
        typer.Option(
            help="cpu (hours), gpu (larger, minutes) or further (hours on a CPU with a model "
            "of gpu's sizes to start from)."
        ),
    ] = "cpu",
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
        training.profile_named(profile), resume=resume, folder=_folder(folder), start=start,
        steps=steps, kernel=kernel, seconds=seconds,
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
    """CLIP, on a world's pictures and captions (landscape: those of the first generation)."""
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
    stderr.print(f"written to {(folder or RUNS) / 'shipped'}, fingerprint {done}")


@app.command()
def image(profile: Profile = "cpu", resume: Resume = False, folder: Folder = RUNS) -> None:
    """Autoencoder and U-Net of the first generation's landscapes (train clip first)."""
    from engine.training.image import train as training

    done = training.train_image(_profile(profile), resume=resume, folder=_folder(folder))
    stderr.print(f"written to {(folder or RUNS) / 'shipped'}, fingerprint {done}")


app.command()(train_evaluate.evaluate)
app.command()(train_next.world)
app.command()(train_next.renderings)
app.command()(train_next.autoencoder)
app.command()(train_next.unet)
app.command()(train_next.decoder)
app.command()(train_export.export)
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


def _folder(path: Path, *, name: str = "folder") -> Path:
    """A folder to write into, there already or not; refuses a path through a file."""
    there = next(part for part in (path, *path.parents) if part.exists())
    if not there.is_dir():
        raise InvalidInput(f"{name} must be a folder, got {path}: {there} is a file")
    return path
