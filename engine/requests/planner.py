"""What a request will cost before it is computed: the walk of its chains, without a model.

The plan goes the way ``engine.chain.chains.walk`` will go, round by round, with the store's keys
instead of payloads. For image runs and for ``exact`` text runs the model calls it predicts are
the calls that will be made. Other text runs may need fewer: two of them that come to the same
tokens share a forward, and which tokens those are is not known before.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cache.store import Store
from engine.chain.chains import prefix
from engine.chain.keys import steps_of
from engine.chain.manifests import run_key
from engine.chain.wording import counted
from engine.requests.plans import AnySpec, Plan, plan, waves

Standing = Literal["cached", "shared", "new"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of a request: how many of its steps are stored, shared with an earlier cell, new.

    Of a request for embeddings or pictures each one counts. A run's stored steps are its first;
    ``shared_with`` is the earlier cell (by place in the request) that computes most of the shared
    ones. ``begun`` says whether its own run made the stored ones, or another one that it shares
    them with.
    """

    planned: Plan
    cached: int
    shared: int
    new: int
    shared_with: int | None = None
    begun: bool = True

    @property
    def of_others(self) -> int:
        """How many of its steps another run has made, or makes in this request."""
        return self.shared if self.begun else self.cached + self.shared

    @property
    def standing(self) -> Standing:
        """``cached`` when nothing is left to do, ``shared`` when some steps are there or come."""
        if self.new == 0 and self.shared == 0:
            return "cached"
        return "shared" if self.cached or self.shared else "new"


@dataclass(frozen=True, slots=True)
class Prediction:
    """A whole request: its cells in order, and what ``compute`` will say it cost."""

    cells: tuple[Cell, ...]
    model_calls: int
    steps_computed: int
    steps_cached: int
    exact: bool  # whether the calls are exact or the most there can be

    @property
    def steps(self) -> int:
        """How many steps (or pictures, or embeddings) it has in all."""
        return sum(cell.cached + cell.shared + cell.new for cell in self.cells)

    @property
    def new(self) -> int:
        """How many of them are to be made."""
        return sum(cell.new for cell in self.cells)

    @property
    def calls_in_words(self) -> str:
        """The model calls in words."""
        return f"{'' if self.exact else 'at most '}{counted(self.model_calls, 'model call')}"


@dataclass
class _Tally:
    """What the simulated walks have counted and stored so far."""

    present: set[str]
    calls: int = 0
    computed: int = 0
    cached: int = 0
    exact: bool = True


def predict(store: Store, specs: Sequence[AnySpec]) -> Prediction:
    """What computing some specs will find in the store, share and compute.

    Raises InvalidInput, ModelMissing. Counts no embedding, decoding or prompt encoding.
    """
    return predict_plans(store, [plan(spec) for spec in specs])


def predict_plans(store: Store, plans: Sequence[Plan]) -> Prediction:
    """``predict`` for specs that are planned already."""
    runs = [run_key(planned.chain.run) for planned in plans]
    wanted = {key for p in plans for key in (*p.chain.step_keys, *p.work_keys)}.union(runs)
    asked = list(wanted)
    before = set(itertools.compress(asked, store.present(asked)))
    tally, maker = _Tally(set(before)), dict[str, int]()
    for group in waves(plans):
        left = [i for i in group if not before.issuperset(plans[i].chain.step_keys)]
        tally.cached += sum(plans[i].chain.step_count for i in set(group) - set(left))
        if left:
            _walk(tally, {i: plans[i] for i in left})
        for i in sorted(left):
            for key in plans[i].work_keys:
                if key not in before:
                    maker.setdefault(key, i)
    cells = tuple(
        _cell(i, planned, before, maker, begun=run in before)
        for i, (planned, run) in enumerate(zip(plans, runs, strict=True))
    )
    return Prediction(
        cells, tally.calls, tally.computed, tally.cached, tally.exact or tally.calls == 0
    )


def _cell(
    which: int, planned: Plan, before: set[str], maker: Mapping[str, int], *, begun: bool
) -> Cell:
    keys = planned.work_keys
    begun = begun or planned.kind.work is not steps_of  # what belongs to no run is nobody else's
    if before.issuperset(planned.chain.step_keys):
        return Cell(planned, len(keys), 0, 0, begun=begun)
    cached = sum(key in before for key in keys)
    others = [maker[key] for key in keys if maker.get(key, which) != which]
    new = len({key for key in keys if maker.get(key) == which})
    most = max(set(others), key=others.count) if others else None
    return Cell(planned, cached, len(keys) - cached - new, new, most, begun)


def _walk(tally: _Tally, plans: Mapping[int, Plan]) -> None:
    """``engine.chain.chains.walk`` over one group without those that are stored, counting."""
    chains = {i: p.chain.step_keys for i, p in plans.items()}
    at: dict[int, int] = {}
    for i, keys in chains.items():
        stored = prefix(key in tally.present for key in keys)
        tally.cached += max(0, stored - 1)
        at[i] = max(1, stored) - 1
        tally.present.add(keys[0])
    first = next(iter(plans.values()))
    specs = {i: p.spec for i, p in plans.items()}
    counter = first.kind.calls(specs, {i: p.chain for i, p in plans.items()}, first.model)
    tally.exact &= counter.exact
    while active := [i for i, keys in chains.items() if at[i] + 1 < len(keys)]:
        leaders = {chains[i][at[i] + 1]: i for i in reversed(active)}
        missing = {key: i for key, i in leaders.items() if key not in tally.present}
        tally.calls += counter.calls({i: at[i] + 1 for i in missing.values()})
        tally.computed += len(missing)
        tally.present |= missing.keys()
        for i in active:
            at[i] += 1
