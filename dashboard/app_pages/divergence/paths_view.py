"""The paths of all seeds on one map, on the divergence page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.divergence.paths_data import MOST_PATHS, MOST_POINTS, Paths, load_paths
from dashboard.app_pages.divergence.paths_figures import path_map
from dashboard.ui.export import show_figure
from dashboard.ui.jobs import say_trouble
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from engine.chain.records import Manifest

CAPTIONS = {
    "image": "Principal components of the latents of all these seeds at all steps, scaled as the "
    "model sees them: the two directions in which they differ most. ",
    "text": "Principal components of the sentences as they would read, at all steps and of all "
    "these seeds: the token held for every position, one-hot, with no model's idea of which words "
    "are near in meaning. ",
}
STARTS = {
    "image": "Each begins in noise of its own. ",
    "absorbing": "All begin at the same masks. ",
    "uniform": "Each begins with random words of its own, which no other state has: on these axes "
    "they may lie on one another all the same. ",
}


def show_paths(runs: Sequence[Manifest], kind: str, step: int) -> None:
    """Every seed's way from its start to what came of it."""
    st.subheader("Paths on one map")
    shown = tuple(m.run for m in runs[:MOST_PATHS])
    try:
        paths = _loaded(str(the_store().folder), shown, runs[:MOST_PATHS])
    except StepscopeError as error:
        say_trouble("These paths cannot be drawn.", str(error))
        return
    figure = path_map(paths.table, paths.shares, step=step, mode=mode())
    show_figure(figure, name="paths", data=lambda: paths.table)
    line = (
        "A ring is the start, a square the end, a rim the step that is shown. What two axes leave "
        "out is not seen: seeds that meet here may be apart. "
    )
    if len(runs) > MOST_PATHS:
        line += f"The first {MOST_PATHS:d} seeds. "
    if len(runs[0].step_keys) > MOST_POINTS:
        line += f"{MOST_POINTS:d} of the steps, evenly spread. "
    begun = str(runs[0].spec.get("kernel", "absorbing")) if kind == "text" else kind
    st.caption(CAPTIONS[kind] + STARTS[begun] + line)


@st.cache_resource(max_entries=8, show_spinner="Reading the path of every seed")
def _loaded(folder: str, runs: tuple[str, ...], _manifests: Sequence[Manifest]) -> Paths:
    return load_paths(the_store(), _manifests)
