"""The player's panels, made once for as long as a run does not change."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.data import scenes
from dashboard.data.library import called
from dashboard.data.scenes import Panel, Scene
from dashboard.frame_route import address_of
from dashboard.ui.stores import corruption_run, text_run, the_store
from engine.chain.grids import row_length
from engine.chain.records import Manifest
from engine.image.records import ImageRun
from engine.text.records import CorruptionRun, TextRun

AnyRun = TextRun | CorruptionRun | ImageRun
Places = Sequence[Sequence[int]]  # of each run, its step at each position of the slider


def scene_of(
    runs: Sequence[AnyRun], places: Places | None = None, labels: Sequence[str] | None = None
) -> Scene:
    """The scene of some runs of one kind, each called by what differs from the others.

    Without ``places`` they go together step by step, and one that has ended keeps its last.
    ``labels`` name the slider's positions.
    """
    last = max(len(run.steps) for run in runs) - 1
    if places is None:
        places = [[min(i, len(run.steps) - 1) for i in range(last + 1)] for run in runs]
    names = called([run.manifest for run in runs])
    panels = [
        {**_panel(run), "label": name, "at": list(at)}
        for run, name, at in zip(runs, names, places, strict=True)
    ]
    return Scene(
        labels=tuple(labels) if labels is not None else scenes.step_labels(len(places[0]) - 1),
        panels=tuple(panels),
        abreast=row_length([run.manifest.spec for run in runs]),
    )


def scene_by_share(runs: Sequence[AnyRun]) -> Scene:
    """Runs of any kinds on one slider, each at the same share of its way."""
    last = max(len(run.steps) for run in runs) - 1
    panels = []
    for run in runs:
        own = len(run.steps) - 1
        at = [round(i * own / max(1, last)) for i in range(last + 1)]
        panels.append({**_panel(run), "label": run.manifest.short, "at": at})
    labels = tuple(f"{i / max(1, last):.0%} of the way" for i in range(last + 1))
    return Scene(labels=labels, panels=tuple(panels))


def finished_scene(runs: Sequence[Manifest]) -> Scene:
    """The scene of complete runs of one kind and length, of pictures without reading them."""
    if runs[0].kind == "text":
        return scene_of([text_run(manifest) for manifest in runs])
    if runs[0].kind == "corruption":
        return scene_of([corruption_run(manifest) for manifest in runs])
    last, store = runs[0].step_count, the_store()
    panels = tuple(
        scenes.image_panel(store, manifest, last, name, address_of)
        for manifest, name in zip(runs, called(runs), strict=True)
    )
    return Scene(labels=scenes.step_labels(last), panels=panels)


def shown_runs(runs: Sequence[AnyRun]) -> str:
    """What the player shows, for its ``what``."""
    return ",".join(run.manifest.run[:16] for run in runs)


def _panel(run: AnyRun) -> Panel:
    if isinstance(run, ImageRun):
        # what is decoded meanwhile comes as it is decoded: asked anew, one query a row
        last = len(run.steps) - 1
        return scenes.image_panel(the_store(), run.manifest, last, "", address_of)
    return _words_panel(str(the_store().folder), run.manifest.run, len(run.steps), run)


@st.cache_resource(max_entries=64, show_spinner=False)
def _words_panel(folder: str, run: str, stored: int, _run: TextRun | CorruptionRun) -> Panel:
    if isinstance(_run, TextRun):
        return scenes.text_panel(_run, "")
    return scenes.corruption_panel(_run, "")
