"""``python -m engine``: everything the dashboard can compute, from a shell."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cache.errors import StepscopeError
from engine.chain.manifests import listed as manifests
from engine.chain.wording import counted
from engine.cli import embed as embed_commands
from engine.cli import experiments as experiment_commands
from engine.cli import from_png as png_commands
from engine.cli import image as image_commands
from engine.cli import report as report_commands
from engine.cli import runs as runs_commands
from engine.cli import store as store_commands
from engine.cli import text as text_commands
from engine.cli import train as train_commands
from engine.cli.console import (
    AsJson,
    StoreFolder,
    open_store,
    print_json,
    print_rows,
    run_app,
    stderr,
    stdout,
    step_progress,
)
from engine.cli.judge import judge
from engine.cli.runs import summary
from engine.models.known import known_of
from engine.models.model_files import CONFIG
from engine.models.registry import fetch, find_model, listed_models
from engine.models.text_folder import FAMILIES, model_type, text_facts
from engine.requests.computing import compute, compute_plans
from engine.requests.demo import demo_embeddings, demo_pictures, demo_specs
from engine.requests.plans import plan
from engine.reviews.demo import demo_board

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Stepscope: diffusion sampling, every step kept.",
)
models_app = typer.Typer(no_args_is_help=True, help="The models that can be used.")
text_commands.app.command()(judge)
app.add_typer(text_commands.app, name="text")
app.add_typer(image_commands.app, name="image")
app.add_typer(embed_commands.app, name="embed")
runs_commands.app.add_typer(png_commands.app)
runs_commands.app.add_typer(experiment_commands.app)
app.add_typer(runs_commands.app, name="runs")
app.add_typer(store_commands.app, name="store")
app.add_typer(models_app, name="models")
app.add_typer(train_commands.app, name="train")
app.command()(report_commands.report)
app.command()(report_commands.boards)


@models_app.command("list")
def list_models(json: AsJson = False) -> None:
    """Every known model: kind, fingerprint, whether it is available, its folder."""
    listed = list(listed_models())
    if json:
        fields = ("name", "kind", "available", "fingerprint", "folder", "hint")
        print_json({"models": [{f: getattr(model, f) for f in fields} for model in listed]})
        return
    rows = [
        (
            model.name,
            model.kind,
            "yes" if model.available else "no",
            (model.fingerprint or "")[:12],
            str(model.folder or ""),
        )
        for model in listed
    ]
    print_rows(("model", "kind", "here", "fingerprint", "folder"), rows)
    if not all(model.available for model in listed):
        stderr.print(
            "what is not here: python -m engine models fetch NAME where the hub is in reach, or "
            "give the path of a local folder as the model"
        )


@models_app.command("show")
def show_model(
    name: Annotated[str, typer.Argument(help="A text model: its name, folder or hub id.")],
    json: AsJson = False,
) -> None:
    """What the files of a text model say of it: class, size, vocabulary, mask, length, licence."""
    source = find_model(name)
    known = known_of(source)
    if json:
        print_json({"model": name, "fingerprint": source.fingerprint} | asdict(known))
    else:
        stdout.print(known.sentence(), markup=False, soft_wrap=True)


@models_app.command("fetch")
def fetch_model(name: Annotated[str, typer.Argument(help="A hub id.")]) -> None:
    """Download a model from the hub, where it is in reach."""
    fetched = fetch(name)
    stderr.print(f"{fetched.name} is in {fetched.folder}", markup=False)


@models_app.command("convert")
def convert_model(
    folder: Annotated[Path, typer.Argument(help="A folder with pickled weights (.bin).")],
    new: Annotated[Path, typer.Argument(help="The folder to write; it must not exist.")],
) -> None:
    """Make safetensors of a folder's pickled weights, in a new folder."""
    from engine.models.conversion import convert

    converted = convert(folder, new)
    count = len(converted.files)
    stderr.print(
        f"{converted.folder} is written, {count} file{'s' if count > 1 else ''} of weights made: "
        f"{', '.join(converted.files)}",
        markup=False,
        soft_wrap=True,
    )
    if lacks := _cannot_be_used(str(converted.folder)):
        stderr.print(f"it cannot be used yet: {lacks}", markup=False, soft_wrap=True)


@app.command()
def demo(
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Only in an empty store.")] = False,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Compute a small set of runs on the built-in models."""
    specs = demo_specs()
    if if_empty and not _is_empty(store):
        return
    with open_store(store) as opened:
        plans = [plan(spec) for spec in specs]
        total = sum(planned.chain.step_count for planned in plans)
        with step_progress(total, "demo runs") as on_step:
            computed = compute_plans(opened, plans, on_step)
        compute(opened, demo_pictures())
        compute(opened, demo_embeddings(opened))
        if next(opened.scan("board:"), None) is None:
            demo_board(opened, computed.runs)
        listed = [summary(opened, manifest) for manifest in manifests(opened)]
    if json:
        print_json({"model_calls": computed.model_calls, "runs": listed})
        return
    stderr.print(f"the demo, {counted(len(computed.runs), 'run')}, is in the store")


def _is_empty(folder: Path | None) -> bool:
    """Whether a store holds no run; one that cannot be read is a run, too."""
    with open_store(folder, to_read=True) as opened:
        return next(opened.scan("run:"), None) is None


@app.command()
def doctor(store: StoreFolder = None, json: AsJson = False) -> None:
    """Check this installation; exit code 1 when something needed is missing."""
    from engine.cli.doctor import examine

    checks = examine(store)
    if json:
        print_json({"checks": [check.document() for check in checks]})
    else:
        for check in checks:
            mark = {"ok": "ok     ", "missing": "MISSING", "note": "note   "}[check.state]
            stdout.print(f"{mark}  {check.name}: {check.detail}", markup=False, soft_wrap=True)
    if any(check.state == "missing" for check in checks):
        raise typer.Exit(1)


def _cannot_be_used(model: str) -> str | None:
    """Why a text model's folder cannot be run; other models say it when they are loaded."""
    try:
        source = find_model(model)
        if (source.folder / CONFIG).exists() and model_type(source) in FAMILIES:
            text_facts(source)
    except StepscopeError as error:
        return str(error)
    return None


def main() -> None:
    """The entry point of ``python -m engine``."""
    run_app(app)
