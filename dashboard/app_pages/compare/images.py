"""Image runs on one step slider: pictures, maps of their differences, curves of distance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from dashboard.app_pages.compare import data
from dashboard.app_pages.compare.data import Map, Parted, Sync
from dashboard.app_pages.compare.figures import difference_maps
from dashboard.app_pages.compare.view import FEW, show_curves, show_parted, synced_player
from dashboard.data import image_runs
from dashboard.data.finished import thumbnail
from dashboard.data.library import called
from dashboard.figures.contact_sheet import Cell, contact_sheet
from dashboard.ui.choices import url_choice
from dashboard.ui.clicks import new_click
from dashboard.ui.decodes import offer_decodes
from dashboard.ui.export import show_figure
from dashboard.ui.link import params, rerun_page
from dashboard.ui.page_record import note_figure
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from engine.image import stored as image_stored
from engine.image.previews import preview_picture
from engine.image.records import ImageRun, Picture
from engine.image.spec import Shown

SHOWN: dict[Shown, str] = {"predicted_x0": "predicted x0", "latents": "x_t"}
CURVES = {
    "rms": "RMS of latents to the first (standard deviations)",
    "cosine": "cosine of latents to the first's",
}
PIXELS = "pixels (0 to 1)"
LATENTS = "latents (std. dev.)"
SHEET_SHOWS = "{} (coarse: linear previews, not decoded)"
MOST_COLUMNS = 8  # steps of the figure of seeds by steps
WIDER = 1.4  # than it is tall, where it has many rows
THUMB = 128  # pixels of its pictures
HOW = {"decode": "decoded", "preview": "linear preview", "drawn": "drawn"}
Array = TypeVar("Array", bound=NDArray[Any])


def show_images(runs: Sequence[ImageRun]) -> None:
    """The pictures first, then maps of where they differ, and curves."""
    sync, position = synced_player(runs)
    if all(run.complete for run in runs):
        offer_decodes(*(run.manifest for run in runs))
    places = sync.places(position)
    labels = called([run.manifest for run in runs])
    ids = tuple(run.manifest.run for run in runs)
    where, table = _distances(str(the_store().folder), ids, sync, runs)
    if table is None:
        st.info("These pictures have different sizes, so their latents are not compared.")
    else:
        show_curves(table, CURVES, sync, position)
        st.caption(
            "Latents are scaled to unit variance where a sampler lets them grow with its noise. "
            "Two independent draws of noise are 1.41 apart."
        )
    shows = url_choice("Maps of", "shown", tuple(SHOWN), SHOWN.get)
    if len(runs) <= FEW:
        pictures = _pictures(runs, places, shows)
        _show_maps(runs, places, shows, _alike(runs, places, shows, pictures), labels)
    show_parted(where, labels, sync)
    draw = partial(_draw_sheet, runs, labels, sync, shows)
    with st.expander("Seeds by steps as one figure", on_change="rerun", key="sheet-figure") as box:
        if box.open:
            _show_sheet(draw())
        else:
            note_figure("seeds-by-steps", draw, None)


def _show_sheet(figure: go.Figure) -> None:
    """The sheet; a click on one of its pictures goes to its step."""
    event = show_figure(figure, name="seeds-by-steps", select=True)
    clicked = new_click(event, "seeds-by-steps")
    if clicked:
        params["step"] = str(clicked)
        rerun_page()


def _draw_sheet(
    runs: Sequence[ImageRun], labels: Sequence[str], sync: Sync, shows: Shown
) -> go.Figure:
    """A row of pictures for each run, a column for each of some steps."""
    store = the_store()
    most = max(MOST_COLUMNS, round(WIDER * len(runs)))  # many rows would make it tall and narrow
    columns = image_runs.frames(most, sync.longest)
    previews = [image_stored.find_preview(store, run.manifest.fingerprint) for run in runs]
    rows = []
    for number, (run, preview) in enumerate(zip(runs, previews, strict=True)):
        row = []
        for position in columns:
            at = sync.places(position)[number]
            picture = image_runs.picture_of(store, run, at, shows, preview)
            source = "" if picture is None else thumbnail(picture.png, side=THUMB)
            how = "" if picture is None else HOW[picture.source]
            row.append(Cell(source, f"{labels[number]}, step {at}\n{how}", str(position)))
        rows.append(row)
    spec = runs[0].manifest.spec
    return contact_sheet(
        rows,
        labels,
        [sync.label(position) for position in columns],
        mode=mode(),
        column_title=SHEET_SHOWS.format(SHOWN[shows]),
        aspect=float(spec["width"]) / float(spec["height"]),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _distances(
    folder: str, ids: tuple[str, ...], sync: Sync, _runs: Sequence[ImageRun]
) -> tuple[list[Parted], pd.DataFrame | None]:
    """What does not move with the slider, computed once."""
    latents = data.latents_at(_runs, sync)
    table = None if latents is None else data.latent_curves(_runs, sync, latents)
    return data.parted(_runs, latents), table


def _pictures(
    runs: Sequence[ImageRun], places: Sequence[int], shows: Shown
) -> list[Picture | None]:
    """The best picture there is of each run's step; under each stands how it was made."""
    store = the_store()
    previews = [image_stored.find_preview(store, run.manifest.fingerprint) for run in runs]
    return [
        image_runs.picture_of(store, run, at, shows, preview)
        for run, at, preview in zip(runs, places, previews, strict=True)
    ]


def _alike(
    runs: Sequence[ImageRun],
    places: Sequence[int],
    shows: Shown,
    pictures: Sequence[Picture | None],
) -> Sequence[Picture | None]:
    """The pictures, or else linear previews of all: one of each differ by how they were made."""
    if len({picture.source for picture in pictures if picture is not None}) < 2:
        return pictures
    store = the_store()
    previews = [image_stored.find_preview(store, run.manifest.fingerprint) for run in runs]
    latents = [image_runs.shown_latents(r, at, shows) for r, at in zip(runs, places, strict=True)]
    return [
        None if each is None or preview is None else preview_picture(each, preview)
        for each, preview in zip(latents, previews, strict=True)
    ]


def _show_maps(
    runs: Sequence[ImageRun],
    places: Sequence[int],
    shows: Shown,
    pictures: Sequence[Picture | None],
    labels: Sequence[str],
) -> None:
    pixels = [None if p is None else image_stored.picture_pixels(p.png) for p in pictures]
    latents = [image_runs.shown_latents(r, at, shows) for r, at in zip(runs, places, strict=True)]
    maps = {PIXELS: _maps(pixels, data.pixel_map), LATENTS: _maps(latents, data.latent_map)}
    rows = [(title, row) for title, row in maps.items() if any(each is not None for each in row)]
    if not rows:
        return
    st.markdown(f"**Where the {SHOWN[shows]} differs from the first run's**")
    table = _rms_table(pixels, latents, labels)
    figure = difference_maps(rows, labels[1:], mode=mode())
    show_figure(
        figure, name="compared-difference", data=partial(_rms_table, pixels, latents, labels)
    )
    for row in table.to_dict("records"):
        distances = (
            [f"pixels {row['pixel_rms']:.3f} of 1"] if not np.isnan(row["pixel_rms"]) else []
        )
        if not np.isnan(row["latent_rms"]):
            distances.append(f"latents {row['latent_rms']:.3f} standard deviations")
        st.text(f"{row['run']}: RMS difference {', '.join(distances) or 'not known'}")
    st.caption(
        "Mean absolute difference over the colour or latent channels, at each place; each row has "
        "one scale for all runs. A latent covers 8 x 8 pixels; of pictures above 128 pixels a side "
        "the map has means over squares."
    )


def _maps(
    arrays: Sequence[Array | None], apart: Callable[[Array, Array], Map | None]
) -> list[Map | None]:
    """How far each array but the first is from the first."""
    first = arrays[0]
    return [None if first is None or each is None else apart(first, each) for each in arrays[1:]]


def _rms_table(
    pixels: Sequence[np.ndarray | None], latents: Sequence[np.ndarray | None], labels: Sequence[str]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run": labels[number],
            "pixel_rms": _rms(pixels[0], pixels[number]),
            "latent_rms": _rms(latents[0], latents[number]),
        }
        for number in range(1, len(labels))
    )


def _rms(first: np.ndarray | None, second: np.ndarray | None) -> float:
    if first is None or second is None or first.shape != second.shape:
        return float("nan")
    unit = 255 if first.dtype == np.uint8 else 1
    return data.rms_between(first, second) / unit
