"""Where one run of a text sampler stands, and what becomes of it at a step."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from engine.chain.records import Floats, Ints
from engine.models.seeding import generator_at
from engine.text.proposals import SHOWN, Prediction, Proposal
from engine.text.records import TextStep
from engine.text.rules import RULES
from engine.text.rules.blocks import BEGAN, END, FIRST, LAST, MASKS, window
from engine.text.rules.situation import Decision, Situation
from engine.text.spec import TAKES_BACK, TextSpec
from engine.text.steered import Steered

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
    open: Ints = field(default_factory=lambda: NO_INTS)  # positions that nobody has given
    noise: range | None = None  # the words of a uniform kernel's noise; None: masks are

    @classmethod
    def at_start(
        cls, spec: TextSpec, tokens: Ints, mask_id: int, noise: range | None = None
    ) -> TextRunner:
        """A run that has not taken a step; what is masked is open, and filled with any noise."""
        generator = torch.Generator().manual_seed(spec.seed) if spec.stochastic else None
        runner = cls(spec, tokens, mask_id, generator, noise=noise)
        runner.open = runner.masked
        if noise is not None:
            runner.scatter(runner.open)
        if spec.rule in TAKES_BACK:
            runner.held = np.full(len(tokens), np.nan, np.float32)
        return runner

    @classmethod
    def after(
        cls,
        spec: TextSpec,
        step: TextStep,
        mask_id: int,
        generator_state: np.ndarray | None,
        *,
        open_positions: Ints | None = None,
        noise: range | None = None,
    ) -> TextRunner:
        """A run that goes on after a stored step with the generator as that step left it.

        Without a state a generator begins here, as where a fork first draws or has a new seed.
        ``open_positions`` are those that nobody has given; without them what is masked now.
        """
        runner = cls.at_start(spec, step.tokens, mask_id)
        runner.noise = noise
        runner.open = runner.masked if open_positions is None else open_positions
        runner.next_index = step.index + 1
        if runner.generator is not None:
            runner.generator = generator_at(spec.seed, runner.next_index, generator_state)
        return runner

    def scatter(self, positions: Ints) -> None:
        """Put words of the noise at positions: what a uniform kernel has in place of masks."""
        assert self.noise is not None and self.generator is not None
        self.tokens = self.tokens.copy()
        drawn = torch.randint(
            self.noise.start, self.noise.stop, (len(positions),), generator=self.generator
        )
        self.tokens[positions] = drawn.numpy()

    def write(self, positions: Ints, tokens: Ints) -> None:
        """Put tokens, or masks, where a fork wants them before the next step."""
        self.tokens = self.tokens.copy()
        self.tokens[positions] = tokens
        self.written, self.settled = positions, False
        masks = positions[tokens == self.mask_id]
        self.open = np.union1d(np.setdiff1d(self.open, positions), masks).astype(np.int32)
        if self.noise is not None and len(masks):
            self.scatter(masks)
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
        if self.noise is not None:
            return self.open
        if self.spec.rule != "edit" or (self.settled and not len(masked)):
            return masked
        return np.union1d(masked, self.mine).astype(np.int32)

    @property
    def without_given(self) -> Ints | None:
        """[L] the tokens with every given word masked; None where guidance asks for no such pass.

        What a fork wrote is given as a template's words are.
        """
        given = np.setdiff1d(np.arange(len(self.tokens)), self.open)
        if not self.spec.guidance_at(self.next_index) or not len(given):
            return None
        tokens = self.tokens.copy()
        tokens[given] = self.mask_id
        return tokens

    def advance(
        self,
        proposal: Proposal,
        prediction: Prediction,
        seconds: float,
        steered: Steered | None = None,
    ) -> TextStep:
        """Reveal and take back what the rule says, and move on to the next step."""
        asked = self.asked
        decision = self._decide(asked, proposal, prediction)
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
            confidence=proposal.confidence.float().numpy(),
            entropy_nats=prediction.entropy_nats.numpy(),
            probability=proposal.probability.float().numpy(),
            candidates=prediction.candidates[:, :SHOWN].numpy().astype(np.int32),
            candidate_probability=prediction.probability[:, :SHOWN].numpy(),
            written=self.written,
            taken_back=back,
            window=self.window,
            held=self.held,
            seconds=seconds,
            **({} if steered is None else steered.arrays(proposed, tokens)),
        )
        self.tokens, self.next_index, self.written = tokens, self.next_index + 1, NO_INTS
        return step

    def _decide(self, asked: Ints, proposal: Proposal, prediction: Prediction) -> Decision:
        """What the rule says; a uniform kernel writes all that it proposes."""
        if self.noise is not None:
            changed = proposal.tokens.numpy() != self.tokens[asked]
            order = np.argsort(-proposal.confidence.numpy(), kind="stable")
            return Decision(order[changed[order]].astype(np.int32))
        if self.spec.block is not None:
            stays = self.spec.rule in TAKES_BACK and not self.settled
            self.window = window(self.spec, self.masked, self.next_index, self.window, stays=stays)
        return RULES[self.spec.rule](self._situation(asked, proposal, prediction))

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
