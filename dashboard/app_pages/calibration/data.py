"""Infilling calibration: what is asked, and what the finished runs say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cache.errors import InvalidInput
from engine.chain.axis_values import shown, shown_number
from engine.experiments.infilling import Commitments, Hidden, commitments, hidden_texts
from engine.metrics.calibration import expected_calibration_error, reliability
from engine.models.registry import find_model, whole_words
from engine.requests.plans import plan
from engine.text.records import TextRun
from engine.text.spec import Order
from engine.training.text.plain import PLAIN_SENTENCES
from engine.training.text.world import TextWorld

BY_HAND, OF_ITS_WORLD = "written by hand", "of the built-in model's world"
SHOWN_TEXTS = 24
WORLD_SEED = 1_000_003  # of no training set
MOST_TEXTS, MOST_CHARACTERS, MOST_RATIOS = 64, 200, 6
RESAMPLES = 400
ALL = 0.0  # the ratio of rows over all ratios

Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """One order rule's runs: what was hidden, and the run that fills it in again."""

    order: Order
    hidden: tuple[Hidden, ...]
    runs: tuple[str, ...]
    ends: tuple[str, ...]  # the keys of the runs' last steps


@dataclass(frozen=True, slots=True, eq=False)
class Infilled:
    """What one order rule committed to in the texts that are finished; ``by_text`` is theirs."""

    order: Order
    by_text: tuple[Commitments, ...]
    asked: int
    finished: int

    def together(self, ratio: float = ALL) -> Commitments:
        """The commitments of all texts, at one ratio or at all."""
        return _joined([_at(each, ratio) for each in self.by_text])


def examples(source: str) -> list[str]:
    """Texts to begin with: real sentences, or sentences of the grammar the built-in BERT learnt.

    Those of the grammar are fresh draws with a seed that training never used; some, mostly short
    ones, are in the training set all the same.
    """
    if source == BY_HAND:
        return list(PLAIN_SENTENCES[:SHOWN_TEXTS])
    world = TextWorld(WORLD_SEED)
    return [world.sentence() for _ in range(SHOWN_TEXTS)]


def parse_texts(typed: str) -> list[str]:
    """One text a line. Raises InvalidInput."""
    texts = [line.strip() for line in typed.splitlines() if line.strip()]
    if not 2 <= len(texts) <= MOST_TEXTS:
        raise InvalidInput(f"texts must be 2 to {MOST_TEXTS} lines, got {len(texts)}")
    for text in texts:
        if len(text) > MOST_CHARACTERS:
            raise InvalidInput(
                f"a text must be at most {MOST_CHARACTERS} characters, got {len(text)}"
            )
    return texts


def parse_ratios(typed: str) -> list[float]:
    """``0.25, 0.5`` as shares of a text to hide. Raises InvalidInput."""
    parts = [part for part in typed.replace(",", " ").split() if part]
    if not 1 <= len(parts) <= MOST_RATIOS:
        raise InvalidInput(f"ratios must be 1 to {MOST_RATIOS} numbers, got {len(parts)}")
    try:
        ratios = sorted({float(part) for part in parts})
    except ValueError as error:
        raise InvalidInput(
            f"ratios must be numbers above 0 and at most 1, got {shown(typed)}"
        ) from error
    for ratio in ratios:
        if not 0 < ratio <= 1:
            raise InvalidInput(f"ratio must be above 0 and at most 1, got {shown_number(ratio)}")
    return ratios


def ask(
    texts: Sequence[str], ratios: Sequence[float], orders: Sequence[Order], *, model: str, seed: int
) -> list[Asked]:
    """What is to be infilled, by order rule. Raises InvalidInput, ModelMissing."""
    known = whole_words(find_model(model))
    asked = []
    for order in orders:
        hidden = tuple(hidden_texts(texts, ratios, known, order=order, model=model, seed=seed))
        if not hidden:
            raise InvalidInput("texts must hold words that are one token of the model, got none")
        chains = [plan(each.spec).chain for each in hidden]
        runs, ends = (c.run for c in chains), (c.step_keys[-1] for c in chains)
        asked.append(Asked(order, hidden, tuple(runs), tuple(ends)))
    return asked


def infilled_of(asked: Asked, there: Sequence[bool], load: Callable[[str], TextRun]) -> Infilled:
    """What the finished runs of one order rule committed to; ``there`` says which are."""
    by_text: dict[str, list[tuple[Hidden, TextRun]]] = {}
    for hidden, run, finished in zip(asked.hidden, asked.runs, there, strict=True):
        if finished:
            by_text.setdefault(hidden.text, []).append((hidden, load(run)))
    parts = tuple(commitments(pairs) for pairs in by_text.values())
    return Infilled(asked.order, parts, len(asked.runs), sum(there))


def reliability_table(infilled: Sequence[Infilled]) -> pd.DataFrame:
    """One row an order and bin of confidence: how many, how sure, how often right."""
    rows = []
    for each in infilled:
        whole = each.together()
        for b in reliability(whole.confidence, whole.right):
            if b.count:
                rows.append((each.order, b.low, b.high, b.count, b.confidence, b.accuracy))
    columns = ["order", "low", "high", "commitments", "confidence", "accuracy"]
    return pd.DataFrame(rows, columns=columns)


def summary_table(infilled: Sequence[Infilled], ratios: Sequence[float]) -> pd.DataFrame:
    """One row an order and ratio (0: all of them): ECE and accuracy with intervals over texts.

    Texts are drawn, not commitments: the words of one text are not independent.
    """
    rows = []
    for each in infilled:
        for ratio in (ALL, *ratios):
            parts = [part for one in each.by_text if len((part := _at(one, ratio)).right)]
            if not parts:
                continue
            whole = _joined(parts)
            ece, accuracy = _intervals(parts)
            rows.append(
                {
                    "order": each.order,
                    "ratio": ratio,
                    "texts": len(parts),
                    "commitments": len(whole.right),
                    "mean_confidence": float(whole.confidence.mean()),
                    "accuracy": float(whole.right.mean()),
                    "accuracy_low": accuracy[0],
                    "accuracy_high": accuracy[1],
                    "ece": expected_calibration_error(whole.confidence, whole.right),
                    "ece_low": ece[0],
                    "ece_high": ece[1],
                }
            )
    return pd.DataFrame(rows)


def _intervals(parts: Sequence[Commitments]) -> tuple[Bounds, Bounds]:
    """95 % bootstrap intervals over texts: of the ECE and of the accuracy.

    The ECE of a draw lies higher than that of the whole, for texts drawn twice leave fewer
    different words to its bins; its interval is the spread, moved to the whole's, at least 0.
    """
    nothing = (float("nan"), float("nan"))
    if len(parts) < 3:
        return nothing, nothing
    rng, drawn = np.random.default_rng(0), np.empty((RESAMPLES, 2))
    for i in range(RESAMPLES):
        some = _joined([parts[k] for k in rng.integers(0, len(parts), len(parts))])
        drawn[i] = expected_calibration_error(some.confidence, some.right), some.right.mean()
    whole = _joined(parts)
    ece = expected_calibration_error(whole.confidence, whole.right)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    shift = ece - drawn[:, 0].mean()
    bounds = max(0.0, float(low[0] + shift)), float(high[0] + shift)
    return bounds, (float(low[1]), float(high[1]))


def _at(of_text: Commitments, ratio: float) -> Commitments:
    if ratio == ALL:
        return of_text
    chosen: NDArray[np.bool_] = np.isclose(of_text.ratio, ratio)
    return Commitments(of_text.confidence[chosen], of_text.right[chosen], of_text.ratio[chosen])


def _joined(parts: Sequence[Commitments]) -> Commitments:
    if not parts:
        return Commitments(np.zeros(0), np.zeros(0, bool), np.zeros(0))
    return Commitments(
        np.concatenate([part.confidence for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.ratio for part in parts]),
    )
