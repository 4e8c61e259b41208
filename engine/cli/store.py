"""``python -m engine store ...``: stats, verify, gc."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from cache import upkeep
from cache.errors import InvalidInput
from cache.folder import default_folder
from cache.salvage import salvage
from engine.capsules.verifying import drop_unreadable, verify_store
from engine.cli.console import AsJson, StoreFolder, open_store, print_json, stderr, stdout

app = typer.Typer(no_args_is_help=True, help="The store of all steps.")

DAY_S = 86_400
MIB = 2**20


@app.command()
def stats(store: StoreFolder = None, json: AsJson = False) -> None:
    """Where the store is and how much it holds."""
    with open_store(store, to_read=True) as opened:
        _report(opened.stats(), json)


@app.command()
def verify(
    drop: Annotated[bool, typer.Option("--drop", help="Delete what is damaged.")] = False,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Re-hash everything; exit code 1 when anything is damaged, missing or cannot be read."""
    with (
        open_store(store, to_read=not drop) as opened,
        Progress(console=stderr, transient=True) as progress,
    ):
        task = progress.add_task("verifying", total=None)
        report = verify_store(
            opened,
            on_progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
        if drop:
            drop_unreadable(opened, report)
    _report(report, json)
    if report.faulty:
        raise typer.Exit(1)


@app.command()
def gc(
    older_than_days: Annotated[float | None, typer.Option(help="Runs older than this.")] = None,
    to_mib: Annotated[float | None, typer.Option(help="Oldest runs first, down to this.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Really delete; else only say.")] = False,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Free space: says what it would free, deletes only with --apply, never a pinned run."""
    for name, value in (("older_than_days", older_than_days), ("to_mib", to_mib)):
        if value is not None and not 0 <= value < 1e9:
            raise InvalidInput(f"{name} must be 0 to 1e9, got {value}")
    with open_store(store, to_read=not apply) as opened:
        report = upkeep.gc(
            opened,
            older_than_s=None if older_than_days is None else older_than_days * DAY_S,
            to_size_bytes=None if to_mib is None else int(to_mib * MIB),
            dry_run=not apply,
        )
    _report(report, json)


@app.command("salvage")
def salvage_store(
    new_folder: Annotated[Path, typer.Argument(help="A new or empty folder, for what is saved.")],
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Save what can be read of a damaged store into a new one; the old one is not touched.

    Exit code 1 when something was lost.
    """
    report = salvage(default_folder() if store is None else store, new_folder)
    _report(report, json)
    if report.lost or report.lost_rows:
        raise typer.Exit(1)


def _report(report: Any, as_json: bool) -> None:
    fields = {name: _plain(value) for name, value in dataclasses.asdict(report).items()}
    if as_json:
        print_json(fields)
        return
    for name, value in fields.items():
        stdout.print(f"{name:>16}  {value}", markup=False, soft_wrap=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v) for v in value]
    return value
