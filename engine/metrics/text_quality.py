"""How good are texts, by themselves? Entropy, repetition, agreement, constraints kept. No torch.

A text that says one word over and over is very likely to any model: generative perplexity alone
misleads, and stands beside the entropy of the tokens (Zheng et al. 2024, 2409.02908).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from engine.metrics.text_diversity import ngrams


def token_entropy(tokens: Sequence[Hashable]) -> float:
    """The entropy of a text's own token counts, in nats: 0 for one token over and over.

    At most log of its length; of short texts compare only those of one length. nan without tokens.
    """
    counts = Counter(tokens).values()
    total = sum(counts)
    if not total:
        return float("nan")
    return -sum(count / total * math.log(count / total) for count in counts) + 0.0


def repetition(tokens: Sequence[Hashable], n: int = 2) -> float:
    """The share of a text's n-grams that it had already (Welleck et al. 2020, 1908.04319).

    1 - distinct n-grams / n-grams; nan for a text of fewer than n tokens.
    """
    grams = ngrams(tokens, n)
    return 1 - len(set(grams)) / len(grams) if grams else float("nan")


def agreement(tokens: Sequence[Hashable], others: Sequence[Hashable]) -> float:
    """The share of positions at which two texts of one length have the same token.

    Against the text of the same seed that took one step a token: what a shorter way changed.
    Raises ValueError for other lengths; nan for none.
    """
    if len(tokens) != len(others):
        raise ValueError(f"texts must have one length, got {len(tokens)} and {len(others)}")
    same = sum(a == b for a, b in zip(tokens, others, strict=True))
    return same / len(tokens) if tokens else float("nan")


def constraints_kept(text: str, *, must: Iterable[str] = (), must_not: Iterable[str] = ()) -> float:
    """The share of constraints that a text keeps: words that must, and must not, be in it.

    Words are compared without case; one with spaces in it is a phrase. nan without a constraint.
    """
    words = _words(text)
    kept = [_within(_words(each), words) for each in must]
    kept += [not _within(_words(each), words) for each in must_not]
    return sum(kept) / len(kept) if kept else float("nan")


def _words(text: str) -> list[str]:
    apart = "".join(sign if sign.isalnum() or sign in "'-" else " " for sign in text.lower())
    return apart.split()


def _within(wanted: Sequence[str], words: Sequence[str]) -> bool:
    return any(
        list(words[i : i + len(wanted)]) == list(wanted)
        for i in range(len(words) - len(wanted) + 1)
    )
