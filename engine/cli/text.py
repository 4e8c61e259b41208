"""``python -m engine text ...``: generate, infill, corrupt, sweep."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from cache.store import Store
from engine.chain.axis_values import parse_values
from engine.chain.wording import counted
from engine.cli.console import AsJson, StoreFolder, open_store, print_json, stderr, stdout
from engine.cli.options import Seeds, Steps
from engine.cli.plan import (
    Cells,
    OnlyPlan,
    Skips,
    compute_cells,
    computed_document,
    cost_line,
    plan_cells,
    tell_failures,
    tell_lost,
    tell_plan,
)
from engine.requests.computing import compute, loaded
from engine.requests.sweeps import expand, parse_axes, parse_seeds, parse_skip
from engine.text import stored as text_stored
from engine.text.documents import corruption_document, text_document
from engine.text.records import TextRun
from engine.text.spec import MODEL_OF, CorruptionSpec, Coupling, KernelName, ScheduleName, TextSpec
from engine.text.steering import parse_interval

app = typer.Typer(no_args_is_help=True, help="Text: unmasking, infilling, corruption, sweeps.")

Temperature = Annotated[float, typer.Option(help="Softmax temperature, 0.01 to 10.")]
TopK = Annotated[int | None, typer.Option(help="Draw from the k best; without it: greedy.")]
TopP = Annotated[float | None, typer.Option(help="Draw from the nucleus of this mass.")]
OrderOption = Annotated[
    str, typer.Option(help="confidence, margin, entropy, random, left-to-right.")
]
RuleOption = Annotated[
    str,
    typer.Option(
        "--rule",
        help="What a step reveals: quota (a fixed share), ancestral (each mask by chance, the true "
        "reverse process), threshold, factor, entropy-bound (as many as are safe), remask "
        "(ancestral, and tokens may be taken back), edit (threshold, and tokens may be replaced).",
    ),
]
ScheduleOption = Annotated[
    str, typer.Option(help="linear, cosine or geometric; of quota, ancestral and remask.")
]
ThresholdOption = Annotated[
    float, typer.Option(help="threshold: reveal tokens of this probability or more, 0 to 1.")
]
FactorOption = Annotated[
    float, typer.Option(help="factor: the n surest, (n + 1)(1 - the n-th) below this, 0.01 to 100.")
]
EntropyBoundOption = Annotated[
    float, typer.Option(help="entropy-bound: what several at once may cost, 0 to 100 nats.")
]
RemaskingOption = Annotated[
    str, typer.Option(help="remask: cap, rescale or conf (the less sure are taken back sooner).")
]
EtaOption = Annotated[
    float, typer.Option(help="remask by cap or rescale: how much is taken back, 0 to 1.")
]
EditOption = Annotated[
    float, typer.Option(help="edit: replace a token when another is above this, 0 to 1.")
]
OnOption = Annotated[
    float | None,
    typer.Option("--t-on", help="remask: the loop phase begins at this time, 1 down to 0."),
]
OffOption = Annotated[float, typer.Option("--t-off", help="remask: where its loop phase ends.")]
KeptOption = Annotated[
    float, typer.Option(help="remask: the share that is written during the loop phase.")
]
BlockOption = Annotated[
    int | None, typer.Option(help="Write so many positions at a time, from left to right.")
]
KernelOption = Annotated[
    str,
    typer.Option("--kernel", help="absorbing (noise is masks) or uniform (noise is other words)."),
]
CorrectorOption = Annotated[
    float, typer.Option(help="kernel uniform: the share of a step drawn anew, 0 to 1.")
]
GuidanceOption = Annotated[
    str,
    typer.Option(
        help="Classifier-free guidance of a template, 0 (none) to 20: one scale, or one a step as "
        "in 0,1,2."
    ),
]
IntervalOption = Annotated[
    str | None, typer.Option(help="Guide only these steps, as in 2:6 (the 2nd to the 6th).")
]
ControlOption = Annotated[
    list[str] | None,
    typer.Option(
        "--control",
        help="must:WORD, avoid:WORD, words:N, ends:LETTERS, rhyme:WORD, topic:SENTENCES with | "
        "between, fluency:WEIGHT. May be given several times.",
    ),
]
StrengthOption = Annotated[float, typer.Option(help="How strongly controls steer, 0 to 100.")]
MaybeModel = Annotated[
    str | None,
    typer.Option(help="A built-in name, a local folder or a hub id; else the kernel's built-in."),
]
Exact = Annotated[
    bool, typer.Option("--exact", help="One seed at a time, the classic recipe's bits.")
]
AllowSpecial = Annotated[
    bool, typer.Option("--allow-special", help="Let [UNK], [PAD], [CLS], [SEP], [MASK] be written.")
]


@app.command()
def generate(
    length: Annotated[int, typer.Option(help="Tokens to write, from all-[MASK].")] = 12,
    model: MaybeModel = None,
    steps: Steps = 12,
    temperature: Temperature = 1.0,
    top_k: TopK = None,
    top_p: TopP = None,
    order: OrderOption = "confidence",
    rule: RuleOption = "quota",
    schedule: ScheduleOption = "linear",
    threshold: ThresholdOption = 0.9,
    factor: FactorOption = 1.0,
    entropy_bound: EntropyBoundOption = 0.1,
    remasking: RemaskingOption = "conf",
    eta: EtaOption = 0.1,
    t_on: OnOption = None,
    t_off: OffOption = 0.05,
    alpha_on: KeptOption = 0.9,
    edit_threshold: EditOption = 0.9,
    block: BlockOption = None,
    kernel: KernelOption = "absorbing",
    corrector: CorrectorOption = 0.0,
    guidance: GuidanceOption = "0",
    guidance_interval: IntervalOption = None,
    control: ControlOption = None,
    control_strength: StrengthOption = 4.0,
    seeds: Seeds = "0",
    exact: Exact = False,
    allow_special: AllowSpecial = False,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Write text from nothing but [MASK]."""
    base = _spec_of(locals())
    _unmask_seeds(base, seeds, store, as_json=json)


@app.command()
def infill(
    template: Annotated[str, typer.Argument(help='Text with [MASK]s, as in "the [MASK] sea".')],
    model: MaybeModel = None,
    steps: Steps = 12,
    temperature: Temperature = 1.0,
    top_k: TopK = None,
    top_p: TopP = None,
    order: OrderOption = "confidence",
    rule: RuleOption = "quota",
    schedule: ScheduleOption = "linear",
    threshold: ThresholdOption = 0.9,
    factor: FactorOption = 1.0,
    entropy_bound: EntropyBoundOption = 0.1,
    remasking: RemaskingOption = "conf",
    eta: EtaOption = 0.1,
    t_on: OnOption = None,
    t_off: OffOption = 0.05,
    alpha_on: KeptOption = 0.9,
    edit_threshold: EditOption = 0.9,
    block: BlockOption = None,
    kernel: KernelOption = "absorbing",
    corrector: CorrectorOption = 0.0,
    guidance: GuidanceOption = "0",
    guidance_interval: IntervalOption = None,
    control: ControlOption = None,
    control_strength: StrengthOption = 4.0,
    seeds: Seeds = "0",
    exact: Exact = False,
    allow_special: AllowSpecial = False,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Fill the [MASK]s of a template; its other tokens never change."""
    base = _spec_of(locals())
    _unmask_seeds(base, seeds, store, as_json=json)


@app.command()
def sweep(
    axes: Annotated[list[str], typer.Argument(help="seed=0:8 temperature=0.7,1.0 top_k=none,5")],
    length: Annotated[int | None, typer.Option(help="Tokens to write, from all-[MASK].")] = None,
    template: Annotated[str | None, typer.Option(help="Text with [MASK]s instead.")] = None,
    control: ControlOption = None,
    skip: Skips = None,
    exact: Exact = False,
    only_plan: OnlyPlan = False,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Compute a grid of texts along named axes; the plan comes first."""
    grid = parse_axes(axes)
    start = [name for name in ("length", "template") if name in grid]
    given: dict[str, Any] = {"length": length, "template": template}
    given |= {name: grid[name][0] for name in start}
    if not any(value is not None for value in given.values()):
        given["length"] = 12
    base = TextSpec(**given, exact=exact, controls=tuple(control or ()))
    specs = list(expand(base, grid, [parse_skip(s) for s in skip or []]))
    with open_store(store) as opened:
        cells = plan_cells(specs)
        if tell_plan(opened, cells, only_plan=only_plan, as_json=json):
            unmask(opened, cells, as_json=json)


@app.command()
def corrupt(
    text: Annotated[str, typer.Argument(help="The text to corrupt.")],
    schedule: Annotated[str, typer.Option(help="linear, cosine or geometric.")] = "linear",
    coupling: Annotated[str, typer.Option(help="nested or independent.")] = "nested",
    steps: Annotated[int, typer.Option(help="Levels, 1 to 200.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the thresholds.")] = 0,
    kernel: KernelOption = "absorbing",
    model: MaybeModel = None,
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Mask a text step by step, or redraw its words: the forward process."""
    spec = CorruptionSpec(
        text=text,
        schedule=cast(ScheduleName, schedule),
        coupling=cast(Coupling, coupling),
        steps=steps,
        seed=seed,
        kernel=cast(KernelName, kernel),
        model=model or MODEL_OF.get(kernel, MODEL_OF["absorbing"]),
    )
    with open_store(store) as opened:
        tell_lost([spec])
        computed = compute(opened, [spec])
        run = text_stored.load_corruption_run(opened, computed.runs[0])
    if json:
        print_json(corruption_document(run))
        return
    for level in run.steps:
        stdout.print(
            f"{level.mask_probability:4.0%}  {run.text(level.index)}", markup=False, soft_wrap=True
        )


def _spec_of(options: Mapping[str, Any]) -> TextSpec:
    """The spec of a command's options, which are named as its fields."""
    fields = {name: value for name, value in options.items() if name in TextSpec.model_fields}
    scales = parse_values(options["guidance"], name="guidance")
    interval = options["guidance_interval"]
    fields |= {
        "model": options["model"] or MODEL_OF.get(options["kernel"], MODEL_OF["absorbing"]),
        "guidance": scales[0] if len(scales) == 1 else tuple(scales),
        "guidance_interval": None if interval is None else parse_interval(interval),
        "controls": tuple(options["control"] or ()),
    }
    return TextSpec(**fields, suppress_special=not options["allow_special"])


def _unmask_seeds(base: TextSpec, seeds: str, folder: Path | None, *, as_json: bool) -> None:
    with open_store(folder) as opened:
        cells = plan_cells([base.but(seed=seed) for seed in parse_seeds(seeds)])
        unmask(opened, cells, as_json=as_json)


def unmask(store: Store, cells: Cells[TextSpec], *, as_json: bool) -> None:
    """Compute cells with a bar and print what came out."""
    tell_lost(cells.specs)
    computed, failures = compute_cells(store, cells, "unmasking")
    runs = loaded(store, cells.plans, computed.runs, text_stored.load_text_run)
    if as_json:
        document = {"runs": [text_document(run) for run in runs]}
        print_json(computed_document(computed, failures) | document)
    else:
        for run in runs:
            short, seed = run.manifest.short, run.manifest.spec["seed"]
            done = f"  {counted(run.last_step, 'step')}" if run.spared else ""
            line = f"{short}  seed {seed}{done}  {run.text()}"
            stdout.print(line, markup=False, soft_wrap=True)
        stderr.print(cost_line(computed))
    for run in runs:
        _tell_masks_left(run)
    tell_failures(failures, len(cells.specs))


def _tell_masks_left(run: TextRun) -> None:
    if run.complete and run.masks_left:
        stderr.print(
            f"{run.manifest.short}: {run.masks_left} positions are still "
            "masked: the model wrote its mask there itself",
            markup=False,
            soft_wrap=True,
        )
