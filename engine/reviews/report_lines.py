"""What a report says of votes and people, in lines that every form of it shares. No torch."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

from engine.reviews.agreement import FEWEST_UNITS, Agreement
from engine.reviews.marks import place_of
from engine.reviews.preferences import FEWEST, Setting
from engine.reviews.records import Comment, Decision, Person, Question
from engine.reviews.report_contents import ReportedItem, said_value
from engine.reviews.results import Results
from engine.reviews.voices import Thread

ASKED = {
    "stars": "stars, 1 to 5",
    "pair": "pairs",
    "yes_no": "yes or no",
    "choice": "a choice",
    "scale": "a scale, 1 to 5",
    "text": "words",
}
OPEN, SHARE = "open", "share of the votes"
TELLS_NOT = ": too few or too even to tell."  # ends a line on a setting
Row = tuple[str, float, float, float, str]  # a name, a value, its bounds, what stands beside it


def when(at: float) -> str:
    """A moment, in the time of this machine."""
    return time.strftime("%Y-%m-%d %H:%M %Z", time.localtime(at)).strip()


def who(by: Person) -> str:
    """A name and how it is known."""
    return {"login": f"{by.shown} (logged in)", "said": by.shown}.get(by.how, by.shown)


def question_line(question: Question) -> str:
    """What was asked and how."""
    if question.kind == "none":
        return ""
    how = ASKED[question.kind] + (", blind" if question.blind else "")
    if question.kind == "choice":
        how += f": {', '.join(question.options)}"
    if question.kind == "scale":
        how += f": 1 {question.low}, 5 {question.high}"
    return f"{question.text} ({how})".strip()


def result_rows(results: Results, names: Mapping[str, str]) -> tuple[str, list[Row]]:
    """The votes as rows with intervals, and what the values are; none where nothing is counted."""
    if results.strengths:
        rows = [
            (
                names.get(s.name) or s.name[:12],
                s.strength,
                *results.told(s.low, s.high),
                f"won {s.wins.wins:g} of {s.wins.count}",
            )
            for s in results.strengths
        ]
        said = "" if results.too_few else "; lines: 95 %"
        return f"Bradley-Terry strength (log odds against the mean run; a tie is half{said})", rows
    if results.mean is not None:
        mean = results.mean
        said = ", ".join(f"{n} gave {answer}" for answer, n in results.counts.items() if n)
        name, bounds = f"mean {mean.mean:.1f}", results.told(mean.low, mean.high)
        return "mean answer, 1 to 5", [(name, mean.mean, *bounds, said)]
    if results.shares and results.votes:
        rows = [
            (o, s.share, *results.told(s.low, s.high), f"{s.wins:g} of {s.count}")
            for o, s in results.shares.items()
        ]
        return SHARE, rows
    return "", []


def setting_rows(results: Results) -> tuple[str, list[Row]]:
    """The settings that pairs differ in as rows: how often one value was preferred to another."""
    rows = [
        (
            f"{_setting(row)} over {said_value(row.worse)}",
            row.share.share,
            *results.told(row.share.low, row.share.high),
            f"{row.share.wins:g} of {row.share.count} votes",
        )
        for row in results.settings
    ]
    return f"{SHARE} in which it was preferred (a tie is half; lines: 95 %)", rows


def result_lines(results: Results) -> list[str]:
    """What else the votes tell, or that they tell nothing."""
    many = _many(results.votes, "answer" if results.texts else "vote")
    lines = [f"{many} by {_many(results.judges, 'person', 'people')}."]
    if not results.votes:
        return ["Nobody has voted."]
    if results.too_few and not results.texts:
        lines.append(f"Too few votes to tell: an item has intervals from {FEWEST} votes on.")
    for row in results.settings:
        lines.append(
            f"{_setting(row)} over {said_value(row.worse)}: preferred in {row.share.wins:g} of "
            f"{row.share.count} votes ({row.share.share:.0%}; 95 % interval {row.share.low:.0%} to "
            f"{row.share.high:.0%}){'.' if row.share.tells else TELLS_NOT}"
        )
    lines += _other_votes(results)
    if results.agreement is not None and results.agreement.units >= FEWEST_UNITS:
        lines.append(agreement_line(results.agreement))
    return lines + repeat_lines(results)


def repeat_lines(results: Results) -> list[str]:
    """How often judges answered as before when they were asked again: all, and each of several."""
    if not results.consistency:
        return []
    same, count = (sum(getattr(j, n) for j in results.consistency) for n in ("same", "count"))
    each = ", ".join(f"{j.judge} {j.same} of {j.count}" for j in results.consistency)
    alone = len(results.consistency) == 1
    return [f"Asked again, the answer was the same in {same} of {count} repeats" + (
        f" ({results.consistency[0].judge})." if alone else f": {each}."
    )]  # fmt: skip


def _setting(row: Setting) -> str:
    return f"{row.name.replace('_', ' ')} {said_value(row.better)}"


def _other_votes(results: Results) -> list[str]:
    """How many votes no setting's line counts, where the lines are of one setting."""
    if len({row.name for row in results.settings}) != 1:
        return []
    left = results.votes - sum(row.share.count for row in results.settings)
    name = results.settings[0].name.replace("_", " ")
    if left <= 0:
        return []
    are = "votes are" if left > 1 else "vote is"
    return [f"{left} {are} not counted there: those two runs do not differ in {name} alone."]


def votes_told(item: ReportedItem) -> str:
    """How many votes an item has and what they come to; nothing where none was asked for."""
    results = item.results
    if item.item.question.kind == "none":
        return ""
    if not results.votes:
        return "none"
    if results.texts:
        return _many(results.votes, "answer")
    uneven = any(row.share.tells for row in results.settings)
    few = ", too few to tell" if results.too_few else ""
    few = ", too even to tell" if results.settings and not few and not uneven else few
    return f"{_many(results.votes, 'vote')}{few}: {_outcome(results)}"


def _outcome(results: Results) -> str:
    """What some votes come to, in a few words."""
    if results.mean is not None:
        return f"{results.mean.mean:.1f} of 5"
    if results.shares:
        given = {option: share.wins for option, share in results.shares.items() if share.wins}
        order = sorted(given, key=lambda option: -given[option])
        return ", ".join(f"{option} {given[option]:g}" for option in order)
    won = [
        f"{_setting(row)} over {said_value(row.worse)} in {row.share.wins:g} of {row.share.count}"
        for row in results.settings[:2]  # the one that tells most comes first
    ]
    return ", ".join(won) or "no setting alone tells them apart"


def ended_told(item: ReportedItem) -> str:
    """How an item ended, with its sentence, and who said so."""
    if item.decision is None:
        return OPEN
    sentence = f": {item.decision.sentence}" if item.decision.sentence else ""
    return f"{item.decision.outcome}{sentence} ({who(item.decision.by)})"


def unvoted_lines(item: ReportedItem) -> list[str]:
    """Which runs of a pair's item no vote has touched; they have no strength."""
    met = {each.name for each in item.results.strengths}
    if not met:
        return []
    left = [run.name or run.run[:12] for run in item.runs if run.run not in met]
    return [f"In no vote so far: {', '.join(left)}."] if left else []


def decision_line(decision: Decision | None) -> str:
    """How an item ended, by whom and when."""
    if decision is None:
        return "Not decided yet"
    sentence = f": {decision.sentence}" if decision.sentence else ""
    return f"{decision.outcome.capitalize()}{sentence} ({who(decision.by)}, {when(decision.at)})"


def comment_line(
    comment: Comment, mark: str = "", names: Mapping[str, str] = {}
) -> tuple[str, str]:
    """(what was said, by whom, where and when).

    ``mark``: the number at its frame, or its word; ``names``: what the runs of its item are called,
    by id, where there are several.
    """
    place = place_of(comment, names)
    if mark.startswith("“"):
        place += f", {mark}"
    elif mark:  # the frame says where, and on which run
        step = f"step {comment.step}, " if comment.step is not None else ""
        place = f"{step}box {mark}"
    where = f", on {place}" if place else ""
    state = {"resolved": "settled it", "reopened": "opened it again"}.get(comment.state, "")
    return comment.text, f"{who(comment.by)} {state}".strip() + f"{where}, {when(comment.at)}"


def spoken(thread: Thread, item: ReportedItem | None = None) -> list[tuple[str, str]]:
    """What was said in a thread of an item, or of the board: see ``comment_line``."""
    names = {run.run: run.name for run in item.runs} if item is not None else {}
    mark = item.places.get(thread.id, "") if item is not None else ""
    said = [comment_line(thread.first, mark, names)]
    return said + [comment_line(answer, "", names) for answer in thread.answers]


def approximate_lines(items: Sequence[ReportedItem]) -> list[str]:
    """What in a report is not the thing itself."""
    lines = [
        f"Item {i.place}, {run.name or run.run[:12]}: {run.approximate}."
        for i in items
        for run in i.runs
        if run.approximate
    ]
    lines += [f"Item {i.place}: run {run} is not in this store." for i in items for run in i.lost]
    return lines


def agreement_line(agreement: Agreement) -> str:
    """How far judges agree, in a sentence."""
    if math.isnan(agreement.alpha):
        return "All answers were the same, so agreement cannot be measured."
    bounds = ""
    if math.isfinite(agreement.low):
        bounds = f" (95 % {agreement.low:.2f} to {agreement.high:.2f})"
    return (
        f"Krippendorff's alpha of {agreement.judges} judges over {agreement.units} things: "
        f"{agreement.alpha:.2f}{bounds}; 1 is agreement, 0 is chance."
    )


def _many(count: int, one: str, several: str = "") -> str:
    return f"{count} {one if count == 1 else several or one + 's'}"
