"""A kind of runs that nobody needs: random walks of one number, as a new kind would be added."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from cache.payload import Payload
from engine.chain import manifests
from engine.chain.costs import Budget
from engine.chain.keys import Chain, chain_of
from engine.chain.payload_checks import must, must_be_floats
from engine.chain.specs import ModelName, Seed, Spec, Steps
from engine.requests.kinds import Kind


class WalkSpec(Spec):
    """A random walk from 0."""

    kind: Literal["walk"] = "walk"
    model: ModelName = "builtin-bert"
    steps: Steps = 4
    seed: Seed = 0


def walk_facts(spec, fingerprint):
    step = {"seed": spec.seed}
    return [{"model": fingerprint}, *(step | {"index": k} for k in range(1, spec.steps + 1))]


def walk_chain(spec, fingerprint) -> Chain:
    return chain_of("walk", spec.facts(), walk_facts(spec, fingerprint))


def walk_document(store, run):
    manifest = manifests.load(store, run)
    return {"run": run, "at": [float(store.get(k).arrays["at"][0]) for k in manifest.step_keys]}


def check_walk(payload, _spec, index):
    must(payload.meta["index"] == index, "is another step")
    must_be_floats(payload.arrays["at"], (1,), "at")
    return (1,)


class Walks:
    """Takes the steps of several walks."""

    def __init__(self, store, model, specs: Mapping[int, WalkSpec], chains) -> None:
        self.specs, self.model_calls = specs, 0

    def start(self, which: int) -> Payload:
        return Payload({"at": np.zeros(1, np.float32)}, {"index": 0, "seconds": 0.0})

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]:
        for place, (i, payload) in enumerate(zip(which, before, strict=True)):
            self.model_calls += 1
            index = payload.meta["index"] + 1
            draw = np.random.default_rng([self.specs[i].seed, index]).normal()
            at = (payload.arrays["at"] + draw).astype(np.float32)
            yield place, Payload({"at": at}, {"index": index, "seconds": 0.1})


WALK = Kind(
    spec=WalkSpec,
    fit=lambda spec, _model: spec,
    chain=walk_chain,
    facts=walk_facts,
    shared=lambda _spec, _fingerprint, _chain: (),
    document=walk_document,
    check_step=check_walk,
    size=lambda spec: spec.steps,
    budget=Budget("STEPSCOPE_WALK_BUDGET", 100, "steps x runs"),
    step_size=lambda _facts: 1.0,
    walker="tests.engine.toy_kind:Walks",
)
