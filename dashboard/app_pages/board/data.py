"""What the verdicts of a board add up to, as tables that figures and downloads are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cache.store import Store
from dashboard.data.image_runs import trajectory_table
from engine.image.records import ImageRun
from engine.reviews import voices
from engine.reviews.boards import Board, Placed
from engine.reviews.records import Verdict
from engine.reviews.results import Results, results_of
from engine.text.records import TextRun

COLUMNS = ["name", "mean", "low", "high", "votes"]
LONGEST = 48  # characters of a name beside a figure


def agenda_table(store: Store, board: Board) -> pd.DataFrame:
    """One row an item: what was asked, how many have voted, what was said, how it ended."""
    given, ended = voices.verdicts(store, board.id), voices.decisions(store, board.id)
    rows = [
        {
            "item": f"{place}. {item.title}",
            "question": item.question.text,
            "runs": len(item.runs),
            "voted": len({v.by.judge for v in given if v.item == item.id}),
            "remarks": len(voices.threads(store, board.id, item.id)),
            "decision": ended[item.id][-1].outcome if item.id in ended else "open",
        }
        for place, item in enumerate(board.items, 1)
    ]
    return pd.DataFrame(rows)


def rated_table(items: Mapping[int, Placed], results: Mapping[str, Results]) -> pd.DataFrame:
    """A row an item with stars or a scale, by its place: its mean with its interval."""
    rows = []
    for place, item in items.items():
        result = results[item.id]
        mean = result.mean
        if mean is not None:
            name = f"{place}. {item.title}"[:LONGEST]
            rows.append((name, mean.mean, *result.told(mean.low, mean.high), mean.count))
    return pd.DataFrame(rows, columns=COLUMNS)


def share_table(result: Results) -> pd.DataFrame:
    """A row an answer: its share of the votes with Wilson's interval."""
    rows = [
        (o[:LONGEST], s.share, *result.told(s.low, s.high), s.wins)
        for o, s in result.shares.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def strength_table(result: Results, names: Mapping[str, str]) -> pd.DataFrame:
    """A row a run: its strength with its interval, its votes, the share of them it won."""
    rows = []
    for row in result.strengths:
        name = names.get(row.name, row.name[:12])[:LONGEST]
        low, high = result.told(row.low, row.high)
        won_low, won_high = result.told(row.wins.low, row.wins.high)
        rows.append(
            (name, row.strength, low, high, row.wins.count, row.wins.share, won_low, won_high)
        )
    return pd.DataFrame(rows, columns=[*COLUMNS, "won", "won_low", "won_high"])


def settings_table(result: Results) -> pd.DataFrame:
    """A row a setting that was put against another: how often the better one won."""
    rows = [
        {
            "setting": row.name.replace("_", " "),
            "better": shown(row.better),
            "worse": shown(row.worse),
            "won": f"{row.share.wins:g} of {row.share.count}",
            "share": round(row.share.share, 3),
            "95 % from": round(row.share.low, 3),
            "to": round(row.share.high, 3),
            "verdict": "wins" if row.share.tells else "too few or too even to tell",
        }
        for row in result.settings
    ]
    return pd.DataFrame(rows)


def board_results(
    board: Board, given: Sequence[Verdict], specs: Mapping[str, Mapping[str, Any]]
) -> dict[str, Results]:
    """The results of each item that asks something, by its id."""
    return {
        item.id: results_of(item, given, specs)
        for item in board.items
        if item.question.kind != "none"
    }


def shown(value: object) -> str:
    """A setting's value in a word."""
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)[:40]


def curve_table(run: TextRun | ImageRun) -> pd.DataFrame:
    """A row a step with what is told of it: the mean entropy of its open words, the way it went."""
    if isinstance(run, TextRun):
        steps = [step for step in run.steps[1:] if len(step.masked)]
        values = [float(step.entropy_nats.mean()) for step in steps]
        return pd.DataFrame({"step": [step.index for step in steps], "value": values})
    table = trajectory_table(run)[["step", "step_length"]].dropna()
    return table.rename(columns={"step_length": "value"})
