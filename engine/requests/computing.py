"""Where samplers meet the store: what is there is read, the rest is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from cache.errors import InvalidInput, ModelError, PayloadDamaged, StepscopeError
from cache.payload import Payload
from cache.store import Store
from cache.writing import being_written
from engine.chain.chains import OnFailure, OnStep, concerns_all, ignore, stored_prefix, walk
from engine.chain.mending import mend
from engine.requests.kinds import named
from engine.requests.plans import AnySpec, Plan, keep_manifest, plan, waves

Run = TypeVar("Run")


@dataclass(frozen=True, slots=True)
class Computed:
    """The runs of a request, in its order, and what they cost.

    ``model_calls`` counts states the model was run on, not batches; a step that several runs of
    the request share is counted once.
    """

    runs: tuple[str, ...]
    model_calls: int
    steps_computed: int
    steps_cached: int


class Walker(Protocol):
    """A loaded model that can start chains and take their steps (see ``chains.walk``)."""

    @property
    def model_calls(self) -> int:
        """What it cost so far."""
        ...

    def start(self, which: int) -> Payload: ...

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]: ...


def compute(store: Store, specs: Sequence[AnySpec], on_step: OnStep = ignore) -> Computed:
    """Make sure every run is wholly in the store; only missing steps are computed.

    ``on_step(which spec, step index)`` hears of every step once it is stored, the cached ones
    too, and may raise (``Cancelled``) to stop. A run is listed in the store from its first
    step on. What is met damaged and can be computed again, is. Raises InvalidInput, ModelMissing,
    ModelDamaged, StoreError; what was stored stays.
    """
    return compute_plans(store, [plan(spec) for spec in specs], on_step)


def compute_plans(store: Store, plans: Sequence[Plan], on_step: OnStep = ignore) -> Computed:
    """``compute`` for specs that are planned already."""
    by_place = dict(enumerate(plans))
    return _mending(store, lambda: _compute(store, by_place, on_step, None))


def compute_surviving(
    store: Store, plans: Mapping[int, Plan], on_step: OnStep = ignore
) -> tuple[Computed, dict[int, StepscopeError]]:
    """``compute_plans``, where a run that fails does not stop the rest; the errors by place.

    The others go on abreast. What failed is counted in the cost, for it was computed.
    Cancelling still stops everything. Raises StoreError.
    """
    failed: dict[int, StepscopeError] = {}

    def surviving() -> Computed:
        failed.clear()
        return _compute(store, plans, on_step, failed.__setitem__)

    computed = _mending(store, surviving)
    runs = tuple(planned.chain.run for i, planned in plans.items() if i not in failed)
    return replace(computed, runs=runs), dict(sorted(failed.items()))


def loaded(
    store: Store, plans: Mapping[int, Plan], runs: Sequence[str], load: Callable[[Store, str], Run]
) -> list[Run]:
    """Computed runs as they are read; what turns out damaged is computed again.

    ``plans`` are those that the runs were computed from. Raises as ``compute`` and ``load``.
    """
    while True:
        try:
            return [load(store, run) for run in runs]
        except PayloadDamaged as error:
            if not mend(store, error):
                raise
            compute_surviving(store, plans)


def _mending(store: Store, attempt: Callable[[], Computed]) -> Computed:
    """What an attempt comes to; what it meets damaged and can be computed again, is."""
    while True:
        try:
            return attempt()
        except PayloadDamaged as error:
            if not mend(store, error):
                raise


def _compute(
    store: Store, plans: Mapping[int, Plan], on_step: OnStep, on_failure: OnFailure | None
) -> Computed:
    places, listed = list(plans), list(plans.values())
    calls = computed = cached = 0
    with being_written(store, [p.chain.run for p in listed]):
        for wave in waves(listed):
            together = {places[i]: listed[i] for i in wave}
            stored = {i: stored_prefix(store, p.chain.step_keys) for i, p in together.items()}
            for group, walker in _walkers(store, together, stored, on_failure):
                for planned in group.values():
                    keep_manifest(store, planned)
                walked = walk(
                    store,
                    {i: planned.chain for i, planned in group.items()},
                    stored={i: stored[i] for i in group},
                    start=walker.start,
                    take=walker.take,
                    on_step=on_step,
                    on_failure=on_failure,
                )
                calls += walker.model_calls
                computed, cached = computed + walked.computed, cached + walked.cached
    return Computed(tuple(p.chain.run for p in listed), calls, computed, cached)


def _walkers(
    store: Store,
    plans: Mapping[int, Plan],
    stored: Mapping[int, int],
    on_failure: OnFailure | None,
) -> Iterator[tuple[Mapping[int, Plan], Walker]]:
    """One walker for all plans that it takes; those that it refuses have failed."""
    try:
        walker = _walker(store, plans, stored)
    except StepscopeError as error:
        if on_failure is None or concerns_all(error):
            raise
        if len(plans) == 1 or isinstance(error, ModelError):  # the model is the same for all
            for i in plans:
                on_failure(i, error)
            return
    else:
        yield plans, walker
        return
    taken: dict[int, Plan] = {}
    for i, planned in plans.items():
        for alone, _ in _walkers(store, {i: planned}, stored, on_failure):
            taken |= alone
    if taken:
        yield taken, _walker(store, taken, stored)


def _walker(store: Store, plans: Mapping[int, Plan], stored: Mapping[int, int]) -> Walker:
    first = next(iter(plans.values()))
    if all(stored[i] == len(p.chain.step_keys) for i, p in plans.items()):
        if first.kind.mend is not None:
            named(first.kind.mend)(store, first.model)
        return AllStored()
    return loaded_walker(store, plans)


def loaded_walker(store: Store, plans: Mapping[int, Plan]) -> Walker:
    """The walker of some plans of one kind and model, which is loaded for it."""
    first = next(iter(plans.values()))
    specs = {i: p.spec for i, p in plans.items()}
    chains = {i: p.chain for i, p in plans.items()}
    walker: Walker = first.kind.new_walker(store, first.model, specs, chains)
    return walker


@dataclass
class AllStored:
    """The walker of chains that are wholly stored: it has nothing to do and loads nothing."""

    model_calls: int = 0

    def start(self, which: int) -> Payload:
        """Never asked: the start is stored."""
        raise InvalidInput(f"chain {which} lost its start while it was read; try again")

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]:
        """Never asked: every step is stored."""
        raise InvalidInput(f"chains {list(which)} lost steps while they were read; try again")
