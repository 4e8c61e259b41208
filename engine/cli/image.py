"""``python -m engine image ...``: generate, sweep, img2img; and ``runs from-png``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from cache.errors import InvalidInput
from engine.chain.axis_values import parse_values, shown, whole_number
from engine.cli.console import AsJson, StoreFolder, open_store
from engine.cli.options import Model, Seeds, Steps
from engine.cli.pictures import draw, kept_start, tell_cut
from engine.cli.plan import (
    OnlyPlan,
    Skips,
    plan_cells,
    tell_plan,
)
from engine.image.precisions import auto_precision
from engine.image.spec import (
    GUIDANCE_COMPARED,
    STRENGTHS_COMPARED,
    Accelerator,
    ImageSpec,
    Precision,
)
from engine.models.scheduler_config import SamplerName
from engine.requests.sweeps import expand, parse_axes, parse_seeds, parse_skip

app = typer.Typer(no_args_is_help=True, help="Pictures: generation, sweeps, img2img.")

Prompt = Annotated[str, typer.Argument(help="What the picture should show.")]
Negative = Annotated[str, typer.Option("--negative", help="What it should not show.")]
Guidance = Annotated[
    str, typer.Option(help="Guidance scale 1 to 50, or one for each step: 9,8,7...")
]
Within = Annotated[
    str | None, typer.Option("--guidance-interval", help="Guide only steps FIRST:LAST.")
]
Sampler = Annotated[
    str,
    typer.Option(help=f"One of {', '.join(get_args(SamplerName))}."),
]
Eta = Annotated[float, typer.Option(help="DDIM's share of fresh noise, 0 to 1.")]
Side = Annotated[int | None, typer.Option(help="Pixels, a multiple of 8; default: the model's.")]
PrecisionOption = Annotated[
    str, typer.Option("--precision", help="auto (float16 on CUDA), float32 or float16.")
]
Exact = Annotated[
    bool, typer.Option("--exact", help="One run at a time: the bits of a plain pipeline.")
]
Slicing = Annotated[
    bool, typer.Option("--attention-slicing", help="Less memory, slower, other last bits.")
]
AcceleratorOption = Annotated[
    str, typer.Option("--accelerator", help="none, deepcache or tome; approximations.")
]
Out = Annotated[Path | None, typer.Option(help="Folder for PNGs that carry their full spec.")]


@app.command()
def generate(
    prompt: Prompt,
    negative: Negative = "",
    model: Model = "builtin-sd",
    steps: Steps = 25,
    seeds: Seeds = "0",
    guidance: Guidance = "7.5",
    guidance_interval: Within = None,
    sampler: Sampler = "ddim",
    eta: Eta = 0.0,
    width: Side = None,
    height: Side = None,
    precision: PrecisionOption = "auto",
    exact: Exact = False,
    attention_slicing: Slicing = False,
    accelerator: AcceleratorOption = "none",
    out: Out = None,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Denoise pictures from a prompt."""
    base = ImageSpec(
        model=model,
        prompt=prompt,
        negative_prompt=negative,
        steps=steps,
        guidance=parse_guidance(guidance),
        guidance_interval=parse_interval(guidance_interval),
        sampler=cast(SamplerName, sampler),
        eta=eta,
        width=width,
        height=height,
        precision=chosen_precision(precision),
        exact=exact,
        attention_slicing=attention_slicing,
        accelerator=cast(Accelerator, accelerator),
    )
    with open_store(store) as opened:
        cells = plan_cells([base.but(seed=seed) for seed in parse_seeds(seeds)])
        draw(opened, cells, out=out, as_json=json)


@app.command()
def sweep(
    prompt: Prompt,
    axes: Annotated[
        list[str] | None, typer.Argument(help="seed=0:4 guidance=1,5,7.5,15 sampler=ddim,euler")
    ] = None,
    skip: Skips = None,
    exact: Exact = False,
    only_plan: OnlyPlan = False,
    precision: PrecisionOption = "auto",
    model: Model = "builtin-sd",
    out: Out = None,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Compute a grid of pictures along named axes; default: guidance 1, 5, 7.5, 15 for 4 seeds.

    The plan comes first: what is cached, what is shared, what is new.
    """
    grid = parse_axes(axes or [])
    grid = grid or {"seed": [0, 1, 2, 3], "guidance": list(GUIDANCE_COMPARED)}
    base = ImageSpec(prompt=prompt, model=model, precision=chosen_precision(precision), exact=exact)
    specs = list(expand(base, grid, [parse_skip(text) for text in skip or []]))
    with open_store(store) as opened:
        cells = plan_cells(specs)
        if tell_plan(opened, cells, only_plan=only_plan, as_json=json):
            draw(opened, cells, out=out, as_json=json)


@app.command()
def img2img(
    prompt: Prompt,
    init: Annotated[Path | None, typer.Option(help="The picture to start from.")] = None,
    from_run: Annotated[str | None, typer.Option(help="Or the run whose result to use.")] = None,
    strengths: Annotated[str, typer.Option(help="How far to noise it, each above 0 to 1.")] = (
        ",".join(map(str, STRENGTHS_COMPARED))
    ),
    negative: Negative = "",
    model: Model = "builtin-sd",
    steps: Steps = 25,
    seeds: Seeds = "0",
    guidance: Guidance = "7.5",
    sampler: Sampler = "ddim",
    width: Side = None,
    height: Side = None,
    precision: PrecisionOption = "auto",
    exact: Exact = False,
    out: Out = None,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Denoise from a picture, for several strengths."""
    with open_store(store) as opened:
        base = ImageSpec(
            model=model,
            prompt=prompt,
            negative_prompt=negative,
            steps=steps,
            guidance=parse_guidance(guidance),
            sampler=cast(SamplerName, sampler),
            width=width,
            height=height,
            precision=chosen_precision(precision),
            exact=exact,
            init_image=kept_start(opened, init, from_run),
            strength=1.0,
        )
        grid = {"strength": parse_values(strengths, name="strengths"), "seed": parse_seeds(seeds)}
        specs = list(expand(base, grid))
        tell_cut(opened, specs[:1])
        draw(opened, plan_cells(specs), out=out, as_json=json)


def parse_guidance(text: str) -> float | tuple[float, ...]:
    """``7.5`` as a number, ``9,8,7`` as one for each step."""
    scales = parse_values(text, name="guidance")
    return scales[0] if len(scales) == 1 else tuple(scales)


def parse_interval(text: str | None) -> tuple[int, int] | None:
    """``3:10`` as the first and the last guided step."""
    if text is None:
        return None
    bounds = [whole_number(part) for part in text.split(":")]
    first, last = bounds if len(bounds) == 2 else (None, None)
    if first is None or last is None:
        raise InvalidInput(f"guidance_interval must be FIRST:LAST as in 3:10, got {shown(text)}")
    return first, last


def chosen_precision(asked: str) -> Precision:
    """A precision by its name, or what ``auto`` means on this machine."""
    if asked not in ("auto", *get_args(Precision)):
        choices = ", ".join(get_args(Precision))
        raise InvalidInput(f"precision must be auto, {choices}, got {shown(asked)}")
    if asked != "auto":
        return cast(Precision, asked)
    return auto_precision()
