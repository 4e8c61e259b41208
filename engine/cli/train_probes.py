"""``python -m engine train probes``: what reads the attributes of generated posters."""

from __future__ import annotations

from typing import Annotated

import typer

from cache.errors import InvalidInput
from engine.cli import train_next
from engine.cli.console import stderr

MOST_SECONDS = 86_400.0
APART = 1024  # renderings that are not trained on: the accuracy is measured on them

Seconds = Annotated[float | None, typer.Option(help="Train for so long; 60 without --steps.")]
Shards = Annotated[
    int | None, typer.Option(help="Of 4096 renderings; as many as CLIP has if left out.")
]


def probes(
    world: train_next.World = "poster",
    profile: train_next.Profile = "cpu",
    seconds: Seconds = None,
    steps: train_next.Steps = None,
    shards: Shards = None,
    threads: train_next.Threads = None,
    folder: train_next.Folder = None,
) -> None:
    """The classifier that judges generated posters; written to FOLDER/probes, ships nothing."""
    if world != "poster":
        raise InvalidInput(f"world must be poster, got {world!r}: the probes read posters only")
    if steps is not None:
        train_next.bounded("steps", steps, 1, train_next.MOST_STEPS)
    if seconds is not None and steps is not None:
        raise InvalidInput(f"seconds goes without steps, got {seconds:g} and {steps}")
    if seconds is not None and not 0 < seconds <= MOST_SECONDS:
        raise InvalidInput(f"seconds must be above 0, to {MOST_SECONDS:g}, got {seconds:g}")
    if shards is not None:
        train_next.bounded("shards", shards, 1, 1000)
    generation = train_next.generation_of(world, profile, folder)
    train_next.use_threads(threads)
    from engine.training.image.probe_training import trained_probes

    lasting = 60.0 if seconds is None and steps is None else seconds
    accuracy = trained_probes(generation, seconds=lasting, steps=steps, shards=shards, apart=APART)
    for name, row in accuracy.items():
        stderr.print(f"{name}: {row['right']:.4f} of {row['asked']}", markup=False, soft_wrap=True)
    stderr.print(f"wrote {generation.folder / 'probes'}", markup=False, soft_wrap=True)
