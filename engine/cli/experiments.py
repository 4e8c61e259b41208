"""``python -m engine runs``: what is tried with a run: fork, no-return, why, replay."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, TypeVar

import typer

from cache.errors import InvalidInput
from engine.chain import manifests
from engine.chain.axis_values import parse_values, shown, whole_number
from engine.chain.records import short_id
from engine.chain.wording import counted
from engine.cli.console import (
    AsJson,
    StoreFolder,
    open_store,
    print_json,
    stderr,
    stdout,
    step_progress,
)
from engine.cli.options import RunId
from engine.cli.plan import (
    OnlyPlan,
    compute_cells,
    computed_document,
    plan_cells,
    tell_failures,
    tell_plan,
)
from engine.experiments import forks
from engine.experiments.no_return import (
    SHARE,
    USUAL,
    Decided,
    continuations,
    decided,
    parse_steps,
    point_of_no_return,
    steps_to_try,
    steps_with_effect,
)
from engine.experiments.reasons import reason, reason_sentence
from engine.requests.computing import compute_plans
from engine.requests.documents import run_document
from engine.requests.plans import plan

app = typer.Typer()  # its commands stand among those of ``runs``

Named = TypeVar("Named", str, int)
Step = Annotated[int, typer.Option(help="Which step of the run.")]


@app.command("fork")
def fork_run(
    run: RunId,
    at: Annotated[int, typer.Option(help="The last step to keep; 0 keeps only the start.")],
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="guidance=3, prompt=..., temperature=0.7, ...")
    ] = None,
    write: Annotated[
        list[str] | None, typer.Option(help="Text: POSITION=WORD, or POSITION=[MASK].")
    ] = None,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Go back to a step of a run, change one thing, and keep both futures."""
    with open_store(store) as opened:
        parent = manifests.load(opened, manifests.resolve(opened, run))
        fields = _once([parse_field(text, parent.kind) for text in changes or []], "set")
        words = _once([parse_write(text) for text in write or []], "write")
        spec = forks.fork(opened, parent, at, fields, write=list(words.items()))
        planned = plan(spec)
        with step_progress(planned.chain.step_count, "fork") as on_step:
            computed = compute_plans(opened, [planned], on_step)
        made = manifests.load(opened, computed.runs[0])
        document = run_document(opened, made.run)
    if json:
        about = {"parent": made.parent, "runs": [document]}
        print_json(computed_document(computed, []) | about)
        return
    result = document.get("text") or f"run {computed.runs[0]}"
    stdout.print(f"{short_id(computed.runs[0])}  {result}", markup=False, soft_wrap=True)
    stderr.print(
        f"{counted(computed.model_calls, 'model call')}, "
        f"{counted(computed.steps_computed, 'step')} computed, {computed.steps_cached} shared"
    )


@app.command("no-return")
def no_return(
    run: RunId,
    after: Annotated[
        str | None, typer.Option(help="Steps to continue from, as in 0,4,8; by default six.")
    ] = None,
    forks: Annotated[int, typer.Option(help="Continuations from each of them.")] = USUAL,
    only_plan: OnlyPlan = False,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """When it was decided: continue a run from several steps, and see how alike it comes out."""
    with open_store(store) as opened:
        manifest = manifests.load(opened, manifests.resolve(opened, run))
        count = steps_with_effect(opened, manifest)
        usual = after is None
        steps = (
            steps_to_try(manifest, steps=count) if usual else parse_steps(after or "", count - 1)
        )
        tried = [continuations(opened, manifest, at, forks) for at in steps]
        cells = plan_cells([spec for each in tried for spec in each.specs])
        if not tell_plan(opened, cells, only_plan=only_plan, as_json=json):
            return
        if changed := ", ".join(f"{name} {value}" for name, value in tried[0].changed.items()):
            stderr.print(f"the run draws nothing after its start: continued with {changed}")
        computed, failures = compute_cells(opened, cells, "continuing")
        rows = decided(opened, manifest, tried)
    measures = list(dict.fromkeys(row.measure for row in rows))
    points = {measure: point_of_no_return(rows, measure) for measure in measures}
    if json:
        documents = [decided_document(row) for row in rows]
        about = {"run": manifest.run, "decided": documents, "points": points}
        print_json(computed_document(computed, failures) | about)
    else:
        for row in rows:
            stdout.print(decided_line(row))
        for measure, point in points.items():
            where = "at none of these steps" if point is None else f"from step {point} on"
            stdout.print(f"{measure}: {SHARE:.0%} alike or more, interval and all, {where}")
    tell_failures(failures, len(cells.specs))


@app.command()
def why(run: RunId, step: Step, store: StoreFolder = None, json: AsJson = False) -> None:
    """Why a step was computed: what no earlier run had, or which one it came from."""
    with open_store(store, to_read=True) as opened:
        manifest = manifests.load(opened, manifests.resolve(opened, run))
        if not 0 <= step <= manifest.step_count:
            raise InvalidInput(f"step must be 0 to {manifest.step_count}, got {step}")
        answer = reason(opened, manifest, step)
    if json:
        print_json(asdict(answer))
        return
    stdout.print(reason_sentence(answer), markup=False, soft_wrap=True)


@app.command()
def replay(run: RunId, step: Step, store: StoreFolder = None, json: AsJson = False) -> None:
    """Compute one stored step again, alone, and compare it to what is stored."""
    from engine.experiments import replay as replaying  # here: it needs the model

    with open_store(store) as opened:
        manifest = manifests.load(opened, manifests.resolve(opened, run))
        replayed = replaying.replay(opened, manifest, step)
    if json:
        print_json(replayed.document())
    else:
        for one in replayed.arrays:
            apart = "the same bits" if one.same_bits else f"at most {one.largest:.2g} apart"
            if math.isnan(one.largest):
                apart = "not to be compared: another shape, or no numbers"
            stdout.print(f"{one.name:24}  {apart}", markup=False)
        verdict = "the same bits" if replayed.same_bits else f"within {replayed.tolerance:g}"
        stderr.print(f"step {step}: {verdict if replayed.within else 'NOT what is stored'}")
    if not replayed.within:
        raise typer.Exit(1)


def parse_field(text: str, kind: str) -> tuple[str, Any]:
    """``name=value`` of a fork of a kind. Raises InvalidInput."""
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or not name:
        raise InvalidInput(f"set must be NAME=VALUE, got {shown(text)}")
    if name in ("prompt", "negative_prompt", "sampler", "order", "rule", "schedule", "remasking"):
        return name, value
    values = parse_values(value.strip(), name=name)
    return name, values[0] if len(values) == 1 else tuple(values)


def _once(pairs: Sequence[tuple[Named, Any]], option: str) -> dict[Named, Any]:
    for place, (name, _) in enumerate(pairs):
        if name in [earlier for earlier, _ in pairs[:place]]:
            raise InvalidInput(f"{option} must give {name!r} once, got it twice")
    return dict(pairs)


def parse_write(text: str) -> tuple[int, str]:
    """``position=word``. Raises InvalidInput."""
    position, equals, word = text.partition("=")
    number = whole_number(position)
    if not equals or number is None or not word:
        raise InvalidInput(f"write must be POSITION=WORD, got {shown(text)}")
    return number, word


def decided_line(row: Decided) -> str:
    """How much one step had decided, in words."""
    mean, low, high = row.among.mean, row.among.low, row.among.high
    bounds = "too few for an interval" if math.isnan(low) else f"{low:.2f} to {high:.2f}"
    return f"after {row.at:>3}  {row.measure:14}  alike {mean:.2f} ({bounds})"


def decided_document(row: Decided) -> dict[str, Any]:
    """How much one step had decided as JSON; bounds that so few continuations lack are null."""
    return asdict(row) | {
        name: {
            field: None if isinstance(value, float) and math.isnan(value) else value
            for field, value in asdict(interval).items()
        }
        for name, interval in (("among", row.among), ("with_run", row.with_run))
    }
