"""How long something will take, from what like steps in the store took. No torch."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from typing import Any

from cache.errors import PayloadError
from cache.store import Store
from engine.chain import manifests
from engine.chain.malformed import read_as
from engine.chain.records import Manifest
from engine.requests.kinds import KINDS
from engine.requests.plans import Plan

LOOKED_AT = 200  # runs of the store that are asked for like steps
TIMED = 5  # of them that are timed


def estimate(store: Store, work: Iterable[tuple[Plan, int]]) -> float | None:
    """About how many seconds the new steps of some runs take: (plan, how many are new) each.

    None when no like step was ever timed here.
    """
    seconds: dict[tuple[Any, ...], float | None] = {}
    total = 0.0
    for planned, new in work:
        if new == 0 or not planned.kind.needs_model:
            continue
        like = _like(planned.spec.facts(), planned.model.fingerprint)
        if like not in seconds:
            seconds[like] = seconds_a_step(store, planned)
        one = seconds[like]
        if one is None:
            return None
        total += one * new
    return total


def seconds_a_step(store: Store, planned: Plan) -> float | None:
    """The median of what like steps took, scaled to this one's size; None without any.

    Like steps are of the same model and precision, and as many at a time, if there are any; time
    is taken to grow with tokens, or with pixels times U-Net calls.
    """
    spec, fingerprint = planned.spec, planned.model.fingerprint
    step_size = planned.kind.step_size
    if step_size is None:
        return None
    size = step_size(spec.facts())
    timed: list[float] = []
    nearly: list[float] = []  # alike, but one at a time or several where this one is not
    for manifest, _ in zip(manifests.listed(store, kind=spec.kind), range(LOOKED_AT), strict=False):
        if _like(manifest.spec, manifest.fingerprint)[:3] != _like(spec.facts(), fingerprint)[:3]:
            continue
        together = manifest.spec.get("exact") == spec.facts().get("exact")
        found = timed if together else nearly
        if len(found) < TIMED and (seconds := _seconds(store, manifest)) is not None:
            found.append(seconds * size / step_size(manifest.spec))
        if len(timed) == TIMED:
            break
    return statistics.median(timed or nearly) if timed or nearly else None


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 1:
        return "under a second"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _seconds(store: Store, manifest: Manifest) -> float | None:
    """What the middle one of a run's stored steps took; the first one may have loaded things."""
    stored = manifests.stored_steps(store, manifest)
    if stored < 2:
        return None
    key = manifest.step_keys[(stored + 3) // 2 if stored > 2 else 2]
    try:
        payload = store.find(key)
        with read_as(key):
            seconds = float(payload.meta.get("seconds", 0.0)) if payload is not None else 0.0
    except PayloadError:
        return None  # another run was timed, too
    return seconds or None


def _like(spec: Mapping[str, Any], fingerprint: str) -> tuple[Any, ...]:
    """What makes two steps cost alike; the last one is their size."""
    names = ("precision", "accelerator")
    step_size = KINDS[spec["kind"]].step_size
    size = step_size(spec) if step_size is not None else 0.0
    return (fingerprint, *(spec.get(name) for name in names), spec.get("exact"), size)
