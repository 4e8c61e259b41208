"""Stored runs in the hand: their records, said in one line, and pictures of any step. No torch."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, get_args

import numpy as np
from PIL import Image

from cache.errors import InvalidInput, PayloadDamaged
from cache.store import Store
from engine.chain import manifests
from engine.chain.axis_values import shown
from engine.chain.records import Manifest
from engine.embed.stored import load_embed_run
from engine.image import stored as image_stored
from engine.image.previews import fits, preview_picture
from engine.image.records import ImageRun, Picture
from engine.image.spec import Shown
from engine.notebook.values import step_within
from engine.requests.computing import compute_plans, loaded
from engine.requests.plans import plan
from engine.text import stored as text_stored
from engine.text.records import CorruptionRun, TextRun


class Stored(Protocol):
    """A stored run of any kind."""

    @property
    def manifest(self) -> Manifest: ...


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TextInHand(TextRun):
    """A text run whose ``repr`` is a line instead of all its arrays."""

    def __repr__(self) -> str:
        return f"<text run {self.manifest.short}, {_steps(self)}: {self.text()!r}>"

    @property
    def mean_confidence(self) -> float:
        """The sampler's mean confidence in tokens when it revealed them; nan before any."""
        sure = [s.confidence[np.isin(s.masked, s.revealed)] for s in self.steps[1:]]
        held = np.concatenate(sure) if sure else np.zeros(0)
        return float(held.mean()) if len(held) else float("nan")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CorruptionInHand(CorruptionRun):
    """A forward process whose ``repr`` is a line."""

    def __repr__(self) -> str:
        return f"<corruption run {self.manifest.short}, {_steps(self)}: {self.text()!r}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ImageInHand(ImageRun):
    """An image run with the store that it is in, and a ``repr`` of one line."""

    store: Store

    def __repr__(self) -> str:
        return (
            f"<image run {self.manifest.short}, {_steps(self)}: {self.manifest.spec['prompt']!r}>"
        )

    def picture(
        self, step: int | None = None, *, shows: Shown = "latents", preview: bool = False
    ) -> Image.Image:
        """The picture after a step (0: the start; None: the last) as the autoencoder decodes it.

        ``shows`` says of what: the latents, or the x0 that the step predicted. Decoded once and
        kept. With ``preview`` by the model's stored linear map instead: coarse, without the model.
        Raises InvalidInput, and what computing raises.
        """
        if shows not in get_args(Shown):
            raise InvalidInput(f"shows must be {' or '.join(get_args(Shown))}, got {shown(shows)}")
        first = 0 if shows == "latents" else 1
        index = step_within(step, first=first, last=len(self.steps) - 1, what=shows)
        drawn = self.preview(index, shows) if preview else self._decoded(index, shows)
        if drawn is None:
            raise InvalidInput(
                f"preview must be False for run {self.manifest.short}: its model has no linear map "
                "that fits yet, one is fitted when pictures of it are decoded; got True"
            )
        return Image.fromarray(image_stored.picture_pixels(drawn.png))

    def preview(self, index: int, shows: Shown) -> Picture | None:
        """A step by the model's linear map; None where there is no map that fits."""
        linear = image_stored.find_preview(self.store, self.manifest.fingerprint)
        step = self.steps[index]
        latents = step.unit_latents() if shows == "latents" else step.predicted_x0
        if linear is None or latents is None or not fits(linear, latents):
            return None
        return preview_picture(latents.astype(np.float32), linear)

    def stored_picture(self, index: int, shows: Shown) -> Picture | None:
        """A step's picture without a model: as it was decoded, else by the linear map."""
        decoded = image_stored.find_decoded(self.store, self.manifest.step_keys[index], shows)
        return self.preview(index, shows) if decoded is None else decoded

    def _decoded(self, index: int, shows: Shown) -> Picture | None:
        key = self.manifest.step_keys[index]
        with suppress(PayloadDamaged):  # met again below, where it can be mended
            there = image_stored.find_decoded(self.store, key, shows)
            if there is not None:  # no model is needed for it
                return there
        planned = plan(image_stored.decode_spec(self.manifest, shows, [index]))
        compute_plans(self.store, [planned])
        return loaded(
            self.store,
            {0: planned},
            [key],
            lambda store, each: image_stored.find_decoded(store, each, shows),
        )[0]


def _text(store: Store, run: str) -> TextInHand:
    record = text_stored.load_text_run(store, run)
    return TextInHand(record.manifest, record.steps, record.pieces, record.mask_id)


def _corruption(store: Store, run: str) -> CorruptionInHand:
    record = text_stored.load_corruption_run(store, run)
    return CorruptionInHand(record.manifest, record.steps, record.pieces)


def _image(store: Store, run: str) -> ImageInHand:
    record = image_stored.load_image_run(store, run)
    return ImageInHand(record.manifest, record.steps, store)


READERS: dict[str, Callable[[Store, str], Any]] = {
    "text": _text,
    "corruption": _corruption,
    "image": _image,
    "embed": load_embed_run,
}


def read(store: Store, run: str) -> Any:
    """A stored run by its full id, as its kind is held. Raises StoreError, InvalidInput."""
    kind = manifests.load(store, run).kind
    if kind not in READERS:
        raise InvalidInput(f"kind must be one of {', '.join(READERS)}, got {shown(kind)}")
    return READERS[kind](store, run)


def seconds_of(run: TextRun | ImageRun) -> float:
    """How long the steps of a run took when they were computed, all together."""
    return float(sum(step.seconds for step in run.steps))


def png(picture: Image.Image) -> bytes:
    """A picture of PIL as PNG bytes."""
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def _steps(run: TextRun | CorruptionRun | ImageRun) -> str:
    stored, count = max(0, len(run.steps) - 1), run.manifest.step_count
    return f"{count} steps" if stored == count else f"{stored} of {count} steps"
