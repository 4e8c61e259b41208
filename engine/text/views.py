"""What runs get to see of a model at a step: one forward for all the states it has not seen yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cache.store import Store
from engine.chain.records import Ints
from engine.text import forward_memo
from engine.text.denoisers import TextDenoiser
from engine.text.proposals import WIDTH, Prediction, allow, is_greedy, predict, serves
from engine.text.runner import TextRunner
from engine.text.spec import TextSpec
from engine.text.steered import Steered, Steering


@dataclass(frozen=True, slots=True)
class View:
    """What a runner gets to see of its state: the prediction, and the logits or a normaliser.

    Of a steered run prediction and logits are those that steer it.
    """

    prediction: Prediction
    logits: Tensor | None
    normaliser: Tensor | None
    steered: Steered | None = None


# of a state with nothing to write or to change: the model is not asked
NOTHING_ASKED = View(
    Prediction(
        torch.zeros((0, WIDTH), dtype=torch.long),
        torch.zeros((0, WIDTH)),
        torch.zeros(0),
        torch.zeros(0),
    ),
    None,
    None,
)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the model: a state, the positions asked about, what is not to be written."""

    key: str
    state: Ints
    asked: Ints
    forbidden: tuple[int, ...]
    kept: bool  # in the memo


def view_states(
    runners: Sequence[TextRunner], denoiser: TextDenoiser, store: Store, steering: Steering
) -> list[View]:
    """What each runner sees: from the memo where it can be, else from one shared forward."""
    asks = [_ask(runner, denoiser) for runner in runners]
    without = [_ask_without_given(runner, denoiser) for runner in runners]
    known = [_remembered(runner, ask.key, store) for runner, ask in zip(runners, asks, strict=True)]
    missing = {
        ask.key: ask
        for seen, *pair in zip(known, asks, without, strict=True)
        if seen is None
        for ask in pair
        if ask is not None
    }
    rows = denoiser.logits([a.state for a in missing.values()], [a.asked for a in missing.values()])
    logits = {
        key: allow(row, ask.forbidden)
        for (key, ask), row in zip(missing.items(), rows, strict=True)
    }
    predictions = {key: predict(row) for key, row in logits.items() if missing[key].kept}
    for key, prediction in predictions.items():
        forward_memo.keep_prediction(store, key, prediction)
    views = []
    for runner, seen, ask, other in zip(runners, known, asks, without, strict=True):
        if seen is not None:
            views.append(seen)
        elif runner.spec.steered:
            plain = None if other is None else logits[other.key]
            views.append(steered_view(runner, logits[ask.key], plain, steering))
        else:
            views.append(_fresh(runner, ask.key, predictions[ask.key], logits[ask.key], store))
    return views


def exact_view(runner: TextRunner, denoiser: TextDenoiser, steering: Steering) -> View:
    """What a runner sees by plain forwards of its own."""
    ask, other = _ask(runner, denoiser), _ask_without_given(runner, denoiser)
    logits = allow(denoiser.exact_logits(ask.state, ask.asked), ask.forbidden)
    if not runner.spec.steered:
        return View(predict(logits), logits, None)
    plain = None
    if other is not None:
        plain = allow(denoiser.exact_logits(other.state, other.asked), other.forbidden)
    return steered_view(runner, logits, plain, steering)


def steered_view(
    runner: TextRunner, logits: Tensor, without: Tensor | None, steering: Steering
) -> View:
    """What a steered run sees: guided logits and the controls' energies in one."""
    steered, steered_logits = steering.steer(runner, logits, without)
    return View(predict(steered_logits), steered_logits, None, steered)


def forbidden(runner: TextRunner, denoiser: TextDenoiser) -> tuple[int, ...]:
    """The token ids that are not to be written: special ones unless asked for, and no pieces.

    Of a uniform kernel all that are not words of its noise.
    """
    if runner.noise is not None:
        return tuple(i for i in range(len(denoiser.pieces)) if i not in runner.noise)
    special = denoiser.special_ids if runner.spec.suppress_special else ()
    return (*special, *denoiser.without_piece)


def _ask(runner: TextRunner, denoiser: TextDenoiser) -> Ask:
    asked = runner.asked
    key = forward_memo.state_key(
        denoiser.fingerprint,
        runner.tokens,
        suppress_special=runner.spec.suppress_special,
        without_piece=len(denoiser.without_piece),
        asked=None if np.array_equal(asked, runner.masked) else asked,
    )
    return Ask(key, runner.tokens, asked, forbidden(runner, denoiser), kept=True)


def _ask_without_given(runner: TextRunner, denoiser: TextDenoiser) -> Ask | None:
    """The question of guidance; None where nothing guides."""
    state, asked = runner.without_given, runner.asked
    if state is None:
        return None
    key = forward_memo.state_key(
        denoiser.fingerprint,
        state,
        suppress_special=runner.spec.suppress_special,
        without_piece=len(denoiser.without_piece),
        asked=asked,
    )
    return Ask(key, state, asked, forbidden(runner, denoiser), kept=False)


def _tempered_greedy(spec: TextSpec) -> bool:
    return is_greedy(spec) and spec.temperature != 1


def _remembered(runner: TextRunner, key: str, store: Store) -> View | None:
    if not serves(runner.spec):
        return None
    prediction = forward_memo.find_prediction(store, key)
    if prediction is None or not _tempered_greedy(runner.spec):
        return None if prediction is None else View(prediction, None, None)
    normaliser = forward_memo.find_normaliser(store, key, runner.spec.temperature)
    return None if normaliser is None else View(prediction, None, normaliser)


def _fresh(
    runner: TextRunner, key: str, prediction: Prediction, logits: Tensor, store: Store
) -> View:
    if not serves(runner.spec):
        return View(prediction, logits, None)
    if not _tempered_greedy(runner.spec):
        return View(prediction, None, None)
    normaliser = (logits / runner.spec.temperature).logsumexp(-1)
    forward_memo.keep_normaliser(store, key, runner.spec.temperature, normaliser)
    return View(prediction, None, normaliser)
