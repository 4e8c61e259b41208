"""``python -m engine image ...``: generate, sweep, img2img; and ``runs from-png``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from cache.errors import InvalidInput
from cache.store import Store
from engine.chain import manifests
from engine.chain.axis_values import parse_values, shown, whole_number
from engine.chain.records import Manifest, short_id
from engine.chain.specs import Spec
from engine.cli.console import AsJson, StoreFolder, open_store, print_json, stderr, stdout
from engine.cli.options import Model, Seeds, Steps
from engine.cli.out_folder import check_out_folder, write_into
from engine.cli.plan import (
    Cells,
    OnlyPlan,
    Skips,
    compute_cells,
    computed_document,
    cost_line,
    plan_cells,
    tell_failures,
    tell_plan,
)
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.documents import image_document
from engine.image.picture_cut import cut_lines
from engine.image.png_metadata import Carried, read_metadata, with_metadata
from engine.image.precisions import auto_precision
from engine.image.spec import (
    GUIDANCE_COMPARED,
    STRENGTHS_COMPARED,
    Accelerator,
    ImageSpec,
    Precision,
)
from engine.models.scheduler_config import SamplerName
from engine.requests.computing import loaded
from engine.requests.lost_words import lost_lines
from engine.requests.plans import Plan, plan
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


def from_png(
    png: Annotated[Path, typer.Argument(help="A PNG written by image --out.")],
    init: Annotated[
        Path | None, typer.Option(help="The start picture of an img2img run, if it is not here.")
    ] = None,
    recompute: Annotated[
        bool, typer.Option("--compute", help="Compute the run where the store lacks it.")
    ] = False,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Read the spec that a PNG carries, and say whether this store has its run."""
    carried = read_metadata(png)
    with open_store(store) as opened:
        if init is not None:
            _keep_start(opened, carried, init)
        if recompute:
            planned = _checked_plan(opened, png, carried)
            draw(opened, Cells([carried.spec], {0: planned}, {}), out=None, as_json=json)
            return
        stored = opened.has(manifests.run_key(carried.run))
    facts = {"run": carried.run, "step": carried.step, "picture": carried.source}
    facts |= {"fingerprint": carried.fingerprint, "in_store": stored, "spec": carried.spec.facts()}
    if json:
        print_json(facts)
        return
    for name, value in facts.items():
        stdout.print(f"{name}: {value}", markup=False, soft_wrap=True)


def _keep_start(store: Store, carried: Carried, path: Path) -> None:
    """Keep the start picture of an img2img PNG. Raises InvalidInput when it is another one."""
    wanted = carried.spec.init_image
    if wanted is None:
        raise InvalidInput("init must be left out: the PNG's run starts from noise")
    digest = keep_file(store, path)
    if digest != wanted:
        raise InvalidInput(
            f"init must be the picture {wanted[:12]} that the PNG's run starts from, got {path}, "
            f"which is {digest[:12]}"
        )


def _checked_plan(store: Store, png: Path, carried: Carried) -> Plan:
    """The plan of a PNG's run. Raises InvalidInput where it would not give the picture again."""
    planned = plan(carried.spec)
    if planned.model.fingerprint != carried.fingerprint:
        raise InvalidInput(
            f"{png} was made by other weights of {carried.spec.model}: its fingerprint is "
            f"{carried.fingerprint[:12]}, that of the model here {planned.model.fingerprint[:12]}"
        )
    start = carried.spec.init_image
    if start is not None and not store.has(image_keys.picture_key(start)):
        raise InvalidInput(
            f"{png} starts from the picture {start[:12]}, which is not in this store; give its "
            "file with --init"
        )
    if planned.chain.run != carried.run:
        stderr.print(
            f"{png} is of run {short_id(carried.run)}, made when this model's config "
            f"was read otherwise; it is computed as run {short_id(planned.chain.run)}",
            markup=False,
            soft_wrap=True,
        )
    return planned


def draw(store: Store, cells: Cells[ImageSpec], *, out: Path | None, as_json: bool) -> None:
    """Compute cells with a bar, write their PNGs and print what came out."""
    if out is not None:
        check_out_folder(out)
    tell_lost(cells.specs)
    computed, failures = compute_cells(store, cells, "denoising")
    documents: list[dict[str, Any]] = []
    for run in computed.runs:
        manifest = manifests.load(store, run)
        file = write_png(store, manifest, out)
        if as_json:  # one run at a time: all steps of a sweep do not fit in memory
            whole = loaded(store, cells.plans, [run], image_stored.load_image_run)[0]
            documents.append(image_document(whole, file))
        else:
            stdout.print(_drawn_line(manifest, file), markup=False, soft_wrap=True)
    if as_json:
        print_json(computed_document(computed, failures) | {"runs": documents})
    else:
        stderr.print(cost_line(computed))
    tell_failures(failures, len(cells.specs))


def _drawn_line(manifest: Manifest, file: str | None) -> str:
    spec, short = manifest.spec, manifest.short
    what = f"seed {spec['seed']}  guidance {spec['guidance']}  {spec['sampler']}"
    strength = f"  strength {spec['strength']}" if spec["strength"] is not None else ""
    return f"{short}  {what}{strength}  {file or ''}".rstrip()


def write_png(store: Store, manifest: Manifest, out: Path | None) -> str | None:
    """Write a run's picture into a folder, whole or not at all; the path, None without a folder."""
    picture = None if out is None else image_stored.find_result(store, manifest)
    if out is None or picture is None:
        return None
    name = f"{manifest.short}-seed{manifest.spec['seed']}.png"
    data = with_metadata(picture, manifest, step=manifest.step_count)
    return str(write_into(out, name, data))


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


def kept_start(store: Store, init: Path | None, run: str | None) -> str:
    """The digest of a start picture, from a file or from a run's result."""
    if (init is None) == (run is None):
        raise InvalidInput("give either --init or --from-run, not both and not neither")
    if run is not None:
        return image_stored.keep_result(store, manifests.resolve(store, run))
    return keep_file(store, cast(Path, init))


def keep_file(store: Store, path: Path) -> str:
    """Keep a picture file in the store; its digest. Raises InvalidInput when it cannot be read."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput(f"{path} cannot be read: {reason}") from error
    try:
        digest, notes = image_stored.keep_picture_told(store, data)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from error
    for note in notes:
        stderr.print(f"{path}: {note}", markup=False, soft_wrap=True)
    return digest


def tell_lost(specs: Iterable[Spec]) -> None:
    """Say on stderr what of some specs their models will not hear."""
    for line in lost_lines(specs):
        stderr.print(line, markup=False, soft_wrap=True)


def tell_cut(store: Store, specs: Iterable[ImageSpec]) -> None:
    """Say on stderr what of its start picture an img2img run does not see."""
    for line in cut_lines(store, specs):
        stderr.print(line, markup=False, soft_wrap=True)
