"""What a request will cost before it is computed: the walk of its chains, without a model.

The plan goes the way ``engine.chains.walk`` will go, round by round, with the store's keys
instead of payloads. For image runs and for ``exact`` text runs the model calls it predicts are
the calls that will be made. Other text runs may need fewer: two of them that come to the same
tokens share a forward, and which tokens those are is not known before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cache.store import Store
from engine.image_keys import Turn, image_turns, last_whole_pass, position_of
from engine.image_specs import ImageSpec
from engine.models.pipeline_folder import pipeline_facts
from engine.plans import AnySpec, Plan, plan, waves
from engine.specs import TextSpec
from engine.wording import counted

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
    exact = all(not isinstance(p.spec, TextSpec) or p.spec.exact for p in plans)
    cells = tuple(_cell(i, planned, before, tally.maker) for i, planned in enumerate(plans))
    return Prediction(cells, tally.calls, tally.computed, tally.cached, exact or tally.calls == 0)


def _cell(which: int, planned: Plan, before: set[str], maker: Mapping[str, int]) -> Cell:
    keys = planned.chain.step_keys[1:]
    cached = sum(key in before for key in keys)
    others = [maker[key] for key in keys if key in maker and maker[key] != which]
    new = len(keys) - cached - len(others)
    most = max(set(others), key=others.count) if others else None
    return Cell(planned, cached, len(others), new, most)


def _walk(tally: _Tally, plans: Mapping[int, Plan]) -> None:
    """``engine.chains.walk`` over one group, counting."""
    chains = {i: p.chain.step_keys for i, p in plans.items()}
    at: dict[int, int] = {}
    for i, keys in chains.items():
        stored = next((n for n, key in enumerate(keys) if key not in tally.present), len(keys))
        tally.cached += max(0, stored - 1)
        at[i] = max(1, stored) - 1
        tally.present.add(keys[0])
    counter = _counter(plans)
    while active := [i for i, keys in chains.items() if at[i] + 1 < len(keys)]:
        leaders = {chains[i][at[i] + 1]: i for i in reversed(active)}
        missing = {key: i for key, i in leaders.items() if key not in tally.present}
        tally.calls += counter.calls({i: at[i] + 1 for i in missing.values()})
        tally.computed += len(missing)
        tally.present |= missing.keys()
        tally.maker |= missing
        for i in active:
            at[i] += 1


class _Free:
    """Kinds whose steps need no model call."""

    def calls(self, _steps: Mapping[int, int]) -> int:
        """The calls of one round: which cell takes which step."""
        return 0


class _TextCalls(_Free):
    """One forward a state; runs that are not exact share those of equal states."""

    def __init__(self, plans: Mapping[int, Plan]) -> None:
        self.plans = plans

    def calls(self, steps: Mapping[int, int]) -> int:
        alone, together = 0, set()
        for i, index in steps.items():
            spec, keys = self.plans[i].spec, self.plans[i].chain.step_keys
            if isinstance(spec, TextSpec) and spec.exact:
                alone += 1
            elif isinstance(spec, TextSpec):
                change = next((c for c in spec.changes if c.at == index - 1), None)
                written = change.write if change is not None else ()
                together.add((keys[index - 1], written, spec.suppress_special))
        return alone + len(together)


class _ImageCalls(_Free):
    """One sample a row; equal rows of runs that share batches are one."""

    def __init__(self, plans: Mapping[int, Plan]) -> None:
        self.plans = plans
        self.turns: dict[int, list[Turn]] = {
            i: image_turns(p.spec) for i, p in plans.items() if isinstance(p.spec, ImageSpec)
        }
        facts = pipeline_facts(next(iter(plans.values())).found)
        # SDXL encodes an empty negative prompt otherwise than an empty prompt
        self.embedded, self.apart = facts.embeds_guidance, facts.family == "sdxl"
        self.whole: dict[int, int] = {}  # DeepCache: each run's last whole pass in this walk

    def calls(self, steps: Mapping[int, int]) -> int:
        alone, together = 0, set()
        for i, index in steps.items():
            turn = self.turns[i][index - 1]
            rows = self._rows(i, index, turn)
            if turn.spec.accelerator == "deepcache":
                alone += len(rows) + self._made_again(i, index)
            elif turn.spec.exact:
                alone += len(rows)
            else:
                together |= {(turn.spec.attention_slicing, *row) for row in rows}
        return alone + len(together)

    def _rows(self, i: int, index: int, turn: Turn) -> list[tuple[object, ...]]:
        spec = turn.spec
        guidance = spec.guidance_at(position_of(spec.sampler, turn.evaluation))
        state = (self.plans[i].chain.step_keys[index - 1], spec.sampler, turn.evaluation)
        if self.embedded:
            return [(*state, spec.prompt, guidance)]
        rows: list[tuple[object, ...]] = [(*state, spec.prompt, False)]
        if guidance > 1:
            rows.append((*state, spec.negative_prompt, self.apart))
        return rows

    def _made_again(self, i: int, index: int) -> int:
        """The rows of a whole pass that a shallow one needs and this walk has not seen."""
        whole = last_whole_pass(self.turns[i][index - 1].spec, index)
        known = self.whole.get(i) == whole
        self.whole[i] = whole
        if whole == index or known:
            return 0
        return len(self._rows(i, whole, self.turns[i][whole - 1]))


def _counter(plans: Mapping[int, Plan]) -> _Free:
    spec = next(iter(plans.values())).spec
    if isinstance(spec, TextSpec):
        return _TextCalls(plans)
    return _ImageCalls(plans) if isinstance(spec, ImageSpec) else _Free()
