"""What the unmasking page tells of runs as a whole: changes of mind, and their orders."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.data.text_runs import candidate_table
from engine.metrics.changes_of_mind import ChangesOfMind
from engine.metrics.unmask_order import global_ar_ness, local_ar_ness, order_likeness
from engine.text.joining import join_pieces
from engine.text.records import TextRun
from engine.text.spellings import spelling_of

NEAR = (1, 2, 4)  # the k of the order table
NAMED = 3  # candidates in a line


def order_table(runs: Sequence[TextRun], names: Sequence[str]) -> pd.DataFrame:
    """One row a run: how left-to-right its order is, and the most that a step revealed.

    Of several runs also Kendall's tau-b of each order with the first run's.
    """
    rows = []
    for run, name in zip(runs, names, strict=True):
        row: dict[str, str | int | float] = {"run": name}
        row |= {f"local @{k}": local_ar_ness(run, k) for k in NEAR}
        row |= {f"global @{k}": global_ar_ness(run, k) for k in NEAR}
        row["most at once"] = max((len(step.revealed) for step in run.steps[1:]), default=0)
        if len(runs) > 1:
            row["tau with the first"] = order_likeness(runs[0], run)
        rows.append(row)
    return pd.DataFrame(rows)


def calls_line(run: TextRun) -> str:
    """How many of its steps a run used, and what a model call came to; '' before any."""
    if not run.model_calls:
        return ""
    asked = run.manifest.step_count
    used = len(run.steps) - 1
    steps = f"{used} steps" if used == asked else f"{used} of at most {asked} steps"
    back = len(run.takings_back())
    taken = f", {back} taken back" if back else ""
    if run.masked_kernel and (edits := len(run.replacements())):
        taken += f", {edits} replaced"
    return (
        f"{steps}, {_times(run.model_calls)} the model was asked: "
        f"{run.tokens_per_call:.2f} tokens a call{taken}"
    )


def cell_line(run: TextRun, step: int, position: int) -> str:
    """What the model held likeliest for a position before a step, in one line."""
    best = candidate_table(run, step=step, position=position)[:NAMED]
    if best.empty:
        return f"Step {step} did not judge position {position}."
    likely = ", ".join(
        f"{token} {share:.3f}"
        for token, share in zip(best["token"], best["probability"], strict=True)
    )
    return f"Before step {step}, position {position} was likeliest: {likely} (more below)."


def change_table(run: TextRun, found: ChangesOfMind) -> pd.DataFrame:
    """One row a position that can be judged: how often its token changed, when it was right."""
    revealed = run.reveal_step()
    return pd.DataFrame(
        {
            "position": position,
            "final_token": run.pieces[found.final[position]],
            "changes": int(found.changes[position]),
            "first_held_final": int(found.first_held[position]),
            "lost_it_again": bool(found.lost[position]),
            "revealed_by_step": int(revealed[position]) if revealed[position] > 0 else None,
        }
        for position in range(run.length)
        if found.judged[position]
    )


def change_line(run: TextRun, found: ChangesOfMind) -> str:
    """When the sentence as it would read was settled, and how much wavered, in a sentence or two.

    The final words are the model's: not for Markdown.
    """
    if not found.judged.any():
        return "No position of this text was open while the sampler was at work: nothing changed."
    last = len(run.steps) - 1
    final = [run.pieces[token] for token in found.final]
    typed = run.manifest.spec.get("template") if run.masked_kernel else None
    text = join_pieces(final, typed, start=run.words(0), spelling=spelling_of(run.pieces))
    ending = "the final one" if run.complete else f"what is held after step {last}, the last stored"
    settled = f"From step {found.settled} of {last} on the sentence as it would read is {ending}"
    wavered = int((found.changes[found.judged] > 0).sum())
    lost = int(found.lost.sum())
    changed = "No position changed its token."
    if wavered:
        changes = int(found.changes[found.judged].sum())
        changed = (
            f"{wavered} of {_positions(int(found.judged.sum()))} changed the held token, "
            f"{_times(changes)} in all; {lost or 'none'} held the final token and lost it again."
        )
    return f"{settled}: “{text}” {changed}"


def _positions(count: int) -> str:
    return "1 position" if count == 1 else f"{count} positions"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
