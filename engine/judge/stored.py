"""Judgements as the store keeps them. No torch."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cache.payload import Payload
from cache.store import Store
from engine.chain.malformed import read_as
from engine.judge.keys import judgement_key
from engine.judge.records import Judgement


def judgement_payload(judgement: Judgement) -> Payload:
    """One text's judgement as it is stored."""
    meta = {"nats": judgement.nats, "tokens": judgement.tokens}
    return Payload(arrays={"tokens": np.array([judgement.tokens], np.int32)}, meta=meta)


def judgement_of(key: str, payload: Payload) -> Judgement:
    """A judgement as it was stored. Raises PayloadDamaged for what is none."""
    with read_as(key):
        return Judgement(float(payload.meta["nats"]), int(payload.meta["tokens"]))


def judgements(store: Store, fingerprint: str, texts: Iterable[str]) -> dict[str, Judgement]:
    """What a model thought of texts, of those it was asked for. Raises PayloadDamaged."""
    found = {}
    for text in dict.fromkeys(texts):
        key = judgement_key(fingerprint, text)
        payload = store.find(key)
        if payload is not None:
            found[text] = judgement_of(key, payload)
    return found
