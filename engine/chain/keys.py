"""A run's chain of keys: key(k) = hash(key(k-1), what step k alone depends on). No torch.

Two specs with the same beginning share keys, and so steps, by construction. What a step does
not depend on is not in its key: a greedy run's steps are shared by every seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cache import keys
from engine.chain.specs import Spec

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chain:
    """A run's identity and the key of its start ([0]) and of each of its steps ([k])."""

    run: str
    step_keys: tuple[str, ...]

    @property
    def step_count(self) -> int:
        """How many steps the chain has, the start not counted."""
        return len(self.step_keys) - 1


def steps_of(_spec: Spec, _fingerprint: str, chain: Chain) -> tuple[str, ...]:
    """The keys whose presence is the progress of most runs: their steps, without the start."""
    return chain.step_keys[1:]


def chain_of(kind: str, spec: Facts, facts: Sequence[Facts]) -> Chain:
    """The keys of a run of a kind from what each depends on; the run is named by spec and chain."""
    chain = [keys.key(kind, facts[0])]
    for step in facts[1:]:
        chain.append(keys.step_key(chain[-1], step))
    run = keys.key("run", {"kind": kind, "last": chain[-1], "spec": spec})
    return Chain(run=run, step_keys=tuple(f"step:{key}" for key in chain))
