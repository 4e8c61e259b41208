"""What every command shares: options, progress on stderr, JSON on stdout, errors as one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
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
from engine.chain.axis_values import shown
from engine.chain.specs import wanted_kind
from engine.chain.wording import counted
from engine.cli.streams import (
    StreamClosed,
    Watched,
    escape_unprintable,
    tell_error,
    watched_streams,
    write_json,
)
from engine.jobs.local_worker import take_threads

StoreFolder = Annotated[
    Path | None,
    typer.Option("--store", envvar="STEPSCOPE_STORE", help="Folder of the store."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

BAD_INPUT = 2
FAILED = 1
DEBUG = "STEPSCOPE_DEBUG"  # set: unforeseen errors keep their tracebacks
ASKED_WRONGLY = (InvalidInput, ModelMissing, MissingFromStore, CapsuleError)

stderr = Console(stderr=True, highlight=False)
stdout = Console(highlight=False)


def run_app(app: typer.Typer, arguments: Sequence[str] | None = None) -> None:
    """Run a command line; what goes wrong becomes one line on stderr and an exit code.

    2 for what was asked wrongly, 1 for what failed, 130 for Ctrl-C. With STEPSCOPE_DEBUG set, an
    error that nobody foresaw keeps its traceback.
    """
    escape_unprintable()
    with watched_streams() as watched:
        code = _ended(app, arguments, watched)
    if watched is not None and watched.lost is not None:
        code = code or FAILED
        if not isinstance(watched.lost, BrokenPipeError):  # who closed a pipe has read enough
            tell_error(f"stdout cannot be written: {watched.lost.strerror}")
    sys.exit(code)


def _ended(app: typer.Typer, arguments: Sequence[str] | None, watched: Watched | None) -> int:
    try:
        take_threads()
        return int(app(args=arguments and list(arguments), standalone_mode=False) or 0)
    except StepscopeError as error:
        tell_error(str(error))
        return BAD_INPUT if isinstance(error, ASKED_WRONGLY) else FAILED
    except typer.TyperException as error:
        _tell_usage(error)
        return error.exit_code
    except typer.Abort:
        tell_error("stopped before anything was done")
    except SystemExit as ended:  # rich ends a closed pipe so
        return ended.code if isinstance(ended.code, int) else FAILED
    except Exception as error:
        if isinstance(error, StreamClosed):
            tell_error(f"stdout cannot be written: {error}")
        elif watched is None or watched.lost is not error:
            if os.environ.get(DEBUG):
                raise
            cause = f"{type(error).__name__}: {error}"
            tell_error(f"unexpected {cause[:500]}; set {DEBUG}=1 for the traceback")
    return FAILED


def _tell_usage(error: typer.TyperException) -> None:
    """What typer refuses, in one line; without any command it shows the help instead."""
    message = error.format_message()
    if message.startswith("Usage:"):
        stderr.print(message, markup=False, soft_wrap=True)
        return
    option = message.removeprefix("Invalid value for ").partition(": ")[0].replace("'", "")
    if isinstance(error.__cause__, ValidationError):
        given = error.__cause__.errors()[0]
        wanted = wanted_kind(given["type"]) or given["msg"]
        message = f"{option} must be {wanted}, got {shown(given['input'])}"
    tell_error(message)


def print_json(document: Any) -> None:
    """One JSON document on stdout, whole or not at all; see ``streams.write_json``."""
    write_json(document)


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
def open_store(folder: Path | None, *, to_read: bool = False) -> Iterator[Store]:
    """The store of the ``--store`` option, closed afterwards.

    With ``to_read`` one that cannot be written, is full or is just being written opens too.
    """
    store = Store.open(folder, to_read=to_read)
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
            stderr.print(
                f"interrupted: {done} of {counted(total, 'step')} stored; the same command resumes"
            )
            raise
