"""What a run took: its steps and the seconds they recorded, and how much room they take."""

from __future__ import annotations

from cache.errors import StepscopeError
from cache.store import Store
from dashboard.data.shelf import Entry
from engine.chain.malformed import read_as
from engine.chain.records import Manifest, short_id
from engine.requests.estimates import duration


def recorded_seconds(store: Store, manifest: Manifest) -> float | None:
    """The seconds that a run's stored steps recorded together; None where they recorded none.

    A step that runs share counts in each, whoever computed it.
    """
    seconds = []
    for key in manifest.step_keys:
        try:
            payload = store.find(key)
            with read_as(key):
                if payload is not None and payload.meta.get("seconds"):
                    seconds.append(float(payload.meta["seconds"]))
        except StepscopeError:
            continue
    return sum(seconds) if seconds else None


def cost_line(store: Store, entry: Entry) -> str:
    """A run's cost in words."""
    manifest = entry.manifest
    parts = []
    if manifest.step_count:
        parts.append(f"{entry.steps_stored} of {manifest.step_count} steps stored")
    seconds = recorded_seconds(store, manifest)
    if seconds is not None:
        parts.append(f"computed in {duration(seconds)} of model time")
    parts.append(f"{entry.size_bytes / 1e6:.2f} MB with what it shares")
    if manifest.parent:
        parts.append(f"forked from {short_id(manifest.parent)}")
    return ", ".join(parts)
