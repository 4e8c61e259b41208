"""Looking after a store: verify what is there, delete runs, free space when asked.

A run's manifest (``run:<id>``) names its steps (``step_keys``) and what else it needs
(``shared_keys``). Steps may belong to several runs; nothing that a remaining run refers to is
ever deleted, and nothing of a pinned run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cache.errors import MissingFromStore, PayloadError
from cache.folder import ENTRIES
from cache.store import Store

GRACE_S = 3600  # a younger orphan may belong to a writer that is still at work


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What re-hashing everything found."""

    checked: int
    damaged: tuple[str, ...]  # keys whose bytes are not what was stored
    missing: tuple[str, ...]  # keys whose value file is gone
    orphaned: tuple[str, ...]  # value files that no key names


@dataclass(frozen=True, slots=True)
class GcReport:
    """What a clean-up freed, or would free."""

    dry_run: bool
    runs: tuple[str, ...]
    entries: int
    freed_bytes: int
    kept_pinned: tuple[str, ...] = field(default=())


def verify(store: Store, *, on_progress: Callable[[int, int], None] | None = None) -> VerifyReport:
    """Re-hash every entry and look for value files that nobody names. Changes nothing."""
    keys = list(store.scan(""))
    damaged, missing = [], []
    for done, key in enumerate(keys, start=1):
        try:
            if not key.startswith("pin:") and store.find(key) is None and store.has(key):
                missing.append(key)
        except PayloadError:
            damaged.append(key)
        if on_progress is not None:
            on_progress(done, len(keys))
    return VerifyReport(len(keys), tuple(damaged), tuple(missing), tuple(_orphans(store)))


def drop_damaged(store: Store, report: VerifyReport) -> int:
    """Delete what a report names, so that it is computed anew; how many entries and files."""
    for name in report.orphaned:
        (store.folder / ENTRIES / name).unlink(missing_ok=True)
    return store.delete([*report.damaged, *report.missing]) + len(report.orphaned)


def run_keys(store: Store, run: str) -> frozenset[str]:
    """Every key a run refers to, its manifest included. Raises MissingFromStore."""
    meta = store.get(f"run:{run}").meta
    return frozenset([f"run:{run}", *meta["step_keys"], *meta["shared_keys"]])


def delete_cost(store: Store, run: str) -> tuple[frozenset[str], int]:
    """The keys that deleting a run would delete, and the bytes that frees."""
    others = _referred(store, (other for other in _runs(store) if other != run))
    alone = run_keys(store, run) - others
    return alone, store.size_bytes(sorted(alone))


def delete_run(store: Store, run: str) -> int:
    """Delete a run and the steps no other run refers to; the bytes freed.

    Raises MissingFromStore. The manifest goes first: a kill in between leaves only steps that
    ``gc`` collects.
    """
    alone, freed = delete_cost(store, run)
    store.delete([f"run:{run}"])
    store.unpin(run)
    store.delete(alone - {f"run:{run}"})
    return freed


def gc(
    store: Store,
    *,
    older_than_s: float | None = None,
    to_size_bytes: int | None = None,
    dry_run: bool = True,
) -> GcReport:
    """Free space: unreferenced entries, runs older than an age, oldest runs down to a size.

    ``dry_run`` says what it would free and changes nothing. Pinned runs, and what they refer to,
    stay. Entries younger than GRACE_S that no run names stay too: a run may be on its way.
    """
    ages = store.ages_s("run:")
    oldest = sorted(ages, key=lambda key: -ages[key])
    pinned = store.pins()
    doomed = [
        key.removeprefix("run:")
        for key in oldest
        if older_than_s is not None
        and ages[key] > older_than_s
        and key.removeprefix("run:") not in pinned
    ]
    keep = [run for key in oldest if (run := key.removeprefix("run:")) not in doomed]
    loose = _loose(store, _referred(store, keep), doomed)
    if to_size_bytes is not None:
        excess = store.stats().size_bytes - store.size_bytes(sorted(loose)) - to_size_bytes
        for run in [run for run in keep if run not in pinned]:
            if excess <= 0:
                break
            keep.remove(run)
            doomed.append(run)
            loose = _loose(store, _referred(store, keep), doomed)
            excess = store.stats().size_bytes - store.size_bytes(sorted(loose)) - to_size_bytes
    freed = store.size_bytes(sorted(loose))
    if not dry_run:
        store.delete(sorted(loose, key=lambda key: not key.startswith("run:")))
    return GcReport(dry_run, tuple(doomed), len(loose), freed, tuple(sorted(pinned)))


def _loose(store: Store, referred: frozenset[str], doomed: Iterable[str]) -> frozenset[str]:
    """What may go: doomed manifests and their steps, and old entries that no run names."""
    loose = {f"run:{run}" for run in doomed}
    for run in doomed:
        loose |= run_keys(store, run)
    for key, age in store.ages_s("").items():
        if age > GRACE_S and not key.startswith(("run:", "pin:")):
            loose.add(key)
    return frozenset(loose - referred)


def _runs(store: Store) -> list[str]:
    return [key.removeprefix("run:") for key in store.scan("run:")]


def _referred(store: Store, runs: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for run in runs:
        try:
            found |= run_keys(store, run)
        except (MissingFromStore, PayloadError):
            continue
    return frozenset(found)


def _orphans(store: Store) -> list[str]:
    named = set(store.value_files().values())
    entries = store.folder / ENTRIES
    now = time.time()
    found = []
    for path in entries.glob("??/??/*.val"):
        name = str(Path(path).relative_to(entries))
        try:
            age = now - path.stat().st_mtime
        except OSError:
            continue
        if name not in named and age > GRACE_S:
            found.append(name)
    return found
