"""The options that commands of several kinds of runs share."""

from __future__ import annotations

from typing import Annotated

import typer

Model = Annotated[str, typer.Option(help="A built-in name, a local folder or a hub id.")]
Steps = Annotated[int, typer.Option(help="Denoising steps, 1 to 200.")]
Seeds = Annotated[str, typer.Option(help="Seeds, as in 0:8 or 1,5,9.")]
RunId = Annotated[str, typer.Argument(help="A run's id, or its first characters (4 or more).")]
