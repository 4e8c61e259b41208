"""The store decides: walks chains of keys, reads what is there, computes what is not. No torch.

This is the one loop under every kind of run. Resume, sweeps that share work and forks are not
features of it but what it does: each step is taken from the stored payload before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cache.payload import Payload
from cache.single_flight import claim_all
from cache.store import Store
from engine.run_keys import Chain

MADE_FOR = "made_for"
OnStep = Callable[[int, int], None]  # (which chain, the index of the step now in the store)
Start = Callable[[int], Payload]
# (which chains, the payload before each) -> (place in the list, the payload after it), as made
Take = Callable[[Sequence[int], Sequence[Payload]], Iterator[tuple[int, Payload]]]


@dataclass(frozen=True, slots=True)
class Walked:
    """How many steps of some chains were found and how many had to be computed."""

    cached: int
    computed: int


def stored_prefix(store: Store, chain: Chain) -> int:
    """How many keys of a chain are in the store, counted from its start."""
    present = store.present(chain.step_keys)
    return next((i for i, there in enumerate(present) if not there), len(present))


def made_for(run: str, payload: Payload) -> Payload:
    """A step's payload that says which run it was computed for; others may come to share it."""
    return Payload(payload.arrays, {**payload.meta, MADE_FOR: run})


def ignore(_which: int, _index: int) -> None:
    """Progress that nobody watches."""


def walk(
    store: Store,
    chains: Mapping[int, Chain],
    *,
    start: Start,
    take: Take,
    on_step: OnStep = ignore,
) -> Walked:
    """Bring every chain to its end, all of them abreast, one step a round.

    ``start`` makes the payload of step 0; ``take`` makes the next payloads of several chains
    from the ones before. Two chains that want the same key, here or in another process, compute
    it once. ``on_step`` may raise to stop; every step it was told of is in the store.
    """
    stored = {i: stored_prefix(store, chain) for i, chain in chains.items()}
    for i, count in stored.items():
        if count == 0:
            store.put(chains[i].step_keys[0], made_for(chains[i].run, start(i)))
        for index in range(1, count):
            on_step(i, index)
    at = {i: max(1, count) - 1 for i, count in stored.items()}
    computed = 0
    while active := [i for i, chain in chains.items() if at[i] + 1 < len(chain.step_keys)]:
        leaders = {chains[i].step_keys[at[i] + 1]: i for i in reversed(active)}
        with claim_all(store.folder, leaders):
            computed += _take_missing(store, chains, at, leaders, take)
        for i in active:
            at[i] += 1
            on_step(i, at[i])
    return Walked(sum(max(0, count - 1) for count in stored.values()), computed)


def _take_missing(
    store: Store,
    chains: Mapping[int, Chain],
    at: Mapping[int, int],
    leaders: Mapping[str, int],
    take: Take,
) -> int:
    present = store.present(list(leaders))
    missing = [i for i, there in zip(leaders.values(), present, strict=True) if not there]
    if not missing:
        return 0
    before = [store.get(chains[i].step_keys[at[i]]) for i in missing]
    for place, payload in take(missing, before):
        i = missing[place]
        store.put(chains[i].step_keys[at[i] + 1], made_for(chains[i].run, payload))
    return len(missing)
