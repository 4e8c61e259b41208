"""Pictures in and out of a command: start pictures kept, results drawn and written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from cache.errors import InvalidInput
from cache.store import Store
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.cli.console import print_json, stderr, stdout
from engine.cli.out_folder import check_out_folder, write_into
from engine.cli.plan import (
    Cells,
    compute_cells,
    computed_document,
    cost_line,
    tell_failures,
    tell_lost,
)
from engine.image import stored as image_stored
from engine.image.documents import image_document
from engine.image.picture_cut import cut_lines
from engine.image.png_metadata import with_metadata
from engine.image.spec import (
    ImageSpec,
)
from engine.requests.computing import loaded


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
        digest, notes = image_stored.keep_picture_with_notes(store, data)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from error
    for note in notes:
        stderr.print(f"{path}: {note}", markup=False, soft_wrap=True)
    return digest


def tell_cut(store: Store, specs: Iterable[ImageSpec]) -> None:
    """Say on stderr what of its start picture an img2img run does not see."""
    for line in cut_lines(store, specs):
        stderr.print(line, markup=False, soft_wrap=True)
