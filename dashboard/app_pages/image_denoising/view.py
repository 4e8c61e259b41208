"""The parts of the denoising page that move with the step."""

from __future__ import annotations

from functools import partial

import streamlit as st

from cache.errors import PayloadError
from dashboard.app_pages.image_denoising.figures import (
    filmstrip,
    latent_curves,
    noise_curve,
    png_uri,
)
from dashboard.data import image_runs
from dashboard.data.finished import thumbnail
from dashboard.ui.export import show_figure
from dashboard.ui.meeting import in_meeting
from dashboard.ui.next_steps import offer_next
from dashboard.ui.player import picture_first, step_player
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from engine.image import stored as image_stored
from engine.image.previews import fits, preview_picture
from engine.image.records import ImageRun, LinearPreview, Picture

SIDE, LARGE = 360, 430  # pixels of a picture, at a desk and in a meeting
FRAME = 256  # pixels of a frame in the strip


def show_denoising(run: ImageRun) -> None:
    """Player, x_t beside predicted x0, the filmstrip, the curves."""
    store, last = the_store(), len(run.steps) - 1
    preview = image_stored.find_preview(store, run.manifest.fingerprint)
    damaged: set[int] = set()
    step = step_player(last)
    left, middle, right = st.columns(3)
    with left:
        st.markdown("**x_t, the latents after this step**")
        _show(image_runs.picture_of(store, run, step, "latents", preview, damaged=damaged))
    with middle:
        st.markdown("**Predicted x0, where it was going**")
        if step == 0:
            st.info("The start is noise: nothing is predicted yet.")
        else:
            _show(image_runs.picture_of(store, run, step, "predicted_x0", preview, damaged=damaged))
    with right:
        _counterfactual(run, step, preview)
    picture_first()
    offer_next(run.manifest, step)
    count = last
    if last > 2:
        count = st.slider("Frames in the strip", 2, min(16, last), min(8, last), key="frames")
    chosen = image_runs.frames(count, last)
    pictures = {
        shows: [
            image_runs.picture_of(store, run, i, shows, preview, damaged=damaged) for i in chosen
        ]
        for shows in ("latents", "predicted_x0")
    }
    if damaged:
        st.warning(
            f"Pictures of {len(damaged):d} of these steps were decoded and cannot be read, the "
            f"first of step {min(damaged):d}. `python -m engine store verify --drop` drops them, "
            "and they can be decoded again here."
        )
    strip = filmstrip(
        [("x_t", pictures["latents"]), ("predicted x0", pictures["predicted_x0"])],
        [f"step {i}" for i in chosen],
        marked=chosen.index(step) if step in chosen else None,
        mode=mode(),
        uri=_frame,
    )
    table = partial(image_runs.trajectory_table, run)
    show_figure(strip, name="filmstrip", data=table)
    curves = latent_curves(table(), step=step, mode=mode())
    show_figure(curves, name="latent-trajectory", data=table)
    show_figure(noise_curve(table(), step=step, mode=mode()), name="alpha-bar", data=table)


def _frame(picture: Picture) -> str:
    """A picture small; one whose pixels were cut short as far as the browser can draw it."""
    try:
        return thumbnail(picture.png, side=FRAME)
    except PayloadError:
        return png_uri(picture)


def _counterfactual(run: ImageRun, step: int, preview: LinearPreview | None) -> None:
    st.markdown("**What if: another guidance here**")
    if step == 0 or preview is None or run.steps[step].noise_uncond is None:
        st.info("Needs a step with two noise predictions (guidance above 1).")
        return
    taken = run.steps[step]
    picture = st.container()  # above its slider, level with the other two
    scale = st.slider("Guidance", 1.0, 20.0, float(taken.guidance), 0.5, key="what-if")
    x0 = image_runs.counterfactual_x0(run.steps[step - 1], taken, scale)
    if x0 is None:
        picture.info("This step is too noisy to divide the noise out.")
        return
    if not fits(preview, x0):
        picture.info("The model's stored preview does not fit these latents.")
        return
    with picture:
        _show(preview_picture(x0, preview))
    st.caption(
        f"Computed from this step's two stored noise predictions, without a model call. The run "
        f"itself used {taken.guidance:g}. One step only: what would have followed is not known."
    )


def _show(picture: Picture | None) -> None:
    if picture is None:
        st.info("This picture was not decoded, and the model has no preview yet.")
        return
    # as a data URI it comes with the page: no second request, and nothing encodes it again
    st.image(png_uri(picture), width=LARGE if in_meeting() else SIDE)
    if picture.source == "preview":
        st.caption("A linear preview of the latents, not the autoencoder's picture.")
    else:
        st.caption("Decoded by the autoencoder.")
