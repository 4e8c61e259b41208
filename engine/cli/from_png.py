"""``python -m engine runs from-png``: the run that a PNG tells of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cache.errors import InvalidInput, ModelMissing
from cache.store import Store
from engine.chain import manifests
from engine.chain.records import short_id
from engine.cli.console import AsJson, StoreFolder, open_store, print_json, stderr, stdout
from engine.cli.pictures import draw, keep_file
from engine.cli.plan import (
    Cells,
)
from engine.image import keys as image_keys
from engine.image.png_metadata import Carried, read_metadata
from engine.models.replaced import model_of_run
from engine.requests.plans import Plan, plan

app = typer.Typer()  # its command stands among those of ``runs``


@app.command("from-png")
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
    """The plan of a PNG's run. Raises InvalidInput or ModelMissing where it cannot be had again."""
    try:
        model_of_run(carried.spec.model, carried.fingerprint)
    except ModelMissing as error:
        raise type(error)(f"{png} cannot be computed: {error}") from error
    planned = plan(carried.spec)
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
