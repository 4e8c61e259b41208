"""Judges the texts of requests, each once for a model, and keeps what it thought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from cache.payload import Payload
from cache.store import Store
from engine.chain.keys import Chain
from engine.judge.keys import judgement_key
from engine.judge.models import load_judge
from engine.judge.records import Judgement
from engine.judge.spec import JudgeSpec
from engine.judge.stored import judgement_of, judgement_payload
from engine.models.device import best_device
from engine.models.provenance import provenance
from engine.models.registry import FoundModel


class JudgeWalker:
    """Judges the texts of specs of one model; a chain of one payload each."""

    def __init__(
        self,
        store: Store,
        model: FoundModel,
        specs: Mapping[int, JudgeSpec],
        _chains: Mapping[int, Chain],
    ) -> None:
        self.store, self.specs, self.fingerprint = store, specs, model.fingerprint
        self.device = best_device()
        self.judge = load_judge(model, self.device)
        self.model_calls = 0  # texts that had to be judged

    def start(self, which: int) -> Payload:
        """The judgements of a spec; each text is judged once for all specs."""
        found = [self._judgement(text) for text in self.specs[which].texts]
        arrays: dict[str, np.ndarray] = {
            "nats": np.array([each.nats for each in found], np.float64),
            "tokens": np.array([each.tokens for each in found], np.int32),
        }
        return Payload(arrays, {"provenance": provenance(str(self.device), "float32")})

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]:
        """Nothing: there are no steps after the start."""
        return iter(())

    def _judgement(self, text: str) -> Judgement:
        key = judgement_key(self.fingerprint, text)
        payload = self.store.find(key)
        if payload is not None:
            return judgement_of(key, payload)
        judgement = self.judge.judge(text)
        self.model_calls += 1
        self.store.put(key, judgement_payload(judgement))
        return judgement
