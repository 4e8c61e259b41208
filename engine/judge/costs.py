"""What judgements cost before they are made. No torch."""

from __future__ import annotations

from engine.chain.costs import Budget
from engine.judge.spec import JudgeSpec

BUDGET = Budget("STEPSCOPE_JUDGE_BUDGET", 200_000, "words to judge")


def judge_size(spec: JudgeSpec) -> int:
    """Words: a masked model is asked once for each of its tokens."""
    return sum(len(text.split()) for text in spec.texts)
