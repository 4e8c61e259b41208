"""``python -m engine runs``: list, show, delete, pin, export, import."""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Mapping
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from cache.errors import InvalidInput, PayloadError
from cache.store import Store
from cache.upkeep import delete_runs
from engine.capsules.exporting import export_runs
from engine.capsules.importing import import_runs
from engine.chain import manifests
from engine.chain.records import Manifest, short_id
from engine.chain.wording import counted
from engine.cli.console import (
    AsJson,
    StoreFolder,
    open_store,
    print_json,
    print_rows,
    stderr,
    stdout,
)
from engine.cli.files import opened_file, written_whole
from engine.cli.options import RunId
from engine.experiments import forks
from engine.requests.documents import run_document
from engine.requests.kinds import run_kinds
from engine.requests.plans import parse_spec

app = typer.Typer(no_args_is_help=True, help="Runs in the store.")

LISTED_KINDS = run_kinds()


@app.command("list")
def list_runs(
    kind: Annotated[str | None, typer.Option(help="Only runs of this kind.")] = None,
    limit: Annotated[int, typer.Option(help="At most this many, newest first.")] = 50,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """The runs of the store, newest first."""
    if limit < 1:
        raise InvalidInput(f"limit must be at least 1, got {limit}")
    if kind is not None and kind not in LISTED_KINDS:
        raise InvalidInput(f"kind must be one of {', '.join(LISTED_KINDS)}, got {kind!r}")
    with open_store(store, to_read=True) as opened:
        pins = opened.pins()
        summaries: list[dict[str, Any]] = []
        unreadable: dict[str, PayloadError] = {}
        listed = manifests.listed(
            opened, kind=kind, on_unreadable=lambda run, why: unreadable.update({run: why})
        )
        for manifest in islice(listed, limit):
            summaries.append(summary(opened, manifest) | {"pinned": manifest.run in pins})
    if json:
        unread = [{"run": run, "reason": str(why)} for run, why in unreadable.items()]
        print_json({"runs": summaries} | ({"unreadable": unread} if unread else {}))
        return
    rows = [
        (
            short_id(row["run"]) + (" pinned" if row["pinned"] else ""),
            row["kind"],
            row["model"],
            f"{row['steps_stored']}/{row['steps']}",
            time.strftime("%m-%d %H:%M", time.localtime(row["created_at"])),
            described(row["spec"]),
        )
        for row in summaries
    ]
    print_rows(("run", "kind", "model", "steps", "made", "asked for, beside the defaults"), rows)
    later = [short_id(row["run"]) for row in summaries if "later_fields" in row]
    if later:
        stderr.print(f"made by a later version, shown as far as known here: {', '.join(later)}")
    for run, why in unreadable.items():
        stderr.print(f"run {short_id(run)} cannot be read: {why}", markup=False)


def described(spec: Mapping[str, Any]) -> str:
    """What a spec asks for, in a line: its words, then what differs from the defaults."""
    asked = parse_spec(spec).model_dump(mode="json", exclude_defaults=True)
    asked.pop("corrected", None)  # of the model, not of what was asked
    words = [str(asked.pop(name)) for name in ("prompt", "template", "text") if name in asked]
    changes = [forks.described_change(change) for change in asked.pop("changes", ())]
    rest = [f"{name} {value}" for name, value in asked.items() if name not in ("kind", "model")]
    return "; ".join(" ".join(part.split()) for part in [*words, ", ".join(rest), *changes] if part)


@app.command()
def show(run: RunId, store: StoreFolder = None, json: AsJson = False) -> None:
    """One run, step by step."""
    with open_store(store, to_read=True) as opened:
        document = run_document(opened, manifests.resolve(opened, run))
    if json:
        print_json(document)
        return
    for step in document.get("steps", document.get("levels", [])):
        text = step.get("text") or " ".join(step.get("tokens", []))
        if "timestep" in step:
            text = (
                f"t {step['timestep']:g}  sigma {step['sigma']:.3g}  guidance {step['guidance']:g}"
            )
        stdout.print(f"{step['index']:>4}  {text}", markup=False, soft_wrap=True)


@app.command()
def delete(
    runs: Annotated[list[str], typer.Argument(help="Ids of runs.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Delete runs and the steps no other run shares."""
    with open_store(store) as opened:
        resolved = [manifests.resolve(opened, run) for run in runs]
        if not yes:
            typer.confirm(f"Delete {counted(len(resolved), 'run')}?", abort=True, err=True)
        freed = delete_runs(opened, resolved, dry_run=False).freed_bytes
    if json:
        print_json({"deleted": resolved, "freed_bytes": freed})
        return
    stderr.print(f"{counted(len(resolved), 'run')} deleted, {freed:,} bytes freed")


@app.command()
def pin(
    run: RunId,
    off: Annotated[bool, typer.Option("--off", help="Unpin instead.")] = False,
    store: StoreFolder = None,
) -> None:
    """Keep a run from every clean-up."""
    with open_store(store) as opened:
        resolved = manifests.resolve(opened, run)
        (opened.unpin if off else opened.pin)(resolved)
    stderr.print(f"{short_id(resolved)} {'unpinned' if off else 'pinned'}")


@app.command()
def export(
    runs: Annotated[list[str], typer.Argument(help="Ids of runs.")],
    out: Annotated[Path, typer.Option(help="A .zip: a capsule. A .json: one run's record.")],
    store: StoreFolder = None,
) -> None:
    """Write runs as a capsule that opens elsewhere without any model, or one run's record."""
    if out.suffix not in (".zip", ".json"):
        raise InvalidInput(f"out must end in .zip (a capsule) or .json (a record), got {out.name}")
    if out.suffix == ".json" and len(runs) != 1:
        raise InvalidInput(f"a .json holds one run's record, got {len(runs)} runs")
    with open_store(store, to_read=True) as opened, written_whole(out) as file:
        resolved = [manifests.resolve(opened, run) for run in runs]
        if out.suffix == ".zip":
            export_runs(opened, resolved, file)
        else:
            document = run_document(opened, resolved[0])
            text = jsonlib.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
            file.write(text.encode())
    stderr.print(f"wrote {out}, {out.stat().st_size:,} bytes", markup=False)


@app.command("import")
def import_capsule(
    file: Annotated[Path, typer.Argument(help="A capsule, as written by export.")],
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Take the runs of a capsule into the store; what is there already stays as it is."""
    with opened_file(file) as source, open_store(store) as opened:
        brought = import_runs(opened, source)
    if json:
        print_json(asdict(brought))
        return
    present = f"{len(brought.present_runs)} {'was' if len(brought.present_runs) == 1 else 'were'}"
    stderr.print(
        f"{counted(len(brought.new_runs), 'run')} imported, {present} here already; "
        f"{counted(brought.new_entries, 'payload')} new, {brought.present_entries} here already",
        markup=False,
    )
    if brought.left_out:
        stderr.print(
            f"{brought.left_out} pictures were left out: their steps were computed here, and this "
            "store's own model decodes them"
        )


def summary(store: Store, manifest: Manifest) -> dict[str, Any]:
    """A line of the list as JSON."""
    return {
        "run": manifest.run,
        "kind": manifest.kind,
        "model": manifest.model,
        "spec": dict(manifest.spec),
        "steps": manifest.step_count,
        "steps_stored": manifests.stored_steps(store, manifest),
        "created_at": manifest.created_at,
        "tags": list(manifest.tags),
        "note": manifest.note,
        **({"later_fields": list(manifest.later)} if manifest.later else {}),
    }
