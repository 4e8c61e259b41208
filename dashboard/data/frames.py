"""What a run looked like step by step, as files: numbered PNGs, and one moving picture."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from cache.errors import InvalidInput
from cache.store import Store
from dashboard.data.image_runs import picture_of
from dashboard.data.sentence_frames import sentence_pictures
from engine.chain.records import Manifest
from engine.image import stored as image_stored
from engine.image.png_metadata import with_metadata
from engine.image.records import ImageRun, Picture
from engine.image.spec import Shown
from engine.text.records import CorruptionRun, TextRun

AnyRun = TextRun | CorruptionRun | ImageRun
Moving = Literal["webp", "gif"]
MOST_MOVING = (
    60  # frames of a moving picture, evenly spread over the steps; a GIF's size grows fast
)
FRAME_MS, LAST_MS = 160, 2000
FOLDERS: dict[Shown, str] = {"predicted_x0": "predicted-x0", "latents": "x-t"}


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One step's picture, and what it shows: ``predicted-x0``, ``x-t`` or ``sentence``."""

    step: int
    shows: str
    picture: Picture


def frames(
    store: Store, run: AnyRun, *, shows: Shown | None = None, most: int | None = None
) -> Iterator[Frame]:
    """The pictures of a run's stored steps, in order; of an image run both kinds or one.

    At most ``most`` of each kind, evenly spread. A step that was never decoded, of a model
    without a preview, has none.
    """
    if not isinstance(run, ImageRun):
        for step, drawn in sentence_pictures(run, spread(0, len(run.steps), most)):
            yield Frame(step, "sentence", drawn)
        return
    preview = image_stored.find_preview(store, run.manifest.fingerprint)
    for kind, folder in FOLDERS.items():
        if shows not in (None, kind):
            continue
        for step in spread(0 if kind == "latents" else 1, len(run.steps), most):
            picture = picture_of(store, run, step, kind, preview)
            if picture is not None:
                yield Frame(step, folder, picture)


def frames_zip(store: Store, run: AnyRun) -> bytes:
    """Every frame as a PNG that carries its spec, and a list of them. Raises InvalidInput."""
    out, listed = io.BytesIO(), []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for frame in frames(store, run):
            name = f"{frame.shows}/step-{frame.step:03}.png"
            png = with_metadata(frame.picture, run.manifest, step=frame.step)
            archive.writestr(_entry(name), png)
            listed.append({"file": name, "step": frame.step, "made_by": _maker(frame)})
        if not listed:
            raise _nothing(run.manifest)
        archive.writestr(_entry("frames.json"), _about(run.manifest, listed))
    return out.getvalue()


def moving_picture(store: Store, run: AnyRun, kind: Moving) -> bytes:
    """A run from its first frame to its last as an animated WebP or GIF that begins anew.

    At most MOST_MOVING frames; of an image run the predicted x0. Raises InvalidInput.
    """
    shown = frames(store, run, shows="predicted_x0", most=MOST_MOVING)
    pictures = _same_size([_opened(frame.picture) for frame in shown])
    if not pictures:
        raise _nothing(run.manifest)
    out = io.BytesIO()
    durations = [FRAME_MS] * (len(pictures) - 1) + [LAST_MS]
    options = {"save_all": True, "append_images": pictures[1:], "duration": durations, "loop": 0}
    if kind == "gif":
        pictures[0].save(out, "GIF", optimize=False, **options)
    else:
        drawn = not isinstance(run, ImageRun)  # letters and lines: smaller and clean when lossless
        pictures[0].save(out, "WEBP", lossless=drawn, quality=80, method=3, **options)
    return out.getvalue()


def spread(first: int, end: int, most: int | None = None) -> list[int]:
    """Steps from ``first`` to before ``end``; at most ``most`` of them, both ends among them."""
    if most is None or end - first <= most:
        return list(range(first, end))
    return sorted({round(float(x)) for x in np.linspace(first, end - 1, most)})


def _opened(picture: Picture) -> Image.Image:
    with Image.open(io.BytesIO(picture.png)) as opened:
        return opened.convert("RGB")


def _same_size(pictures: Sequence[Image.Image]) -> list[Image.Image]:
    """Previews and decodes of one run may differ by a scale; the largest is the truth."""
    size = max((p.size for p in pictures), key=lambda size: size[0] * size[1], default=(1, 1))
    return [p if p.size == size else p.resize(size, Image.Resampling.BILINEAR) for p in pictures]


def _maker(frame: Frame) -> str:
    if frame.picture.source == "drawn":
        return "drawn from the stored tokens"
    if frame.picture.source == "decode":
        return "the model's autoencoder"
    return "a linear preview of the latents: blurred and coarse"


def _about(manifest: Manifest, listed: Sequence[dict[str, object]]) -> str:
    facts = {
        "run": manifest.run,
        "model": manifest.model,
        "fingerprint": manifest.fingerprint,
        "spec": dict(manifest.spec),
        "frames": list(listed),
    }
    return json.dumps(facts, ensure_ascii=False, allow_nan=False, indent=1)


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


def _nothing(manifest: Manifest) -> InvalidInput:
    return InvalidInput(
        f"run {manifest.short} has no picture: no step was decoded and its model has no preview"
    )
