"""The lab in the hand: ask for runs, sweep, look at what is stored, draw. No torch.

All that is computed goes through ``engine.requests.computing``: the same keys as the command line
and the pages, so that nothing which is stored is computed again, by whoever it was asked. A worker
may use the store at the same time; each step is claimed before it is computed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from PIL import Image

from cache.errors import InvalidInput, StepscopeError
from cache.store import Store
from engine.chain import manifests
from engine.chain.axis_values import shown
from engine.image import stored as image_stored
from engine.image.precisions import auto_precision
from engine.image.spec import ImageSpec
from engine.notebook import runs
from engine.notebook.drawing import draw
from engine.notebook.frames import stored_runs, sweep_frame
from engine.notebook.runs import CorruptionInHand, ImageInHand, Stored, TextInHand
from engine.notebook.values import axes_of, plain_fields
from engine.requests.computing import compute_plans, compute_surviving, loaded
from engine.requests.lost_words import lost_lines
from engine.requests.plans import AnySpec, Plan, plan
from engine.requests.sweeps import NO_AXES, cells, expand
from engine.text.spec import CorruptionSpec, TextSpec

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

TEXT_COLUMNS = ("run", "text", "mean_confidence", "steps", "seconds", "error")
IMAGE_COLUMNS = ("run", "prompt", "steps", "seconds", "error")
log = logging.getLogger(__name__)


def open_store(folder: Path | str | None = None, *, to_read: bool = False) -> Lab:
    """The lab on a store's folder, made if there is none; None means the default store.

    With ``to_read`` the store is only ever read. Raises StoreUnavailable, StoreFull.
    """
    return Lab(Store.open(folder, to_read=to_read))


class Lab:
    """An open store and what can be done with it; close it, or use it in a ``with``."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __repr__(self) -> str:
        return f"<lab on the store in {self.store.folder}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def text_spec(self, template: str | None = None, **settings: Any) -> TextSpec:
        """A text to unmask: a template with [MASK]s, or ``length=12``; and fields of TextSpec.

        Raises InvalidInput.
        """
        return TextSpec(template=template, **plain_fields(settings))

    def image_spec(self, prompt: str, **settings: Any) -> ImageSpec:
        """A picture to denoise: its prompt, and fields of ImageSpec. Raises InvalidInput.

        Without a ``precision`` it is the one the command line and the pages choose here.
        """
        fields = plain_fields(settings)
        if fields.get("precision", "auto") == "auto":
            fields["precision"] = auto_precision()
        return ImageSpec(prompt=prompt, **fields)

    def text(self, template: str | None = None, **settings: Any) -> TextInHand:
        """A text run, computed as far as it is not stored: ``run.steps[4].confidence``.

        Raises InvalidInput, ModelError, ComputationError, StoreError.
        """
        return cast(TextInHand, self.run(self.text_spec(template, **settings)))

    def image(self, prompt: str, **settings: Any) -> ImageInHand:
        """An image run, computed as far as it is not stored: ``run.picture(step)``.

        Raises as ``text``.
        """
        return cast(ImageInHand, self.run(self.image_spec(prompt, **settings)))

    def corrupt(self, text: str, **settings: Any) -> CorruptionInHand:
        """A text masked level by level: the forward process. Raises as ``text``."""
        return cast(CorruptionInHand, self.run(CorruptionSpec(text=text, **plain_fields(settings))))

    def run(self, spec: AnySpec) -> Any:
        """The run of a spec, computed as far as it is not stored. Raises as ``text``."""
        if not isinstance(spec, TextSpec | ImageSpec | CorruptionSpec):
            raise InvalidInput(f"spec must be of a text, image or corruption, got {shown(spec)}")
        planned = plan(spec)
        _tell_lost([planned.spec])
        computed = compute_plans(self.store, [planned])
        return loaded(self.store, {0: planned}, computed.runs, runs.read)[0]

    def keep_picture(self, picture: Image.Image) -> str:
        """Keep a picture to start from; its digest, for ``init_image=`` beside ``strength=``."""
        if not isinstance(picture, Image.Image):
            raise InvalidInput(f"picture must be a PIL image, got {shown(picture)}")
        return image_stored.keep_picture(self.store, runs.png(picture))

    def load(self, run: str) -> Any:
        """A stored run by its id or its first characters, as far as it is stored.

        Raises InvalidInput, StoreError.
        """
        if not isinstance(run, str):
            raise InvalidInput(f"run must be an id, got {shown(run)}")
        return runs.read(self.store, manifests.resolve(self.store, run))

    def runs(
        self,
        kind: str | None = None,
        *,
        tag: str | None = None,
        limit: int | None = None,
        **where: Any,
    ) -> pd.DataFrame:
        """What is stored, newest first: ``lab.runs(kind="text", seed=3)``. Raises InvalidInput."""
        return stored_runs(self.store, kind=kind, tag=tag, limit=limit, where=where)

    def sweep(
        self, base: TextSpec | ImageSpec | Mapping[str, Any] | None = None, **varied: Any
    ) -> pd.DataFrame:
        """Every combination of some settings, one row each: ``seed=range(4), guidance=[2, 4]``.

        Lists, ranges and arrays are swept over, single values are settings of all. ``base`` is a
        spec, or fields of one; a prompt makes pictures, anything else texts. A run that fails has
        its ``error`` in its row, and the others go on. Raises InvalidInput before anything is
        computed, ModelError, StoreError.
        """
        spec, axes = self._grid(base, varied)
        plans = [plan(each) for each in expand(spec, axes)]
        _tell_lost([planned.spec for planned in plans])
        computed, failed = compute_surviving(self.store, dict(enumerate(plans)))
        ids = iter(computed.runs)
        rows = [
            _failed(planned, failed[i]) if i in failed else self._outcome(planned, next(ids))
            for i, planned in enumerate(plans)
        ]
        columns = TEXT_COLUMNS if isinstance(spec, TextSpec) else IMAGE_COLUMNS
        return sweep_frame(cells(axes), rows, columns)

    def figure(
        self,
        name: str,
        run: Stored,
        *,
        step: int | None = None,
        position: int | None = None,
        mode: str = "light",
    ) -> go.Figure:
        """A figure of the dashboard for a run, as Plotly: ``lab.figure("heatmap", run)``.

        ``step`` is the one that it marks or shows (None: the last); ``position`` is for
        ``candidates``. Raises InvalidInput, for an unknown name with all names.
        """
        return draw(name, run, step=step, position=position, mode=mode)

    def _grid(
        self, base: TextSpec | ImageSpec | Mapping[str, Any] | None, varied: Mapping[str, Any]
    ) -> tuple[TextSpec | ImageSpec, dict[str, list[Any]]]:
        """The spec that a sweep starts from, and its axes."""
        many = {name: v for name, v in varied.items() if not isinstance(v, _SINGLE)}
        single = {name: v for name, v in varied.items() if name not in many}
        axes = axes_of(many)
        if not axes:
            raise InvalidInput("a sweep must vary at least one setting, as in seed=range(4)")
        for name in axes:
            if name in NO_AXES:
                raise InvalidInput(f"{name} cannot be swept over; give it in the spec")
        if isinstance(base, TextSpec | ImageSpec):
            return base.but(**plain_fields(single)), axes
        if base is not None and not isinstance(base, Mapping):
            raise InvalidInput(f"base must be a spec of text or image, got {shown(base)}")
        fields = {**(base or {}), **single}
        first = {name: values[0] for name, values in axes.items() if ":" not in name}
        if "prompt" in fields or "prompt" in first:
            return self.image_spec(**{**fields, **first}), axes
        return self.text_spec(**{**fields, **first}), axes

    def _outcome(self, planned: Plan, run: str) -> dict[str, Any]:
        """What a cell of a sweep came to, read one at a time: not all may fit in memory."""
        record = loaded(self.store, {0: planned}, [run], runs.read)[0]
        row = {
            "run": run,
            "steps": record.manifest.step_count,
            "seconds": runs.seconds_of(record),
            "error": "",
        }
        if isinstance(record, TextInHand):
            return row | {"text": record.text(), "mean_confidence": record.mean_confidence}
        return row | {"prompt": record.manifest.spec["prompt"]}


_SINGLE = (str, bytes, bool, int, float, np.generic, type(None))


def _failed(planned: Plan, error: StepscopeError) -> dict[str, Any]:
    prompt = getattr(planned.spec, "prompt", None)
    row = {"run": None, "steps": planned.chain.step_count, "error": str(error)}
    return row if prompt is None else row | {"prompt": prompt}


def _tell_lost(specs: Sequence[AnySpec]) -> None:
    """Say what models will not hear; a notebook shows what is logged as a warning."""
    for line in lost_lines(specs):
        log.warning(line)
