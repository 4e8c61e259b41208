"""How much like reading is an unmask order? Left-to-rightness, and how alike two orders are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.metrics.trajectories import kendall_tau
from engine.text.records import TextRun


@dataclass(frozen=True, slots=True)
class Reveal:
    """A position the sampler revealed, and those that were masked then, ascending."""

    position: int
    masked: tuple[int, ...]  # itself among them


def reveals(run: TextRun) -> list[Reveal]:
    """Everything a run revealed, one position at a time.

    The positions of one step came at once and have no order of their own: they are taken from
    left to right, as if the step had revealed them one after the other. What a fork wrote was not
    revealed; a position that was masked again, by a fork or by its rule, is revealed again.
    """
    found = []
    for step in run.steps[1:]:
        masked = step.masked.tolist()
        for position in sorted(step.revealed.tolist()):
            found.append(Reveal(position, tuple(masked)))
            masked.remove(position)
    return found


def local_ar_ness(run: TextRun, k: int) -> float:
    """Local autoregressive-ness@k (DiffuCoder, Gong et al. 2025, 2506.20639, figure 3), 0 to 1.

    The share of reveals that, with the k before them, are k + 1 neighbours in ascending order;
    at k = 1 how often the next token follows. 1 for any k when all goes from left to right. nan
    for k reveals or fewer. Raises ValueError for k below 1.

    It departs from the paper's formula (appendix A.2) where that does not give the 1 for a
    left-to-right order that the paper states: the first k reveals, which have no k before them,
    are not counted (the paper divides by all steps); the k before must ascend, as figure 3 says,
    not only be the k positions to the left in any order. Neighbours are neighbours among the
    positions that were ever masked: the words of a template between them are skipped. The
    positions of one step are read from left to right (``reveals``), which the paper, with one a
    step, need not say: of several a step this is the most that the order can be.
    """
    _must_be_positive(k)
    found = reveals(run)
    ever = sorted({p for step in run.steps[1:] for p in step.masked.tolist()})
    place = {position: i for i, position in enumerate(ever)}
    places = np.array([place[reveal.position] for reveal in found], np.int64)
    if len(places) <= k:
        return float("nan")
    follows = np.diff(places) == 1
    spans = np.lib.stride_tricks.sliding_window_view(follows, k)
    return float(spans.all(axis=1).mean())


def global_ar_ness(run: TextRun, k: int) -> float:
    """Global autoregressive-ness@k (DiffuCoder, Gong et al. 2025, 2506.20639, A.2), 0 to 1.

    The share of reveals that were among the k leftmost masked positions. nan without any reveal.
    Raises ValueError for k below 1. Of several reveals a step, which the paper does not have, each
    finds those to its left in the step already revealed (``reveals``).
    """
    _must_be_positive(k)
    found = reveals(run)
    if not found:
        return float("nan")
    return float(np.mean([reveal.position in reveal.masked[:k] for reveal in found]))


def order_likeness(first: TextRun, second: TextRun) -> float:
    """Kendall's tau-b between the unmask orders of two runs, over what both revealed.

    1 for the same order, -1 for the reverse; positions of one step are ties. nan for texts of
    different lengths, and where either order has no two steps apart.
    """
    if first.length != second.length:
        return float("nan")
    one, other = _revealed_by(first), _revealed_by(second)
    both = (one > 0) & (other > 0)
    return kendall_tau(one[both], other[both])


def _revealed_by(run: TextRun) -> np.ndarray:
    """[L] the last step that revealed each position; 0 for none, or what did not stand.

    What a fork wrote over, or a rule took back, did not stand.
    """
    out = np.zeros(run.length, np.int32)
    for step in run.steps[1:]:
        out[step.written] = 0
        out[step.revealed] = step.index
        out[step.taken_back] = 0
    return out


def _must_be_positive(k: int) -> None:
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
