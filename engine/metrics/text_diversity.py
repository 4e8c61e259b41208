"""How different are the texts of a set? Tokens in, numbers out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray


def ngrams(tokens: Sequence[Hashable], n: int) -> list[tuple[Hashable, ...]]:
    """Every run of n tokens, in order."""
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


def distinct(texts: Sequence[Sequence[Hashable]], n: int) -> float:
    """Distinct n-grams over all n-grams of a set of texts, in (0, 1] (Li et al. 2016, 1510.03055).

    nan when no text has n tokens.
    """
    grams = [gram for text in texts for gram in ngrams(text, n)]
    return len(set(grams)) / len(grams) if grams else float("nan")


def distinct_scorer(
    texts: Sequence[Sequence[Hashable]], n: int
) -> Callable[[NDArray[np.int64]], float]:
    """``distinct`` of any subset of some texts, given by their places: for resampling them."""
    counts = _counted([Counter(ngrams(text, n)) for text in texts])
    there, lengths = counts > 0, counts.sum(axis=1)

    def score(places: NDArray[np.int64]) -> float:
        total = float(lengths[places].sum())
        return float(there[places].any(axis=0).sum()) / total if total else float("nan")

    return score


def self_bleu(texts: Sequence[str]) -> float:
    """Mean sentence BLEU of each text against all others, 0 to 100; high means alike.

    Zhu et al. 2018 (Texygen, 1802.01886), with sacrebleu's exponential smoothing. nan for fewer
    than two texts.
    """
    return float(np.mean(self_bleu_scores(texts))) if len(texts) > 1 else float("nan")


def self_bleu_scores(texts: Sequence[str]) -> list[float]:
    """[n] sentence BLEU of each of two or more texts against all others, 0 to 100."""
    from sacrebleu.metrics.bleu import BLEU

    bleu = BLEU(effective_order=True)
    return [
        bleu.sentence_score(text, [*texts[:i], *texts[i + 1 :]]).score
        for i, text in enumerate(texts)
    ]


def ngram_similarity(texts: Sequence[Sequence[Hashable]], *, up_to: int = 2) -> NDArray[np.float64]:
    """[n, n] cosine of n-gram counts, averaged over the orders 1 to ``up_to``."""
    orders = [_cosine([Counter(ngrams(text, n)) for text in texts]) for n in range(1, up_to + 1)]
    return np.asarray(np.mean(orders, axis=0), np.float64)


def _counted(
    counts: Sequence[Counter[tuple[Hashable, ...]]],
) -> NDArray[np.float64]:
    """[text, n-gram] how often each text has each n-gram."""
    columns = {gram: i for i, gram in enumerate(sorted(set().union(*counts), key=repr))}
    table = np.zeros((len(counts), max(1, len(columns))))
    for row, counter in enumerate(counts):
        for gram, count in counter.items():
            table[row, columns[gram]] = count
    return table


def _cosine(counts: Sequence[Counter[tuple[Hashable, ...]]]) -> NDArray[np.float64]:
    table = _counted(counts)
    norms = np.linalg.norm(table, axis=1, keepdims=True)
    unit = np.divide(table, norms, out=np.zeros_like(table), where=norms > 0)
    similarity = np.asarray(unit @ unit.T, np.float64)
    np.fill_diagonal(similarity, 1.0)
    return similarity
