"""``python -m engine.training.text``: the same training with nothing but what training needs.

``python -m engine`` knows pictures and stores, too, and asks for their libraries; a machine with a
GPU may not have them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cache.errors import InvalidInput


def main(
    profile: str = "gpu",
    kernel: str = "absorbing",
    folder: Path = Path("training-runs/text"),
    seconds: Annotated[float | None, typer.Option(help="Of steps; texts are made before.")] = None,
    steps: int | None = None,
    resume: Annotated[bool, typer.Option("--resume")] = False,
) -> None:
    """Train one of the text models into FOLDER/model."""
    from engine.training.text.train import profile_named, train

    try:
        trained = train(
            profile_named(profile), resume=resume, folder=folder, steps=steps, kernel=kernel,
            seconds=seconds,
        )  # fmt: skip
    except InvalidInput as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"wrote {trained}")


if __name__ == "__main__":
    typer.run(main)
