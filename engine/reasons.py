"""Why was this computed? What in a step's key no earlier run of the store had. No torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cache.store import Store
from engine import stored_runs
from engine.image_keys import image_facts
from engine.image_specs import ImageSpec
from engine.plans import parse_spec
from engine.records import Manifest
from engine.run_keys import Facts, corruption_facts, text_facts
from engine.specs import CorruptionSpec, TextSpec

ABSENT = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact of a key that two runs have otherwise; ``index`` is the step (0: the start)."""

    index: int
    name: str
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Reason:
    """Whether a step was there when its run was made, and if not, what stood between.

    ``nearest`` is the earlier run that has the step (a hit), or the one that shares the most
    steps from the start (a miss); None when no earlier run of this kind is in the store.
    """

    index: int
    hit: bool
    nearest: str | None
    shared: int  # steps shared with the nearest, the start not counted; -1: not even the start
    differences: tuple[Difference, ...] = ()


def facts_of(manifest: Manifest) -> list[Facts]:
    """What each key of a run is made of. Raises InvalidInput for a kind without steps."""
    spec = parse_spec(manifest.spec)
    if isinstance(spec, TextSpec):
        return text_facts(spec, manifest.fingerprint)
    if isinstance(spec, ImageSpec):
        return image_facts(spec, manifest.fingerprint)
    if isinstance(spec, CorruptionSpec):
        return corruption_facts(spec, manifest.fingerprint)
    return [dict(manifest.spec) | {"model": manifest.fingerprint}]


def reason(store: Store, manifest: Manifest, index: int) -> Reason:
    """Why step ``index`` (0: the start) of a run had to be computed, or from where it came."""
    others = list(_earlier(store, manifest))
    if not others:
        return Reason(index, False, None, -1)
    makers = [other for other in others if manifest.step_keys[index] in other.step_keys]
    if makers:
        first = min(makers, key=lambda other: other.created_at)
        return Reason(index, True, first.run, _shared(manifest, first))
    mine = facts_of(manifest)
    best = max(others, key=lambda other: (_shared(manifest, other), -_start_distance(mine, other)))
    shared = _shared(manifest, best)
    theirs = facts_of(best)
    place = shared + 1
    found = differences(
        mine[place] if place < len(mine) else {},
        theirs[place] if place < len(theirs) else {},
        index=place,
    )
    return Reason(index, False, best.run, shared, found)


def differences(mine: Facts, theirs: Facts, *, index: int) -> tuple[Difference, ...]:
    """The facts of one key that differ, by name; one that is not there is None."""
    names = sorted(mine.keys() | theirs.keys())
    return tuple(
        Difference(index, name, mine.get(name, ABSENT), theirs.get(name, ABSENT))
        for name in names
        if mine.get(name, ABSENT) != theirs.get(name, ABSENT)
    )


def told(found: Reason) -> str:
    """A reason in one sentence."""
    what = "The start" if found.index == 0 else f"Step {found.index}"
    if found.nearest is None:
        return f"{what} was computed: no earlier run of this kind is in the store."
    short = found.nearest[: stored_runs.SHORT]
    if found.hit:
        return f"{what} was not computed for this run: it was there from run {short}."
    where = "from the start" if found.shared < 0 else f"after step {found.shared}"
    parts = [f"{d.name} is {_shown(d.mine)}, there {_shown(d.theirs)}" for d in found.differences]
    said = "; ".join(parts) or "that run ends there"
    return f"{what} was computed: the nearest earlier run, {short}, differs {where}: {said}."


def _earlier(store: Store, manifest: Manifest) -> Iterator[Manifest]:
    for other in stored_runs.manifests(store, kind=manifest.kind):
        if other.run != manifest.run and other.created_at < manifest.created_at:
            yield other


def _shared(manifest: Manifest, other: Manifest) -> int:
    """The last index up to which two chains have the same keys; -1 when they start apart."""
    pairs = zip(manifest.step_keys, other.step_keys, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(
        len(manifest.step_keys), len(other.step_keys))) - 1  # fmt: skip


def _start_distance(mine: list[Facts], other: Manifest) -> int:
    return len(differences(mine[0], facts_of(other)[0], index=0))


def _shown(value: Any) -> str:
    return "not set" if value is None else repr(value)[:80]
