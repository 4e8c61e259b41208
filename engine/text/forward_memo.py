"""A forward depends on the model and the token ids only; this remembers what it said.

The candidates of a state are shared across seeds, temperatures and strategies. A greedy draw
also needs the normaliser at its temperature, which is kept beside them, one per temperature.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from cache import keys
from cache.payload import Payload
from cache.store import Store
from engine.chain.records import Ints
from engine.text.proposals import WIDTH, Prediction


def state_key(
    fingerprint: str,
    state: Ints,
    *,
    suppress_special: bool,
    without_piece: int = 0,
    asked: Ints | None = None,
) -> str:
    """The key of what a model says of one token state [L].

    ``without_piece`` counts the rows of the model that are no piece and so never candidates;
    it is left out where there are none. ``asked`` are the positions that the model was asked
    about where those are not the masked ones.
    """
    facts: dict[str, Any] = {
        "model": fingerprint,
        "state": state.tolist(),
        "suppress_special": suppress_special,
        "width": WIDTH,
    }
    if without_piece:
        facts["without_piece"] = without_piece
    if asked is not None:
        facts["asked"] = asked.tolist()
    return "forward:" + keys.key("forward", facts)


def find_prediction(store: Store, key: str) -> Prediction | None:
    """The remembered prediction of a state; None when no forward has seen it."""
    payload = store.find(key)
    if payload is None:
        return None
    names = ("candidates", "logits", "log_normaliser", "entropy_nats")
    candidates, *rest = (torch.from_numpy(payload.arrays[name].copy()) for name in names)
    return Prediction(candidates.long(), *rest)


def keep_prediction(store: Store, key: str, prediction: Prediction) -> None:
    """Remember a prediction under its state's key."""
    arrays = {
        "candidates": prediction.candidates.int().numpy(),
        "logits": prediction.logits.numpy(),
        "log_normaliser": prediction.log_normaliser.numpy(),
        "entropy_nats": prediction.entropy_nats.numpy(),
    }
    store.put(key, Payload(arrays=arrays, meta={}))


def find_normaliser(store: Store, key: str, temperature: float) -> Tensor | None:
    """[m] logsumexp(logits / temperature) of a state, where it is remembered."""
    payload = store.find(_normaliser_key(key, temperature))
    return None if payload is None else torch.from_numpy(payload.arrays["normaliser"].copy())


def keep_normaliser(store: Store, key: str, temperature: float, normaliser: Tensor) -> None:
    """Remember logsumexp(logits / temperature) of a state."""
    payload = Payload(arrays={"normaliser": normaliser.numpy()}, meta={})
    store.put(_normaliser_key(key, temperature), payload)


def _normaliser_key(key: str, temperature: float) -> str:
    facts = {"state": key, "temperature": temperature}
    return "forward:" + keys.key("normaliser", facts)
