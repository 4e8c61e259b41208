"""Image runs on one step slider: pictures, maps of their differences, curves of distance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from dashboard.app_pages.compare import data
from dashboard.app_pages.compare.data import Map, Parted, Sync
from dashboard.app_pages.compare.figures import difference_maps
from dashboard.app_pages.compare.view import say_parted, show_curves, synced_player
from dashboard.data import image_runs
from dashboard.ui.choices import url_choice
from dashboard.ui.export import show_figure
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from engine.image import stored as image_stored
from engine.image.keys import decode_key
from engine.image.previews import preview_picture
from engine.image.records import ImageRun, Picture
from engine.image.spec import Shown

SHOWN: dict[Shown, str] = {"predicted_x0": "predicted x0", "latents": "x_t"}
CURVES = {
    "rms": "RMS distance of latents to the first (in their standard deviation)",
    "cosine": "cosine of latents to the first's",
}
PIXELS = "pixels (0 to 1)"
LATENTS = "latents (std. dev.)"
SIDE = 320
Array = TypeVar("Array", bound=NDArray[Any])


def show_images(runs: Sequence[ImageRun]) -> None:
    """Everything that moves with the slider."""
    sync, position = synced_player(runs)
    places = sync.places(position)
    # what they ended in is decoded sooner than what they predicted last: look at that first
    usual: Shown = "latents" if _ended_decoded(runs, places) else "predicted_x0"
    shows = url_choice("Shown", "shown", tuple(SHOWN), SHOWN.get, usual=usual)
    labels = data.names([run.manifest for run in runs])
    pictures = _pictures(runs, places, shows)
    for column, run, at, label, picture in zip(
        st.columns(len(runs)), runs, places, labels, pictures, strict=True
    ):
        with column:
            st.text(f"Run {label}, step {at} of {len(run.steps) - 1}")
            _show(picture)
    ids = tuple(run.manifest.run for run in runs)
    where, table = _distances(str(the_store().folder), ids, sync, runs)
    say_parted(where, labels, sync, what="latents")
    _show_maps(runs, places, shows, _alike(runs, places, shows, pictures), labels)
    if table is None:
        st.info("These pictures have different sizes, so their latents are not compared.")
        return
    show_curves(table, CURVES, sync, position)
    st.caption(
        "Latents are scaled to unit variance where a sampler lets them grow with its noise. Two "
        "independent draws of noise are 1.41 apart."
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


def _ended_decoded(runs: Sequence[ImageRun], places: Sequence[int]) -> bool:
    """Whether all stand at their end, and what each ended in was decoded."""
    keys = [decode_key(run.manifest.step_keys[-1], "latents") for run in runs]
    at_end = all(at == run.manifest.step_count for run, at in zip(runs, places, strict=True))
    return at_end and all(the_store().present(keys))


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


def _show(picture: Picture | None) -> None:
    if picture is None:
        st.info("No picture of this step: the start predicts nothing, or it was not decoded.")
        return
    st.image(picture.png, width=SIDE, output_format="PNG")
    preview = picture.source == "preview"
    st.caption("linear preview of the latents" if preview else "decoded by the autoencoder")


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
        st.text(f"Run {row['run']}: RMS difference {', '.join(distances) or 'not known'}")
    st.caption(
        "Mean absolute difference over the colour or latent channels, at each place; each row has "
        "one scale for all runs. A latent covers 8 x 8 pixels."
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
