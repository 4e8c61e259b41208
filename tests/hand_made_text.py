"""Text runs by hand: what was held and revealed at every step, in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.chain import manifests
from engine.requests.plans import shared_with
from engine.text.keys import text_chain
from engine.text.records import TextRun, TextStep
from engine.text.spec import Rule, TextSpec

MASK = 0
PIECES = ("[MASK]", *(f"word{i}" for i in range(1, 20)))


@dataclass(frozen=True)
class Taken:
    """A step: the token proposed for each masked position, and which of them it revealed."""

    proposed: Mapping[int, int]
    reveals: Sequence[int]
    written: Mapping[int, int] = field(default_factory=dict)  # by a fork, before the step
    confidence: float = 0.5
    takes_back: Sequence[int] = ()
    asks_about_words: bool = False  # as the rule edit does, of positions that are no masks


def text_run(start: Sequence[int], steps: Sequence[Taken]) -> TextRun:
    """A run from its first tokens; MASK is a masked position."""
    rule: Rule = "remask" if any(len(step.takes_back) for step in steps) else "quota"
    spec = TextSpec(length=len(start), steps=max(1, len(steps)), top_k=5, rule=rule)
    chain = text_chain(spec, "f" * 64)
    manifest = manifests.new_manifest(
        run=chain.run,
        spec=spec.facts(),
        fingerprint="f" * 64,
        step_keys=chain.step_keys[: len(steps) + 1],
        shared_keys=shared_with(spec, "f" * 64, chain),
    )
    tokens = np.array(start, np.int32)
    taken = [_step(0, tokens, Taken({}, ()))]
    for index, step in enumerate(steps, 1):
        tokens = tokens.copy()
        for position, token in step.written.items():
            tokens[position] = token
        masks = set(np.flatnonzero(tokens == MASK).tolist())
        assert masks <= set(step.proposed) if step.asks_about_words else masks == set(step.proposed)
        for position in step.reveals:
            tokens[position] = step.proposed[position]
        tokens[list(step.takes_back)] = MASK
        taken.append(_step(index, tokens, step))
    return TextRun(manifest, tuple(taken), PIECES, MASK)


def _step(index: int, tokens: np.ndarray, taken: Taken) -> TextStep:
    masked = np.array(sorted(taken.proposed), np.int32)
    count = len(masked)
    return TextStep(
        index=index,
        tokens=tokens,
        revealed=np.array(taken.reveals, np.int32),
        masked=masked,
        proposed=np.array([taken.proposed[p] for p in masked.tolist()], np.int32),
        confidence=np.full(count, taken.confidence, np.float32),
        entropy_nats=np.full(count, 1.0, np.float32),
        probability=np.full(count, taken.confidence, np.float32),
        candidates=np.tile(np.arange(1, 17, dtype=np.int32), (count, 1)),
        candidate_probability=np.full((count, 16), 1 / 16, np.float32),
        written=np.array(sorted(taken.written), np.int32),
        taken_back=np.array(taken.takes_back, np.int32),
    )
