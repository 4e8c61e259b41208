"""What every command shares: options, progress on stderr, JSON on stdout, errors as one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cache.errors import (
    CapsuleError,
    InvalidInput,
    MissingFromStore,
    ModelMissing,
    StepscopeError,
)
from cache.store import Store
from engine.local_worker import take_threads

StoreFolder = Annotated[
    Path | None,
    typer.Option("--store", envvar="STEPSCOPE_STORE", help="Folder of the store."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

BAD_INPUT = 2
FAILED = 1
ASKED_WRONGLY = (InvalidInput, ModelMissing, MissingFromStore, CapsuleError)

stderr = Console(stderr=True, highlight=False)
stdout = Console(highlight=False)


def run_app(app: typer.Typer, arguments: Sequence[str] | None = None) -> None:
    """Run a command line; a StepscopeError becomes one line on stderr and an exit code.

    2 for what was asked wrongly, 1 for what failed, 130 for Ctrl-C.
    """
    try:
        take_threads()
        app(args=list(arguments) if arguments is not None else None)
    except StepscopeError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT if isinstance(error, ASKED_WRONGLY) else FAILED)


def print_json(document: Any) -> None:
    """One JSON document on stdout; NaN is refused, for no JSON reader accepts it."""
    json.dump(document, sys.stdout, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")


def print_rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of plain text, its last column cut to a terminal's width and whole elsewhere."""
    table = [header, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(header) - 1)]
    for row in table:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True)]
        line = "  ".join([*cells, row[-1]]).rstrip()
        if stdout.is_terminal:
            stdout.print(line, markup=False, no_wrap=True, overflow="ellipsis")
        else:
            stdout.print(line, markup=False, soft_wrap=True)


@contextmanager
def open_store(folder: Path | None) -> Iterator[Store]:
    """The store of the ``--store`` option, closed afterwards."""
    store = Store.open(folder)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def step_progress(total: int, what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar over ``total`` steps on stderr; yields the ``on_step`` that moves it.

    Ctrl-C leaves a line that says the run can be resumed.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr, transient=True) as progress:
        task = progress.add_task(what, total=total)
        try:
            seen: set[tuple[int, int]] = set()  # a step may be told of twice

            def on_step(which: int, index: int) -> None:
                seen.add((which, index))
                progress.update(task, completed=len(seen))

            yield on_step
        except KeyboardInterrupt:
            done = int(progress.tasks[0].completed)
            stderr.print(f"interrupted: {done} of {total} steps stored; the same command resumes")
            raise
