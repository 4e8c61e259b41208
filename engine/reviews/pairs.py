"""Which pair a judge is shown next, and which of the two stands on the left. No torch.

Every pair is asked of a judge once. The pairs that have been judged least come first, so that
little is asked twice while something was not asked at all. Every sixth question is one that the
judge has answered already, with its sides swapped: whether the answer is the same measures the
judge.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np

from engine.reviews.records import PairShown, Person, Verdict

REPEAT_EVERY = 6  # questions to a judge, of which the last is a repeat
Pair = frozenset[str]


def next_pair(
    runs: Sequence[str], given: Sequence[Verdict], judge: Person, *, blind: bool, seed: int
) -> PairShown | None:
    """The pair to show a judge, by all verdicts given on the item so far; None: all are judged.

    ``seed`` draws among pairs that are asked alike, and the sides; it is kept in the verdict.
    """
    pairs = [frozenset(two) for two in itertools.combinations(dict.fromkeys(runs), 2)]
    own = [v for v in given if v.by.judge == judge.judge and v.pair is not None]
    times = Counter(frozenset(v.runs) for v in own)
    new = [pair for pair in pairs if not times[pair]]
    once = [v for v in own if times[frozenset(v.runs)] == 1 and frozenset(v.runs) in pairs]
    if not new:
        return None
    generator = np.random.default_rng(seed)
    if len(own) % REPEAT_EVERY == REPEAT_EVERY - 1 and once:
        before = once[0].pair
        if before is not None:
            return PairShown(
                left=before.right, right=before.left, seed=seed, blind=blind, repeat=True
            )
    asked = Counter(frozenset(v.runs) for v in given if v.pair is not None and not v.pair.repeat)
    least = min(asked[pair] for pair in new)
    among = sorted(sorted(pair) for pair in new if asked[pair] == least)
    left, right = generator.permutation(among[generator.integers(len(among))])
    return PairShown(left=str(left), right=str(right), seed=seed, blind=blind)


def seed_for(item: str, judge: Person, own: int) -> int:
    """The seed of a judge's next pair of an item, after so many of their own votes on it.

    The same until the vote is given: who loads the page anew sees the pair that stood there.
    """
    digest = hashlib.sha256(f"{item}\n{judge.judge}\n{own}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 11


def pair_count(runs: Sequence[str]) -> int:
    """How many pairs there are to judge."""
    return (count := len(set(runs))) * (count - 1) // 2
