"""What a text run leaves behind, as plain numpy. No torch, no store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.chain.records import Bools, Floats, Ints, Manifest
from engine.text.joining import join_pieces
from engine.text.spellings import spelling_of


@dataclass(frozen=True, slots=True, eq=False)
class TextStep:
    """One reverse step over a text of L positions, m of them asked about, n written by it.

    Positions count from 0 at the first content token; [CLS] and [SEP] are not among them.
    Step 0 is the start: its tokens, and nothing revealed. The model is asked about the positions
    that are masked before the step, and, where a rule or kernel may change them, about those that
    have a token (``masked`` has its name from the rules that were first). A step in which it is
    asked about none called no model.
    """

    index: int
    tokens: Ints  # [L] after the step
    revealed: Ints  # [n] positions, the surest first
    masked: Ints  # [m] positions the model was asked about: masked ones, and see above; ascending
    proposed: Ints  # [m] the token the sampler held for each of them
    confidence: Floats  # [m] the sampler's probability of the proposed token
    entropy_nats: Floats  # [m] entropy of the untempered model distribution
    probability: Floats  # [m] untempered model probability of the proposed token
    candidates: Ints  # [m, 16] the best tokens of the untempered model, descending
    candidate_probability: Floats  # [m, 16]
    written: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # positions a fork set
    taken_back: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # [r] masked again
    window: Ints = field(default_factory=lambda: np.zeros(0, np.int32))  # see rules.blocks.window
    # [L] confidence in what a rule may take back, when it was revealed; nan elsewhere
    held: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    # of a steered step (engine.text.steered): tokens, their log-probabilities seen with all words
    # and without the given ones, the controls' energy, and how far each control is met after it
    choices: Ints = field(default_factory=lambda: np.zeros((0, 0), np.int32))  # [m, c]
    conditional: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))  # [m, c]
    unconditional: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))  # [m, c]
    energy: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))  # [m, c]
    plain: Floats = field(default_factory=lambda: np.zeros(0, np.float32))  # [m] of proposed
    satisfied: Floats = field(default_factory=lambda: np.zeros(0, np.float32))  # [controls]
    seconds: float = 0.0
    meta: Mapping[str, Any] = field(default_factory=dict)

    def row(self, position: int) -> int | None:
        """The index of a position among the masked ones; None when it was not masked."""
        rows = np.flatnonzero(self.masked == position)
        return int(rows[0]) if len(rows) else None


@dataclass(frozen=True, slots=True, eq=False)
class TextRun:
    """A text run read from the store: the start and every step stored so far."""

    manifest: Manifest
    steps: tuple[TextStep, ...]  # [0] is the start
    pieces: tuple[str, ...]  # the model's vocabulary, by token id
    mask_id: int

    spared: int = 0  # stored steps after these: the text was done, and nothing happened

    @property
    def complete(self) -> bool:
        """Whether every step of the chain is here."""
        return len(self.steps) + self.spared == len(self.manifest.step_keys)

    @property
    def last_step(self) -> int:
        """The last step in which anything happens; while the run is not whole, of all asked for."""
        return len(self.steps) - 1 if self.complete else self.manifest.step_count

    @property
    def masked_kernel(self) -> bool:
        """Whether noise is masks; of the uniform kernel it is other words."""
        return bool(self.manifest.spec.get("kernel", "absorbing") == "absorbing")

    @property
    def written_by_it(self) -> Bools:
        """[L] the positions that were the sampler's to write when it started."""
        return written_by(self.steps, self.mask_id, masked_kernel=self.masked_kernel)

    @property
    def model_calls(self) -> int:
        """How often its steps asked the model; another run may have asked for them.

        A guided step asks twice.
        """
        return sum(
            (len(step.masked) > 0) + (len(step.unconditional) > 0) for step in self.steps[1:]
        )

    @property
    def tokens_per_call(self) -> float:
        """Tokens that it came to, those of a template not counted, a model call; nan without one.

        What was taken back and written again counts once: it is the text that is paid for.
        """
        if not self.model_calls:
            return float("nan")
        written = self.written_by_it
        for step in self.steps[1:]:
            written[step.written] = np.isin(step.written, step.masked)
        return float((written & (self.steps[-1].tokens != self.mask_id)).sum()) / self.model_calls

    @property
    def length(self) -> int:
        """How many positions the text has."""
        return len(self.steps[0].tokens) if self.steps else 0

    def words(self, index: int) -> list[str]:
        """The piece at every position after a step."""
        return [self.pieces[token] for token in self.steps[index].tokens]

    def text(self, index: int = -1) -> str:
        """The text after a step (default: the last stored) as a person would write it."""
        # spaces of what was typed say nothing of words that came in its place
        typed = self.manifest.spec.get("template") if self.masked_kernel else None
        spelling = spelling_of(self.pieces)
        return join_pieces(self.words(index), typed, start=self.words(0), spelling=spelling)

    @property
    def masks_left(self) -> int:
        """How many positions are masked after the last stored step."""
        return int((self.steps[-1].tokens == self.mask_id).sum()) if self.steps else 0

    def matrix(self, name: str) -> Floats:
        """A measure, as ``confidence``, as [step, position]; nan where not masked."""
        out = np.full((len(self.steps) - 1, self.length), np.nan, np.float32)
        for row, step in enumerate(self.steps[1:]):
            out[row, step.masked] = getattr(step, name)
        return out

    def reveal_step(self) -> Ints:
        """[L] the last step that revealed each position, or before which a fork wrote there.

        0 for fixed ones, -1 for still masked, and for those that a rule masked again. Of the
        uniform kernel the last step that changed it, 0 for what its noise was from the start.
        """
        out = np.zeros(self.length, np.int32)
        out[self.steps[0].tokens == self.mask_id] = -1
        for step in self.steps[1:]:
            out[step.written] = np.where(np.isin(step.written, step.masked), -1, step.index)
            out[step.revealed] = step.index
            out[step.taken_back] = -1
        return out

    def reveals(self) -> list[tuple[int, int]]:
        """(step, position) of every reveal: a position that was masked again has several."""
        return [(s.index, p) for s in self.steps[1:] for p in s.revealed.tolist()]

    def replacements(self) -> list[tuple[int, int]]:
        """(step, position) of every token that a step changed for another without a mask between.

        What a fork wrote there is judged as any other token.
        """
        found = []
        for step in self.steps[1:]:
            before = self.steps[step.index - 1].tokens
            here = [p for p in step.revealed.tolist() if p not in step.written]
            found += [(step.index, p) for p in here if before[p] != self.mask_id]
        return found

    def takings_back(self) -> list[tuple[int, int]]:
        """(step, position) of every token that a rule masked again."""
        return [(s.index, p) for s in self.steps[1:] for p in s.taken_back.tolist()]


def written_by(steps: Sequence[TextStep], mask_id: int, *, masked_kernel: bool) -> Bools:
    """[L] the positions that were a sampler's to write when it started, of its first steps."""
    if masked_kernel:
        found: Bools = steps[0].tokens == mask_id
        return found
    found = np.zeros(len(steps[0].tokens), bool)
    for step in steps[1:2]:
        found[np.union1d(step.masked, step.written)] = True
    return found


@dataclass(frozen=True, slots=True, eq=False)
class CorruptionStep:
    """One level of the forward process over L positions."""

    index: int
    tokens: Ints  # [L]
    masked: Bools  # [L] whether noise is there: a mask, or a word that was drawn
    mask_probability: float  # the schedule's marginal at this level


@dataclass(frozen=True, slots=True, eq=False)
class CorruptionRun:
    """A forward process read from the store; level 0 is the clean text."""

    manifest: Manifest
    steps: tuple[CorruptionStep, ...]
    pieces: tuple[str, ...]

    @property
    def masked_kernel(self) -> bool:
        """Whether noise is masks; of the uniform kernel it is other words."""
        return bool(self.manifest.spec.get("kernel", "absorbing") == "absorbing")

    @property
    def complete(self) -> bool:
        """Whether every level of the chain is here."""
        return len(self.steps) == len(self.manifest.step_keys)

    def words(self, index: int) -> list[str]:
        """The piece at every position of a level."""
        return [self.pieces[token] for token in self.steps[index].tokens]

    def text(self, index: int = 0) -> str:
        """The text at a level as a person would write it."""
        typed = self.manifest.spec.get("text") if self.masked_kernel or not index else None
        spelling = spelling_of(self.pieces)
        return join_pieces(self.words(index), typed, start=self.words(0), spelling=spelling)
