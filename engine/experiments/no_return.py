"""Point of no return: how much of a run's result is decided after each of its steps. No torch.

From some steps on a run is continued several times with other randomness. Where the continuations
agree, the steps before had decided. The idea is old: SDEdit's trade of faithfulness for freedom
over the start (Meng et al. 2021, 2108.01073, fig. 3) seen from the other end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cache.errors import InvalidInput
from cache.store import Store
from engine.chain.axis_values import shown, whole_number
from engine.chain.records import Manifest
from engine.experiments.forks import fork
from engine.metrics.bootstrap import Interval, bootstrap_mean, bootstrap_pairs
from engine.metrics.likeness import Table
from engine.requests.kinds import KINDS, Continued
from engine.requests.plans import AnySpec, parse_spec, plan
from engine.text import stored as text_stored

MOST = 32  # continuations from one step
STEPS_TRIED = 6
MOST_STEPS = 12
SHARE = 0.9  # how alike is decided
USUAL = 6  # continuations from a step

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Continuations:
    """What is computed from one step: a spec for each of some seeds, and where each will end."""

    at: int
    changed: Fields  # what they change besides their seeds
    specs: tuple[AnySpec, ...]
    runs: tuple[str, ...]
    ends: tuple[str, ...]  # the keys of their last steps


@dataclass(frozen=True, slots=True)
class Decided:
    """How alike the continuations from one step came out, in one measure of likeness (1: equal).

    ``among`` is over pairs of continuations, ``with_run`` against the run itself.
    """

    at: int
    measure: str
    among: Interval
    with_run: Interval
    asked: int  # continuations that were asked for; the intervals count those that are there


def steps_with_effect(store: Store, manifest: Manifest) -> int:
    """How many of a run's steps did anything: a text may be done before its steps are used up."""
    if manifest.kind != "text":
        return manifest.step_count
    return text_stored.load_text_run(store, manifest.run).last_step


def steps_to_try(
    manifest: Manifest, most: int = STEPS_TRIED, *, steps: int | None = None
) -> list[int]:
    """At most so many of the ``steps`` of a run to continue from, evenly from the start on.

    Raises InvalidInput for a run of a kind that is not continued.
    """
    able = _continued(manifest.kind).after(parse_spec(manifest.spec), steps or manifest.step_count)
    return sorted({able[i * len(able) // most] for i in range(most)})


def parse_steps(text: str, last: int) -> list[int]:
    """``0, 4, 8`` as steps to continue from, 0 to ``last``, in order. Raises InvalidInput."""
    parts = [part.strip() for part in text.replace(" ", ",").split(",") if part.strip()]
    if not 1 <= len(parts) <= MOST_STEPS:
        raise InvalidInput(f"steps must be 1 to {MOST_STEPS} numbers, got {len(parts)}")
    for part in parts:
        number = whole_number(part)
        if number is None or not 0 <= number <= last:
            raise InvalidInput(f"steps must be 0 to {last}, got {shown(part)}")
    return sorted({int(part) for part in parts})


def continuations(
    store: Store, manifest: Manifest, at: int, count: int, fields: Fields | None = None
) -> Continuations:
    """``count`` forks of a run after step ``at``, each with a seed of its own.

    ``fields`` change with the seed; by default what must for later steps to draw anything. The
    seeds are those after the run's own. Raises InvalidInput (also where nothing would be drawn),
    ModelMissing.
    """
    if not 2 <= count <= MOST:
        raise InvalidInput(f"forks must be 2 to {MOST}, got {count}")
    if not 0 <= at < manifest.step_count:
        raise InvalidInput(f"at must be 0 to {manifest.step_count - 1}, got {at}")
    unforked = fork(store, manifest, at)
    in_force = unforked.at_step(at + 1)
    changed = _continued(manifest.kind).loosened(in_force) if fields is None else fields
    first = in_force.seed + 1
    specs = tuple(
        fork(store, manifest, at, {**changed, "seed": seed}) for seed in range(first, first + count)
    )
    if not specs[0].at_step(at + 1).stochastic:
        raise InvalidInput("nothing is drawn after the step: continuations would be the same")
    chains = [plan(spec).chain for spec in specs]
    runs, ends = (c.run for c in chains), (c.step_keys[-1] for c in chains)
    return Continuations(at, changed, specs, tuple(runs), tuple(ends))


def decided(store: Store, manifest: Manifest, tried: Sequence[Continuations]) -> list[Decided]:
    """How much was decided at each step, from the continuations that are finished.

    Texts: the share of equal tokens, of all that the run wrote and of those still masked at the
    step. Pictures: the cosine of the final latents. Steps without a
    finished continuation give no row.
    """
    rows, likeness = [], _continued(manifest.kind).likeness
    for each in tried:
        ends = [
            key for key, there in zip(each.ends, store.present(each.ends), strict=True) if there
        ]
        if not ends:
            continue
        for measure, table in likeness(store, manifest, each.at, ends).items():
            rows.append(decided_by(each.at, measure, table, asked=len(each.ends)))
    return rows


def decided_by(at: int, measure: str, table: Table, *, asked: int) -> Decided:
    """A row from a table of likeness: the run first, then its continuations."""
    return Decided(
        at=at,
        measure=measure,
        among=bootstrap_pairs(table[1:, 1:]),
        with_run=bootstrap_mean(table[0, 1:].tolist()),
        asked=asked,
    )


def point_of_no_return(
    rows: Sequence[Decided], measure: str, *, share: float = SHARE
) -> int | None:
    """The first of the tried steps from which on the continuations are at least so much alike.

    Even the lower bound of the interval is, at it and at every later one; None if there is none.
    """
    lows = sorted((row.at, row.among.low) for row in rows if row.measure == measure)
    decided_at = None
    for at, low in reversed(lows):
        if not low >= share:
            break
        decided_at = at
    return decided_at


def _continued(kind: str) -> Continued[Any]:
    continued = KINDS[kind].continued if kind in KINDS else None
    if continued is None:
        able = " and ".join(name for name, each in KINDS.items() if each.continued is not None)
        raise InvalidInput(f"only {able} runs can be continued, this one is {kind}")
    return continued
