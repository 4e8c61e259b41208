"""The store decides: walks chains of keys, reads what is there, computes what is not. No torch.

This is the one loop under every kind of run. Resume, sweeps that share work and forks are not
features of it but what it does: each step is taken from the stored payload before it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cache.errors import Cancelled, StepscopeError, StoreError
from cache.payload import Payload
from cache.single_flight import claim_all
from cache.store import Store
from engine.chain.keys import Chain

MADE_FOR = "made_for"
OnStep = Callable[[int, int], None]  # (which chain, the index of the step now in the store)
OnFailure = Callable[[int, StepscopeError], None]
Start = Callable[[int], Payload]
# (which chains, the payload before each) -> (place in the list, the payload after it), as made
Take = Callable[[Sequence[int], Sequence[Payload]], Iterator[tuple[int, Payload]]]


@dataclass(frozen=True, slots=True)
class Walked:
    """How many steps of some chains were found and how many had to be computed."""

    cached: int
    computed: int


def stored_prefix(store: Store, step_keys: Sequence[str]) -> int:
    """How many keys of a chain are in the store, counted from its start."""
    return prefix(store.present(step_keys))


def steps_stored(store: Store, step_keys: Sequence[str]) -> int:
    """How many steps of a chain are in the store, counted from its start, which is none."""
    return max(0, stored_prefix(store, step_keys) - 1)


def prefix(present: Iterable[bool]) -> int:
    """How many are there before the first that is not."""
    return sum(1 for _ in itertools.takewhile(bool, present))


def made_for(run: str, payload: Payload) -> Payload:
    """A step's payload that says which run it was computed for; others may come to share it."""
    return Payload(payload.arrays, {**payload.meta, MADE_FOR: run})


def ignore(_which: int, _index: int) -> None:
    """Progress that nobody watches."""


def walk(
    store: Store,
    chains: Mapping[int, Chain],
    *,
    stored: Mapping[int, int],
    start: Start,
    take: Take,
    on_step: OnStep = ignore,
    on_failure: OnFailure | None = None,
) -> Walked:
    """Bring every chain to its end, all of them abreast, one step a round.

    ``stored`` is each one's ``stored_prefix``, as it was looked up for this walk; what has come
    since is found on the way. ``start`` makes the payload of step 0; ``take`` makes the next
    payloads of several chains from the ones before. Two chains that want the same key, here or in
    another process, compute it once. ``on_step`` may raise to stop; every step it was told of is
    in the store.
    Where ``on_failure`` is given it hears which chain failed, and the others go on abreast.
    """
    left = dict(chains)
    for i, count in stored.items():
        if count == 0:
            try:
                store.put(chains[i].step_keys[0], made_for(chains[i].run, start(i)))
            except StepscopeError as error:
                if on_failure is None or concerns_all(error):
                    raise
                on_failure(i, error)
                del left[i]
        for index in range(1, count):
            on_step(i, index)
    at = {i: max(1, count) - 1 for i, count in stored.items()}
    computed = 0
    while active := [i for i, chain in left.items() if at[i] + 1 < len(chain.step_keys)]:
        wanted = {i: left[i].step_keys[at[i] + 1] for i in active}
        leaders = {wanted[i]: i for i in reversed(active)}
        with claim_all(store.folder, leaders):
            taken, failed = _take_missing(
                store, left, at, leaders, take, surviving=on_failure is not None
            )
        computed += taken
        for i in active:
            if on_failure is not None and wanted[i] in failed:
                on_failure(i, failed[wanted[i]])
                del left[i]
                continue
            at[i] += 1
            on_step(i, at[i])
    return Walked(sum(max(0, count - 1) for count in stored.values()), computed)


def concerns_all(error: StepscopeError) -> bool:
    """Whether an error is not one chain's alone: somebody stopped the work, or the store failed."""
    return isinstance(error, Cancelled | StoreError)


def _take_missing(
    store: Store,
    chains: Mapping[int, Chain],
    at: Mapping[int, int],
    leaders: Mapping[str, int],
    take: Take,
    *,
    surviving: bool,
) -> tuple[int, dict[str, StepscopeError]]:
    """(steps computed, the error by key of those that failed, where others may survive them)."""
    present = store.present(list(leaders))
    missing = [i for i, there in zip(leaders.values(), present, strict=True) if not there]
    before = {i: store.get(chains[i].step_keys[at[i]]) for i in missing}
    failed: dict[str, StepscopeError] = {}
    batches = [missing] if missing else []
    while batches:
        batch = batches.pop(0)
        rest = list(batch)
        try:
            for place, payload in take(batch, [before[i] for i in batch]):
                i = batch[place]
                store.put(chains[i].step_keys[at[i] + 1], made_for(chains[i].run, payload))
                rest.remove(i)
        except StepscopeError as error:
            if not surviving or concerns_all(error) or not rest:
                raise
            if len(rest) == 1:
                failed[chains[rest[0]].step_keys[at[rest[0]] + 1]] = error
            else:  # halves: who is at fault stands alone soon, and the others stay together
                half = len(rest) // 2
                batches[:0] = [rest[:half], rest[half:]]
    return len(missing) - len(failed), failed
