"""What is stored, and what a sweep came to, as pandas frames: one row a run. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import pandas as pd

from cache.errors import InvalidInput
from cache.store import Store
from engine.chain import manifests
from engine.chain.axis_values import shown
from engine.chain.records import Manifest
from engine.notebook.values import plain_fields
from engine.requests.kinds import KINDS, run_kinds

COLUMNS = (
    "run", "kind", "model", "words", "seed", "steps", "stored", "created_at", "tags", "note",
    "parent",
)  # fmt: skip
WORDS = ("prompt", "template", "text")  # the fields of specs that say what a run is of
NOT_SETTINGS = frozenset(("kind", "model", "seed", "steps", "changes", "corrected"))


def stored_runs(
    store: Store,
    *,
    kind: str | None = None,
    tag: str | None = None,
    limit: int | None = None,
    where: Mapping[str, Any],
) -> pd.DataFrame:
    """One row a run that can be read, newest first; of one kind also its settings.

    ``where`` are fields of specs that must have these values. Raises InvalidInput.
    """
    if kind is not None and kind not in run_kinds():
        raise InvalidInput(f"kind must be one of {', '.join(run_kinds())}, got {shown(kind)}")
    if limit is not None and (type(limit) is not int or limit < 1):
        raise InvalidInput(f"limit must be at least 1, got {shown(limit)}")
    if tag is not None and not isinstance(tag, str):
        raise InvalidInput(f"tag must be text, got {shown(tag)}")
    wanted = plain_fields(where)
    known = _fields([kind] if kind else run_kinds())
    for name in wanted:
        if name not in known:
            raise InvalidInput(f"unknown field {shown(name)}; choose from {', '.join(known)}")
    listed = (
        manifest
        for manifest in manifests.listed(store, kind=kind)
        if (tag is None or tag in manifest.tags)
        and all(_same(_setting(manifest, name), value) for name, value in wanted.items())
    )
    settings = [name for name in known if name not in NOT_SETTINGS | set(WORDS)] if kind else []
    rows = [_row(store, manifest, settings) for manifest in islice(listed, limit)]
    return pd.DataFrame(rows, columns=[*COLUMNS, *settings])


def sweep_frame(
    cells: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], columns: Sequence[str]
) -> pd.DataFrame:
    """One row a cell: its varied values, then what came of it."""
    varied = list(cells[0]) if cells else []
    both = [{**cell, **row} for cell, row in zip(cells, rows, strict=True)]
    return pd.DataFrame(both, columns=[*varied, *(c for c in columns if c not in varied)])


def _fields(kinds: Sequence[str]) -> list[str]:
    """The fields of the specs of some kinds, each once."""
    names = dict.fromkeys(name for kind in kinds for name in KINDS[kind].spec.model_fields)
    return [name for name in names if name not in ("kind", "changes", "corrected")]


def _row(store: Store, manifest: Manifest, settings: Sequence[str]) -> dict[str, Any]:
    spec = manifest.spec
    return {
        "run": manifest.run,
        "kind": manifest.kind,
        "model": manifest.model,
        "words": next((spec[name] for name in WORDS if spec.get(name) is not None), ""),
        "seed": spec.get("seed"),
        "steps": manifest.step_count,
        "stored": manifests.stored_steps(store, manifest),
        "created_at": pd.Timestamp(manifest.created_at, unit="s", tz="UTC"),
        "tags": manifest.tags,
        "note": manifest.note,
        "parent": manifest.parent,
        **{name: _setting(manifest, name) for name in settings},
    }


def _setting(manifest: Manifest, name: str) -> Any:
    """A field of a run's spec; one that was left out has its default."""
    if name in manifest.spec:
        return manifest.spec[name]
    kind = KINDS.get(manifest.kind)
    info = None if kind is None else kind.spec.model_fields.get(name)
    return None if info is None or info.is_required() else info.default


def _same(stored: Any, asked: Any) -> bool:
    """Whether a stored setting is the one asked for: lists are tuples, and True is not 1."""
    stored = tuple(stored) if isinstance(stored, list) else stored
    return isinstance(stored, bool) == isinstance(asked, bool) and bool(stored == asked)
