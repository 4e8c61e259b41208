"""The reverse process: from masks to text, one step at a time, many runs abreast.

``TextRunner`` is one run; ``step_together`` takes a step of several at once, so that one forward
serves them all and identical states are computed once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from cache.store import Store
from engine.chain.records import Floats, Ints
from engine.models.seeding import generator_at
from engine.text import forward_memo
from engine.text.denoisers import TextDenoiser
from engine.text.proposals import (
    SHOWN,
    WIDTH,
    Prediction,
    Proposal,
    allow,
    is_greedy,
    predict,
    propose_from_candidates,
    propose_from_logits,
    serves,
)
from engine.text.records import TextStep
from engine.text.rules import RULES
from engine.text.rules.blocks import BEGAN, END, FIRST, LAST, MASKS, window
from engine.text.rules.situation import Situation
from engine.text.spec import TAKES_BACK, TextSpec

NO_INTS = np.zeros(0, np.int32)
NO_FLOATS = np.zeros(0, np.float32)


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


@dataclass
class TextRunner:
    """Where one run stands: its spec, its tokens, its generator and the next step's index."""

    spec: TextSpec
    tokens: Ints
    mask_id: int
    generator: torch.Generator | None
    next_index: int = 1
    written: Ints = field(default_factory=lambda: NO_INTS)
    window: Ints = field(default_factory=lambda: NO_INTS)  # of the block being written
    held: Floats = field(default_factory=lambda: NO_FLOATS)  # kept for rules of TAKES_BACK
    settled: bool = False  # the step before changed nothing: as things are, no step ever will

    @classmethod
    def at_start(cls, spec: TextSpec, tokens: Ints, mask_id: int) -> TextRunner:
        """A run that has not taken a step."""
        generator = torch.Generator().manual_seed(spec.seed) if spec.stochastic else None
        runner = cls(spec, tokens, mask_id, generator)
        if spec.rule in TAKES_BACK:
            runner.held = np.full(len(tokens), np.nan, np.float32)
        return runner

    @classmethod
    def after(
        cls, spec: TextSpec, step: TextStep, mask_id: int, generator_state: np.ndarray | None
    ) -> TextRunner:
        """A run that goes on after a stored step with the generator as that step left it.

        Without a state a generator begins here, as where a fork first draws or has a new seed.
        """
        runner = cls.at_start(spec, step.tokens, mask_id)
        runner.next_index = step.index + 1
        if runner.generator is not None:
            runner.generator = generator_at(spec.seed, runner.next_index, generator_state)
        return runner

    def write(self, positions: Ints, tokens: Ints) -> None:
        """Put tokens, or masks, where a fork wants them before the next step."""
        self.tokens = self.tokens.copy()
        self.tokens[positions] = tokens
        self.written, self.settled = positions, False
        if len(self.held):
            self.held = self.held.copy()
            self.held[positions] = np.nan

    @property
    def masked(self) -> Ints:
        """[m] positions that are masked now, ascending."""
        return np.flatnonzero(self.tokens == self.mask_id).astype(np.int32)

    @property
    def done(self) -> bool:
        """Whether nothing can change any more; rules that change things go on to the last step."""
        masked = self.spec.rule in TAKES_BACK or len(self.masked)
        return self.next_index > self.spec.steps or not masked

    @property
    def mine(self) -> Ints:
        """[r] positions whose token its rule may take back or change, ascending."""
        if not len(self.held):
            return NO_INTS
        return np.flatnonzero(~np.isnan(self.held) & (self.tokens != self.mask_id)).astype(np.int32)

    @property
    def asked(self) -> Ints:
        """[n] positions that the model is asked about before the next step, ascending."""
        masked = self.masked
        if self.spec.rule != "edit" or (self.settled and not len(masked)):
            return masked
        return np.union1d(masked, self.mine).astype(np.int32)

    def advance(self, proposal: Proposal, prediction: Prediction, seconds: float) -> TextStep:
        """Reveal and take back what the rule says, and move on to the next step."""
        asked = self.asked
        if self.spec.block is not None:
            stays = self.spec.rule in TAKES_BACK and not self.settled
            self.window = window(self.spec, self.masked, self.next_index, self.window, stays=stays)
        seen = self._situation(asked, proposal, prediction)
        decision = RULES[self.spec.rule](seen)
        rows, back = decision.rows, decision.taken_back
        tokens = self.tokens.copy()
        proposed = proposal.tokens.numpy().astype(np.int32)
        tokens[asked[rows]] = proposed[rows]
        tokens[back] = self.mask_id
        if len(self.held):
            self.held = self.held.copy()
            self.held[asked[rows]] = proposal.confidence.numpy()[rows]
            self.held[back] = np.nan
        step = TextStep(
            index=self.next_index,
            tokens=tokens,
            revealed=asked[rows],
            masked=asked,
            proposed=proposed,
            confidence=proposal.confidence.numpy(),
            entropy_nats=prediction.entropy_nats.numpy(),
            probability=proposal.probability.numpy(),
            candidates=prediction.candidates[:, :SHOWN].numpy().astype(np.int32),
            candidate_probability=prediction.probability[:, :SHOWN].numpy(),
            written=self.written,
            taken_back=back,
            window=self.window,
            held=self.held,
            seconds=seconds,
        )
        self.tokens, self.next_index, self.written = tokens, self.next_index + 1, NO_INTS
        return step

    def _situation(self, asked: Ints, proposal: Proposal, prediction: Prediction) -> Situation:
        """What the rule sees: all of the text, or the block that is being written."""
        spec, tokens = self.spec, self.tokens[asked]
        rows = np.flatnonzero(tokens == self.mask_id).astype(np.int32)
        step, steps, at_start = self.next_index, spec.steps, spec.mask_count
        mine = self.mine
        if spec.rule == "edit":
            mine = mine[np.isin(mine, asked)]
        if spec.block is not None:
            first, end = (self.window[FIRST], self.window[END]) if len(self.window) else (0, 0)
            rows = rows[(asked[rows] >= first) & (asked[rows] < end)]
            mine = mine[(mine >= first) & (mine < end)]
        if len(self.window):
            step = self.next_index - int(self.window[BEGAN]) + 1
            steps = int(self.window[LAST] - self.window[BEGAN]) + 1
            at_start = int(self.window[MASKS])
        return Situation(
            spec=spec,
            rows=rows,
            proposal=proposal,
            prediction=prediction,
            step=step,
            steps=steps,
            masks_at_start=at_start,
            written=mine,
            sureness=self.held[mine] if len(self.held) else NO_FLOATS,
            generator=self.generator,
            asked=asked,
            tokens=tokens,
        )

    def generator_state(self) -> np.ndarray | None:
        """The generator's state as bytes, to go on from here; None when nothing is drawn."""
        return None if self.generator is None else self.generator.get_state().numpy()


@dataclass(frozen=True, slots=True)
class View:
    """What a runner gets to see of its state: the prediction, and the logits or a normaliser."""

    prediction: Prediction
    logits: Tensor | None
    normaliser: Tensor | None


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


def step_together(
    runners: Sequence[TextRunner], denoiser: TextDenoiser, store: Store
) -> list[TextStep]:
    """One step of every runner; one forward for all the states no forward has seen yet."""
    started = time.perf_counter()
    asking = [len(runner.asked) > 0 for runner in runners]
    seen = iter(
        view_states([r for r, asks in zip(runners, asking, strict=True) if asks], denoiser, store)
    )
    views = [next(seen) if asks else NOTHING_ASKED for asks in asking]
    seconds = (time.perf_counter() - started) / len(runners)
    return [
        runner.advance(propose(view, runner.spec, runner.generator), view.prediction, seconds)
        for runner, view in zip(runners, views, strict=True)
    ]


def step_exact(runner: TextRunner, denoiser: TextDenoiser) -> TextStep:
    """One step by the classic recipe: one plain forward, nothing shared, nothing recalled."""
    started = time.perf_counter()
    if not len(runner.asked):
        proposal = propose(NOTHING_ASKED, runner.spec, runner.generator)
        return runner.advance(proposal, NOTHING_ASKED.prediction, 0.0)
    logits = denoiser.exact_logits(runner.tokens, runner.asked)
    logits = allow(logits, forbidden(runner.spec, denoiser))
    proposal = propose_from_logits(logits, runner.spec, runner.generator)
    return runner.advance(proposal, predict(logits), time.perf_counter() - started)


def propose(view: View, spec: TextSpec, generator: torch.Generator | None) -> Proposal:
    """The proposal of a spec from what it sees of the state; draws nothing for no masks."""
    if not len(view.prediction.log_normaliser):
        empty = torch.zeros(0)
        return Proposal(empty.long(), empty, empty)
    if view.logits is not None:
        return propose_from_logits(view.logits, spec, generator)
    normaliser = view.prediction.log_normaliser if view.normaliser is None else view.normaliser
    return propose_from_candidates(view.prediction, normaliser, spec, generator)


def view_states(runners: Sequence[TextRunner], denoiser: TextDenoiser, store: Store) -> list[View]:
    """What each runner sees: from the memo where it can be, else from one shared forward."""
    keys = [_key(runner, denoiser) for runner in runners]
    known = {
        id(runner): _remembered(runner, key, store)
        for runner, key in zip(runners, keys, strict=True)
    }
    missing = {
        key: runner for runner, key in zip(runners, keys, strict=True) if known[id(runner)] is None
    }
    rows = denoiser.logits(
        [runner.tokens for runner in missing.values()],
        [runner.asked for runner in missing.values()],
    )
    logits = {
        key: allow(row, forbidden(runner.spec, denoiser))
        for (key, runner), row in zip(missing.items(), rows, strict=True)
    }
    predictions = {key: predict(row) for key, row in logits.items()}
    for key, prediction in predictions.items():
        forward_memo.keep_prediction(store, key, prediction)
    return [
        known[id(runner)] or _fresh(runner, key, predictions[key], logits[key], store)
        for runner, key in zip(runners, keys, strict=True)
    ]


def forbidden(spec: TextSpec, denoiser: TextDenoiser) -> tuple[int, ...]:
    """The token ids that are not to be written: special ones unless asked for, and no pieces."""
    special = denoiser.special_ids if spec.suppress_special else ()
    return (*special, *denoiser.without_piece)


def _key(runner: TextRunner, denoiser: TextDenoiser) -> str:
    return forward_memo.state_key(
        denoiser.fingerprint,
        runner.tokens,
        suppress_special=runner.spec.suppress_special,
        without_piece=len(denoiser.without_piece),
        asked=None if np.array_equal(runner.asked, runner.masked) else runner.asked,
    )


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
