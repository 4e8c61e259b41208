"""Why was this computed? What in a step's key the nearest earlier run had otherwise. No torch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cache.store import Store
from engine.chain import manifests
from engine.chain.chains import MADE_FOR
from engine.chain.keys import Facts
from engine.chain.records import Manifest, short_id
from engine.requests.kinds import KINDS
from engine.requests.plans import parse_spec

ABSENT = None
HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact of a key that two runs have otherwise; ``index`` is the step (0: the start)."""

    index: int
    name: str
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Reason:
    """Whether a step was computed for its run, and if so, what stood between.

    ``nearest`` is the run that the step was computed for (a hit; it may be gone since), or the
    earlier one that shares the most steps from the start, and among such the one with the fewest
    other settings (a miss); None when no earlier run of this kind is in the store.
    """

    index: int
    hit: bool
    nearest: str | None
    shared: int  # steps shared with the nearest, the start not counted; -1: not even the start
    differences: tuple[Difference, ...] = ()
    stored: bool = True  # False: the run was interrupted before the step


def facts_of(manifest: Manifest) -> list[Facts]:
    """What each key of a run is made of. Raises InvalidInput."""
    spec = parse_spec(manifest.spec)
    return KINDS[spec.kind].facts(spec, manifest.fingerprint)


def makers(store: Store, manifest: Manifest) -> list[str | None]:
    """For the start and every step: the run it was computed for; None: it is not in the store."""
    return [_maker(store, manifest, index) for index in range(len(manifest.step_keys))]


def reason(
    store: Store, manifest: Manifest, index: int, *, among: Iterable[Manifest] | None = None
) -> Reason:
    """Why step ``index`` (0: the start) of a run has to be computed, or from where it came.

    ``among`` are the runs that may be its nearest; without it every run of its kind is read.
    """
    maker = _maker(store, manifest, index)
    if maker not in (None, manifest.run):
        return Reason(index, True, maker, index)
    stored = maker is not None
    if among is None:
        among = manifests.listed(store, kind=manifest.kind)
    best = nearest(manifest, among)
    if best is None:
        return Reason(index, False, None, -1, stored=stored)
    shared = _shared(manifest, best)
    mine, theirs = facts_of(manifest), facts_of(best)
    place = shared + 1
    differing = differences(
        mine[place] if place < len(mine) else {},
        theirs[place] if place < len(theirs) else {},
        index=place,
    )
    return Reason(index, False, best.run, shared, differing, stored)


def nearest(manifest: Manifest, among: Iterable[Manifest]) -> Manifest | None:
    """The earlier run that shares the most steps with one.

    Of several the one of the same model, with the fewest other settings, the newest.
    """
    earlier = [
        (_shared(manifest, other), other)
        for other in among
        if other.run != manifest.run and other.created_at < manifest.created_at
    ]
    most = max((shared for shared, _ in earlier), default=None)
    alike = [other for shared, other in earlier if shared == most]

    def far(other: Manifest) -> tuple[bool, int, float]:
        return (
            other.fingerprint != manifest.fingerprint,
            _apart(manifest, other),
            -other.created_at,
        )

    return min(alike, key=far, default=None)


def differences(mine: Facts, theirs: Facts, *, index: int) -> tuple[Difference, ...]:
    """The facts of one key that differ, by name; one that is not there is None."""
    names = sorted(mine.keys() | theirs.keys())
    return tuple(
        Difference(index, name, mine.get(name, ABSENT), theirs.get(name, ABSENT))
        for name in names
        if mine.get(name, ABSENT) != theirs.get(name, ABSENT)
    )


def reason_sentence(why: Reason) -> str:
    """A reason in one sentence."""
    what = "The start" if why.index == 0 else f"Step {why.index}"
    was = "was computed" if why.stored else "is not there yet and has to be computed"
    if why.nearest is None:
        return f"{what} {was}: no earlier run of this kind is in the store."
    short = short_id(why.nearest)
    if why.hit:
        return f"{what} was not computed for this run: it was there from run {short}."
    where = "from the start" if why.shared < 0 else f"after step {why.shared}"
    parts = [_told(each) for each in why.differences]
    said = "; ".join(parts) or "that run ends there"
    return f"{what} {was}: the nearest earlier run, {short}, differs {where}: {said}."


def _maker(store: Store, manifest: Manifest, index: int) -> str | None:
    payload = store.find(manifest.step_keys[index])
    return None if payload is None else str(payload.meta.get(MADE_FOR, manifest.run))


def _shared(manifest: Manifest, other: Manifest) -> int:
    """The last index up to which two chains have the same keys; -1 when they start apart."""
    pairs = zip(manifest.step_keys, other.step_keys, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(
        len(manifest.step_keys), len(other.step_keys))) - 1  # fmt: skip


def _apart(manifest: Manifest, other: Manifest) -> int:
    """How many settings two runs have otherwise."""
    return len(differences(dict(manifest.spec), dict(other.spec), index=0))


def _told(each: Difference) -> str:
    if each.name == "seed" and each.mine is ABSENT:
        return f"the seed plays no part, there it is {shown_fact(each.theirs)}"
    if each.name == "seed" and each.theirs is ABSENT:
        return f"seed is {shown_fact(each.mine)}, there it plays no part"
    return f"{each.name} is {shown_fact(each.mine)}, there {shown_fact(each.theirs)}"


def shown_fact(value: Any) -> str:
    """A fact of a key as it is read: written tokens with their places, hashes by their digits."""
    if value is None:
        return "not set"
    if _is_written(value):
        return ", ".join(f"{word!r} at {position}" for position, word in value)[:80]
    return repr(shortened(value))[:80]


def _is_written(value: Any) -> bool:
    """Whether a fact is what a fork wrote: positions with their words."""
    match value:
        case [[int(), str()], *rest]:
            return not rest or _is_written(rest)
    return False


def shortened(value: Any) -> Any:
    """A value without the digits of a hash that nobody reads; all else as it is."""
    if isinstance(value, dict):
        return {name: shortened(each) for name, each in value.items()}
    long = isinstance(value, str) and len(value) == 64 and not set(value) - HEX
    return f"{short_id(value)}…" if long else value
