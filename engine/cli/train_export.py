"""``python -m engine train export``: a generation measured, or made the built-in models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cache.errors import InvalidInput
from engine.cli.console import stderr
from engine.cli.train_next import (
    Folder,
    Profile,
    Threads,
    World,
    check_computing,
    check_writable,
    generation_of,
    use_threads,
)

if TYPE_CHECKING:
    from engine.training.generation import Generation, Part

NEXT = Path(__file__).parents[1] / "models" / "next"


def export(
    world: World = "poster",
    profile: Profile = "cpu",
    threads: Threads = None,
    folder: Folder = None,
    to: Annotated[
        Path | None, typer.Option(help="Where it goes; engine/models/next, or the built-in models.")
    ] = None,
    ship: Annotated[
        bool,
        typer.Option("--ship", help="Make it the built-in models; evaluate measures them."),
    ] = False,
    ship_clip: Annotated[
        bool,
        typer.Option(
            "--ship-clip",
            help="Make its CLIP the built-in one; the image model keeps its own text encoder.",
        ),
    ] = False,
    ship_unet: Annotated[
        bool,
        typer.Option(
            "--ship-unet",
            help="Make its U-Net, trained --on-shipped, the built-in one, with what it reads with.",
        ),
    ] = False,
    ship_decoder: Annotated[
        bool,
        typer.Option(
            "--ship-decoder",
            help="Make its decoder the built-in one's; all else of the image model stays.",
        ),
    ] = False,
    ship_probes: Annotated[
        bool,
        typer.Option("--ship-probes", help="Make its classifier the one that judges for cards."),
    ] = False,
) -> None:
    """Measure a generation as it is and write checkpoints that --resume-from goes on with."""
    generation = generation_of(world, profile, folder)
    check_computing(generation)
    use_threads(threads)
    if to is not None:
        check_writable(to, name="to")
    asked = {
        "ship": ship, "ship-clip": ship_clip, "ship-unet": ship_unet, "ship-decoder": ship_decoder,
        "ship-probes": ship_probes,
    }  # fmt: skip
    chosen = [name for name, wanted in asked.items() if wanted]
    if len(chosen) > 1:
        raise InvalidInput(f"choose one of {', '.join(asked)}, got {' and '.join(chosen)}")
    if ship_probes:
        with _readable(to):
            from engine.training.shipping import ship_probes as judge_with

            went = judge_with(generation, to)
        stderr.print(f"shipped the probes to {went}; now: python -m engine train evaluate image",
                     markup=False, soft_wrap=True)  # fmt: skip
        return
    if chosen:
        alone: dict[str, Part | None] = {
            "ship": None, "ship-clip": "clip", "ship-unet": "unet", "ship-decoder": "decoder"
        }  # fmt: skip
        _ship(generation, to, alone=alone[chosen[0]])
        return
    to = NEXT if to is None else to
    from engine.training.exporting import export as write

    with _readable(to):
        numbers = write(generation, to)
    for part in ("autoencoder", "clip", "unet"):
        if part in numbers:
            stderr.print(f"{part}: {numbers[part]}", markup=False, soft_wrap=True)
    stderr.print(f"wrote {to}", markup=False, soft_wrap=True)


def _ship(generation: Generation, to: Path | None, *, alone: Part | None) -> None:
    from engine.training.shipping import MOST_BYTES, folders, size_bytes
    from engine.training.shipping import ship as write

    with _readable(to):
        shipped = write(generation, to, alone=alone)
    for name, fingerprint in shipped.items():
        stderr.print(f"shipped {name}, fingerprint {fingerprint}", markup=False, soft_wrap=True)
    size = size_bytes(*folders(to))
    most = (
        "" if size <= MOST_BYTES else f", more than the {MOST_BYTES / 1e6:g} MB that it should be"
    )
    stderr.print(f"together {size / 1e6:.1f} MB{most}; now: python -m engine train evaluate image")


@contextmanager
def _readable(to: Path | None) -> Iterator[None]:
    """What is read is there, and ``to`` can be written: else a line that says which is not."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(f"models must be readable and to writable, got {to}: {error}") from error
