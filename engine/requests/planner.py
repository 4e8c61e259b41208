"""What a request will cost before it is computed: the walk of its chains, without a model.

The plan goes the way ``engine.chain.chains.walk`` will go, round by round, with the store's keys
instead of payloads. For image runs and for ``exact`` text runs the model calls it predicts are
the calls that will be made. Other text runs may need fewer: two of them that come to the same
tokens share a forward, and which tokens those are is not known before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cache.store import Store
from engine.chain.wording import counted
from engine.requests.plans import AnySpec, Plan, plan, waves

Standing = Literal["cached", "shared", "new"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of a request: how many of its steps are stored, shared with an earlier cell, new.

    The stored ones are its first; ``shared_with`` is the earlier cell (by place in the request)
    that computes most of the shared ones.
    """

    planned: Plan
    cached: int
    shared: int
    new: int
    shared_with: int | None = None

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
    def calls_told(self) -> str:
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
    maker: dict[str, int] = field(default_factory=dict)  # which cell made a key


def predict(store: Store, specs: Sequence[AnySpec]) -> Prediction:
    """What computing some specs will find in the store, share and compute.

    Raises InvalidInput, ModelMissing. Counts no embedding, decoding or prompt encoding.
    """
    return predict_plans(store, [plan(spec) for spec in specs])


def predict_plans(store: Store, plans: Sequence[Plan]) -> Prediction:
    """``predict`` for specs that are planned already."""
    wanted = list(dict.fromkeys(key for p in plans for key in p.chain.step_keys))
    there = store.present(wanted)
    before = {key for key, stored in zip(wanted, there, strict=True) if stored}
    tally = _Tally(set(before))
    for group in waves(plans):
        _walk(tally, {i: plans[i] for i in group})
    cells = tuple(_cell(i, planned, before, tally.maker) for i, planned in enumerate(plans))
    return Prediction(
        cells, tally.calls, tally.computed, tally.cached, tally.exact or tally.calls == 0
    )


def _cell(which: int, planned: Plan, before: set[str], maker: Mapping[str, int]) -> Cell:
    keys = planned.chain.step_keys[1:]
    cached = sum(key in before for key in keys)
    others = [maker[key] for key in keys if key in maker and maker[key] != which]
    new = len(keys) - cached - len(others)
    most = max(set(others), key=others.count) if others else None
    return Cell(planned, cached, len(others), new, most)


def _walk(tally: _Tally, plans: Mapping[int, Plan]) -> None:
    """``engine.chain.chains.walk`` over one group, counting."""
    chains = {i: p.chain.step_keys for i, p in plans.items()}
    at: dict[int, int] = {}
    for i, keys in chains.items():
        stored = next((n for n, key in enumerate(keys) if key not in tally.present), len(keys))
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
        tally.maker |= missing
        for i in active:
            at[i] += 1
