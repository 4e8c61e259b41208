"""Where a text sampler changed its mind: the token held for every position at every step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.chain.records import Bools, Floats, Ints
from engine.text.records import TextRun


@dataclass(frozen=True, slots=True, eq=False)
class ChangesOfMind:
    """What S steps over L positions held; row s - 1 of a table is step s.

    A masked position holds the token that the sampler proposed for it, any other its own token.
    ``final`` is what the last stored step holds.

    What a fork wrote was a hand's doing: it is no change of mind, and a position that was masked
    again is judged from then on. ``judged`` is false where there is nothing to judge: a
    template's own words, and a position whose word a hand wrote.
    """

    held: Ints  # [S, L] token ids
    confidence: Floats  # [S, L] of the held token while it is masked; else nan
    changed: Bools  # [S, L] held another token than at the step before
    final: Ints  # [L]
    judged: Bools  # [L]
    first_held: Ints  # [L] the first step that held the final token; 0 where nothing is judged
    lost: Bools  # [L] held the final token, and later another one
    stood: Bools  # [S, L] judged, and what was drawn did not take the place of what stood there
    drawn: Ints  # [S, L] the token that was drawn in vain where ``stood``
    settled: int  # from this step on the sentence as it would read is the final one; 0: no step

    @property
    def changes(self) -> Ints:
        """[L] how often the held token changed."""
        counts: Ints = self.changed.sum(axis=0).astype(np.int32)
        return counts

    @property
    def holds_final(self) -> Bools:
        """[S, L] where a position that the step judged held its final token."""
        cells: Bools = (~np.isnan(self.confidence) | self.stood) & (self.held == self.final)
        return cells


def changes_of_mind(run: TextRun) -> ChangesOfMind:
    """Read from the stored proposals of every step of a run, whole or not."""
    held, confidence, written, drawn = _held(run)
    changed = np.zeros(held.shape, bool)
    changed[1:] = (held[1:] != held[:-1]) & ~written[1:]
    final = held[-1] if len(held) else run.steps[0].tokens
    right = held == final
    rows = np.arange(len(held))[:, None]
    since = np.where(written, rows, 0).max(axis=0, initial=0)  # a hand was last at work there
    judged = (~np.isnan(confidence) & (rows >= since)).any(axis=0)
    first = np.where(right & (rows >= since), rows, len(held)).min(axis=0, initial=len(held))
    return ChangesOfMind(
        held=held,
        confidence=confidence,
        changed=changed,
        final=final,
        judged=judged,
        first_held=np.where(judged, first + 1, 0).astype(np.int32),
        lost=judged & (~right & (rows > first)).any(axis=0),
        stood=drawn >= 0,
        drawn=drawn,
        settled=_settled(right.all(axis=1)),
    )


def _held(run: TextRun) -> tuple[Ints, Floats, Bools, Ints]:
    """[S, L] the token held at every step, how sure while masked, and what a hand wrote before.

    Last the token that was drawn in vain for a position whose own stood; -1 where none was.
    """
    shape = len(run.steps) - 1, run.length
    held, written = np.zeros(shape, np.int32), np.zeros(shape, bool)
    confidence = np.full(shape, np.nan, np.float32)
    drawn = np.full(shape, -1, np.int32)
    for row, step in enumerate(run.steps[1:]):
        held[row] = step.tokens
        waits = step.tokens[step.masked] == run.mask_id
        held[row, step.masked[waits]] = step.proposed[waits]
        if row:  # what a rule takes back at the end of a step is held until it is judged anew
            held[row] = np.where(held[row] == run.mask_id, held[row - 1], held[row])
        # of a token that stands under the rule edit, another may have been proposed in vain
        same = held[row, step.masked] == step.proposed
        confidence[row, step.masked[same]] = step.confidence[same]
        if run.masked_kernel:  # the uniform one's draws are of the clean word, not of this step's
            drawn[row, step.masked[~same]] = step.proposed[~same]
        written[row, step.written] = True
    return held, confidence, written, drawn


def _settled(whole: Bools) -> int:
    """The first step of the unbroken last rows that are true; 0 without a row."""
    if not len(whole):
        return 0
    return int(len(whole) - np.logical_and.accumulate(whole[::-1]).sum()) + 1
