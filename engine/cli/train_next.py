"""``python -m engine train world | autoencoder | clip | unet | export``: a generation of models.

One folder a generation (``engine/training/generation.py``); every training resumes to the bit.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cache.errors import InvalidInput
from engine.cli.console import stderr
from engine.training.bounds import MOST_STEPS

if TYPE_CHECKING:
    from engine.training.generation import Generation, Part

LARGEST_SIDE, LARGEST_SEED, MOST_THREADS = 512, 2**63 - 1, 256
MOST_SHARDS, MOST_SECONDS = 1024, 86_400.0

World = Annotated[str, typer.Option(help="Whose pictures: poster or landscape.")]
Profile = Annotated[str, typer.Option(help="cpu, or gpu (larger).")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")]
ResumeFrom = Annotated[
    Path | None,
    typer.Option(help="Begin with the averages that were exported there, like engine/models/next."),
]
Steps = Annotated[int | None, typer.Option(help="Make the whole training shorter or longer.")]
StopAfter = Annotated[int | None, typer.Option(help="End this call at that step, resumable.")]
Seconds = Annotated[
    float | None, typer.Option(help="GPU only: how long it may train, in place of steps.")
]
Shards = Annotated[int | None, typer.Option(help="Of 4,096 renderings each; the recipe's.")]
Workers = Annotated[int, typer.Option(help="Processes that render and word captions.")]
Threads = Annotated[int | None, typer.Option(help="CPU threads; torch's choice if left out.")]
Folder = Annotated[Path | None, typer.Option(help="The generation's; training-runs/WORLD.")]


def world(
    sheet: Annotated[Path, typer.Option(help="The picture to write: PNG or WebP.")],
    world: World = "poster",
    size: Annotated[int, typer.Option(help="Side of every rendering in pixels.")] = 96,
    seed: Annotated[int, typer.Option(help="Of the scenes.")] = 0,
) -> None:
    """Sixty-four random renderings of a world as one picture, unselected."""
    _bounded("size", size, 16, LARGEST_SIDE)
    _bounded("seed", seed, 0, LARGEST_SEED)
    if sheet.suffix.lower() not in (".png", ".webp"):
        raise InvalidInput(f"sheet must end in .png or .webp, got {sheet.name}")
    check_writable(sheet.parent, name="folder of sheet")
    from engine.training.exporting import world_sheet

    picture = world_sheet(world, size=size, seed=seed)
    sheet.parent.mkdir(parents=True, exist_ok=True)
    picture.save(sheet)
    stderr.print(f"wrote {sheet}", markup=False, soft_wrap=True)


def autoencoder(
    world: World = "poster",
    profile: Profile = "cpu",
    resume: Resume = False,
    resume_from: ResumeFrom = None,
    steps: Steps = None,
    stop_after: StopAfter = None,
    threads: Threads = None,
    folder: Folder = None,
    seconds: Seconds = None,
    shards: Shards = None,
    workers: Workers = 1,
) -> None:
    """The autoencoder of a generation; ships nothing."""
    train(
        "autoencoder", world, profile, resume, resume_from, steps, stop_after, threads, folder,
        seconds, shards, workers,
    )  # fmt: skip


def unet(
    world: World = "poster",
    profile: Profile = "cpu",
    resume: Resume = False,
    resume_from: ResumeFrom = None,
    steps: Steps = None,
    stop_after: StopAfter = None,
    threads: Threads = None,
    folder: Folder = None,
    seconds: Seconds = None,
    shards: Shards = None,
    workers: Workers = 1,
    on_shipped: Annotated[
        bool,
        typer.Option("--on-shipped", help="On the built-in autoencoder and CLIP, not its own."),
    ] = False,
) -> None:
    """The U-Net of a generation, after its autoencoder and CLIP; ships nothing."""
    train(
        "unet", world, profile, resume, resume_from, steps, stop_after, threads, folder,
        seconds, shards, workers, on_shipped,
    )  # fmt: skip


def decoder(
    world: World = "poster",
    profile: Profile = "cpu",
    resume: Resume = False,
    steps: Steps = None,
    stop_after: StopAfter = None,
    threads: Threads = None,
    folder: Folder = None,
    seconds: Seconds = None,
    shards: Shards = None,
) -> None:
    """The decoder of the built-in autoencoder, whose latents stay what they are; ships nothing."""
    train(
        "decoder", world, profile, resume, None, steps, stop_after, threads, folder,
        seconds, shards,
    )  # fmt: skip


def renderings(
    world: World = "poster",
    profile: Profile = "gpu",
    shards: Shards = None,
    workers: Workers = 1,
    folder: Folder = None,
) -> None:
    """The pictures that a generation is trained on, rendered beforehand by several processes."""
    generation = generation_of(world, profile, folder, shards, workers)
    from engine.training.world_data import HELD_OUT, render_shards

    recipe = generation.autoencoder_recipe()
    render_shards(
        generation.pictures, shards=[HELD_OUT, *range(recipe.shards)], size=recipe.size,
        world=world, workers=workers,
    )  # fmt: skip
    stderr.print(f"rendered into {generation.pictures}", markup=False, soft_wrap=True)


def probes(
    world: World = "poster",
    profile: Profile = "cpu",
    seconds: Annotated[
        float | None, typer.Option(help="Train for so long; 60 without --steps.")
    ] = None,
    steps: Steps = None,
    shards: Annotated[
        int | None, typer.Option(help="Of 4,096 renderings; as many as CLIP has if left out.")
    ] = None,
    threads: Threads = None,
    folder: Folder = None,
) -> None:
    """The classifier that judges generated posters; written to FOLDER/probes, ships nothing."""
    if world != "poster":
        raise InvalidInput(f"world must be poster, got {world!r}: the probes read posters only")
    if steps is not None:
        _bounded("steps", steps, 1, MOST_STEPS)
    if seconds is not None and steps is not None:
        raise InvalidInput(f"seconds goes without steps, got {seconds:g} and {steps}")
    if seconds is not None and not 0 < seconds <= MOST_SECONDS:
        raise InvalidInput(f"seconds must be above 0, to {MOST_SECONDS:g}, got {seconds:g}")
    if shards is not None:
        _bounded("shards", shards, 1, MOST_SHARDS)
    generation = generation_of(world, profile, folder)
    check_computing(generation)
    use_threads(threads)
    from engine.training.image.probe_training import trained_probes

    lasting = 60.0 if seconds is None and steps is None else seconds
    from engine.training.alone import alone

    with alone(generation.folder / "probes"):
        accuracy = trained_probes(generation, seconds=lasting, steps=steps, shards=shards)
    for name, row in accuracy.items():
        stderr.print(f"{name}: {row['right']:.4f} of {row['asked']}", markup=False, soft_wrap=True)
    stderr.print(f"wrote {generation.folder / 'probes'}", markup=False, soft_wrap=True)


def train(
    part: Part,
    world: str,
    profile: str,
    resume: bool,
    resume_from: Path | None,
    steps: int | None,
    stop_after: int | None,
    threads: int | None,
    folder: Path | None,
    seconds: float | None = None,
    shards: int | None = None,
    workers: int = 1,
    on_shipped: bool = False,
) -> None:
    """One training of a generation, everything checked first."""
    for name, value in (("steps", steps), ("stop-after", stop_after)):
        if value is not None:
            _bounded(name, value, 1, MOST_STEPS)
    if seconds is not None:
        if profile != "gpu":
            raise InvalidInput(f"seconds goes with --profile gpu only, got {seconds:g}")
        if not 1 <= seconds <= MOST_SECONDS:
            raise InvalidInput(f"seconds must be 1 to {MOST_SECONDS:g}, got {seconds:g}")
        steps = MOST_STEPS
    generation = generation_of(world, profile, folder, shards, workers, on_shipped=on_shipped)
    if resume and resume_from is not None:
        raise InvalidInput(f"resume-from goes without --resume, got {resume_from} and --resume")
    done = generation.step(part)
    if done and not resume and resume_from is None:
        raise InvalidInput(
            f"folder must hold no {part} yet, got step {done} in {generation.part(part)}: go on "
            "with --resume or move it away"
        )
    check_computing(generation)
    use_threads(threads)
    if resume_from is not None:
        generation.begin_from(resume_from, part)
    if resume:
        generation.check_goes_on(part, steps)
    from engine.training.alone import alone

    with alone(generation.part(part)):
        _training(part)(
            generation, resume=resume or resume_from is not None, steps=steps,
            stop_after=stop_after, seconds=seconds,
        )  # fmt: skip
    stderr.print(
        f"{part}: step {generation.step(part)} in {generation.part(part)}",
        markup=False, soft_wrap=True,
    )  # fmt: skip


def _training(part: Part) -> Callable[..., None]:
    from engine.training import trainings

    by_part: dict[str, Callable[..., None]] = {
        "autoencoder": trainings.train_autoencoder,
        "clip": trainings.train_clip,
        "unet": trainings.train_unet,
        "decoder": trainings.train_decoder,
    }
    return by_part[part]


def generation_of(
    world: str,
    profile: str,
    folder: Path | None,
    shards: int | None = None,
    workers: int = 1,
    *,
    on_shipped: bool = False,
) -> Generation:
    if profile not in ("cpu", "gpu"):
        raise InvalidInput(f"unknown profile {profile!r}; choose from cpu, gpu")
    if world not in ("poster", "landscape"):  # said before torch is loaded
        raise InvalidInput(f"unknown world {world!r}; choose from poster, landscape")
    _bounded("workers", workers, 1, MOST_THREADS)
    if shards is not None:
        _bounded("shards", shards, 1, MOST_SHARDS)
    chosen = folder if folder is not None else Path("training-runs") / world
    check_writable(chosen, name="folder")
    from engine.training.generation import Generation

    known: Literal["cpu", "gpu"] = "gpu" if profile == "gpu" else "cpu"
    return Generation(chosen, world, known, shards, workers, on_shipped)


def check_computing(generation: Generation) -> None:
    """Raise InvalidInput where a GPU is wanted and there is none."""
    import torch

    if generation.profile == "gpu" and not torch.cuda.is_available():
        raise InvalidInput("profile must be cpu, got 'gpu': torch finds no GPU")


def use_threads(threads: int | None) -> None:
    if threads is None:
        return
    _bounded("threads", threads, 1, MOST_THREADS)
    import torch

    torch.set_num_threads(threads)


def _bounded(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InvalidInput(f"{name} must be {low} to {high}, got {value}")


def check_writable(path: Path, *, name: str) -> None:
    try:
        there: Any = next(part for part in (path, *path.parents) if part.exists())
    except OSError as error:  # as of a name that is too long
        raise InvalidInput(f"{name} must be a folder, got {path}: {error.strerror}") from error
    if not there.is_dir():
        raise InvalidInput(f"{name} must be a folder, got {path}: {there} is a file")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InvalidInput(f"{name} must be a folder that can be written, got {path}: {there}")
