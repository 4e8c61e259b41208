"""The parts of the denoising page that move with the step."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from cache.errors import PayloadError
from dashboard.app_pages.image_denoising.figures import (
    Drawn,
    as_it_is,
    filmstrip,
    latent_curves,
    noise_curve,
)
from dashboard.app_pages.image_denoising.guidance_view import show_guidance
from dashboard.app_pages.image_denoising.what_if import show_what_if
from dashboard.data import image_runs
from dashboard.data.finished import sized_thumbnail
from dashboard.data.scenes import has_pictures
from dashboard.ui.choices import url_slider
from dashboard.ui.decodes import offer_decodes
from dashboard.ui.export import show_figure
from dashboard.ui.next_steps import offer_next
from dashboard.ui.page_record import note_figure
from dashboard.ui.panels import scene_of, shown_runs
from dashboard.ui.player import play
from dashboard.ui.playing import offer_playing
from dashboard.ui.state import mode
from dashboard.ui.step_clicks import brushed, offer_all_steps, show_over_steps
from dashboard.ui.stores import the_store
from engine.image import stored as image_stored
from engine.image.records import ImageRun, Picture

FRAME = 256  # pixels of a frame in the strip


def show_denoising(run: ImageRun) -> None:
    """The player with x_t beside predicted x0, the curves, what another guidance had done."""
    last = len(run.steps) - 1
    scene = scene_of([run])
    if not has_pictures(scene):
        st.info("No picture of this run was decoded, and its model has no preview yet.")
    span = brushed(last)
    step = play(scene, what=shown_runs([run]), strip=span)
    offer_all_steps(span)
    if run.complete:
        offer_decodes(run.manifest)
    offer_next(run.manifest, step)
    offer_playing(scene, [run.manifest], title="Denoising", step=step)
    table = partial(image_runs.trajectory_table, run)
    curves = latent_curves(table(), step=step, mode=mode())
    show_guidance(run, step)
    show_over_steps(curves, name="latent-trajectory", data=table, last=last, brush=True)
    st.caption("A click goes to a step; a box drawn over the curves chooses the strip's steps.")
    show_what_if(run, step)
    noise = noise_curve(table(), step=step, mode=mode())
    show_over_steps(noise, name="alpha-bar", data=table, last=last)
    _offer_strip(run, step, last)


def _offer_strip(run: ImageRun, step: int, last: int) -> None:
    """The filmstrip as a figure: drawn when it is looked at or taken home."""
    table = partial(image_runs.trajectory_table, run)
    with st.expander("The filmstrip as a figure", on_change="rerun", key="strip-figure") as box:
        if not box.open:
            draw = partial(_draw_strip, run, step, min(8, last), set[int]())
            note_figure("filmstrip", draw, table)
            return
        count = last
        if last > 2:
            count = url_slider(
                "Frames in the strip", "frames", 2, min(16, last), key="frames",
                usual=min(8, last), step=1, shown="%d",
            )  # fmt: skip
        damaged: set[int] = set()
        strip = _draw_strip(run, step, count, damaged)
        if damaged:
            st.warning(
                f"Pictures of {len(damaged):d} of these steps were decoded and cannot be read, the "
                f"first of step {min(damaged):d}. `python -m engine store verify --drop` drops "
                "them, and they can be decoded again here."
            )
        show_figure(strip, name="filmstrip", data=table)


def _draw_strip(run: ImageRun, step: int, count: int, damaged: set[int]) -> go.Figure:
    """So many steps as a figure; those whose picture cannot be read are added to ``damaged``."""
    store = the_store()
    preview = image_stored.find_preview(store, run.manifest.fingerprint)
    chosen = image_runs.frames(count, len(run.steps) - 1)
    pictures = {
        shows: [
            image_runs.picture_of(store, run, i, shows, preview, damaged=damaged) for i in chosen
        ]
        for shows in ("latents", "predicted_x0")
    }
    return filmstrip(
        [("x_t", pictures["latents"]), ("predicted x0", pictures["predicted_x0"])],
        [f"step {i}" for i in chosen],
        marked=chosen.index(step) if step in chosen else None,
        mode=mode(),
        drawn=_frame,
    )


def _frame(picture: Picture) -> Drawn:
    """A picture small; one whose pixels were cut short as far as the browser can draw it."""
    try:
        return sized_thumbnail(picture.png, side=FRAME)
    except PayloadError:
        return as_it_is(picture)
