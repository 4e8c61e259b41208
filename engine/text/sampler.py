"""The reverse process: from masks, or noise, to text, one step at a time, many runs abreast.

``TextRunner`` is one run; ``step_together`` takes a step of several at once, so that one forward
serves them all and identical states are computed once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch

from cache.store import Store
from engine.chain.records import Ints
from engine.text.denoisers import TextDenoiser
from engine.text.proposals import (
    SHOWN,
    Proposal,
    propose_from_candidates,
    propose_from_logits,
)
from engine.text.records import TextStep
from engine.text.runner import NO_FLOATS, NO_INTS, TextRunner
from engine.text.steered import Steering
from engine.text.uniform import redraw
from engine.text.views import NOTHING_ASKED, View, exact_view, view_states


def start_step(tokens: Ints) -> TextStep:
    """Step 0: the tokens before anything is revealed."""
    wide = (0, SHOWN)
    return TextStep(
        index=0,
        tokens=tokens,
        revealed=NO_INTS,
        masked=NO_INTS,
        proposed=NO_INTS,
        confidence=NO_FLOATS,
        entropy_nats=NO_FLOATS,
        probability=NO_FLOATS,
        candidates=np.zeros(wide, np.int32),
        candidate_probability=np.zeros(wide, np.float32),
    )


def step_together(
    runners: Sequence[TextRunner],
    denoiser: TextDenoiser,
    store: Store,
    steering: Steering | None = None,
) -> list[TextStep]:
    """One step of every runner; one forward for all the states no forward has seen yet."""
    started = time.perf_counter()
    steering = steering or Steering(denoiser)
    asking = [len(runner.asked) > 0 for runner in runners]
    ask = [runner for runner, asks in zip(runners, asking, strict=True) if asks]
    seen = iter(view_states(ask, denoiser, store, steering))
    views = [next(seen) if asks else NOTHING_ASKED for asks in asking]
    seconds = (time.perf_counter() - started) / len(runners)
    return [_taken(runner, view, seconds) for runner, view in zip(runners, views, strict=True)]


def step_exact(
    runner: TextRunner, denoiser: TextDenoiser, steering: Steering | None = None
) -> TextStep:
    """One step by the classic recipe: one plain forward, nothing shared, nothing recalled."""
    started = time.perf_counter()
    if not len(runner.asked):
        return _taken(runner, NOTHING_ASKED, 0.0)
    view = exact_view(runner, denoiser, steering or Steering(denoiser))
    proposal = propose(view, runner)
    seconds = time.perf_counter() - started
    return runner.advance(proposal, view.prediction, seconds, view.steered)


def _taken(runner: TextRunner, view: View, seconds: float) -> TextStep:
    return runner.advance(propose(view, runner), view.prediction, seconds, view.steered)


def propose(view: View, runner: TextRunner) -> Proposal:
    """The proposal of a runner from what it sees of its state; draws nothing for no positions."""
    spec, generator = runner.spec, runner.generator
    if not len(view.prediction.log_normaliser):
        empty = torch.zeros(0)
        return Proposal(empty.long(), empty, empty)
    if runner.noise is not None:
        assert generator is not None
        here = torch.from_numpy(runner.tokens[runner.open].astype(np.int64))
        return redraw(
            view.prediction, view.logits, here, spec, runner.next_index, runner.noise, generator
        )
    if view.logits is not None:
        return propose_from_logits(view.logits, spec, generator)
    normaliser = view.prediction.log_normaliser if view.normaliser is None else view.normaliser
    return propose_from_candidates(view.prediction, normaliser, spec, generator)
