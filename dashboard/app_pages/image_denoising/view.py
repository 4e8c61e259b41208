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
from dashboard.data.scenes import has_pictures
from dashboard.ui.choices import url_slider
from dashboard.ui.export import show_figure
from dashboard.ui.link import params
from dashboard.ui.next_steps import offer_next
from dashboard.ui.panels import scene_of, shown_runs
from dashboard.ui.plain import escaped
from dashboard.ui.player import play
from dashboard.ui.playing import offer_playing
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from engine.image import stored as image_stored
from engine.image.previews import fits, preview_picture
from engine.image.records import ImageRun, Picture

WHAT_IF = "what-if"  # in the session and in the URL
SIDE = 240  # pixels of a picture
FRAME = 256  # pixels of a frame in the strip


def show_denoising(run: ImageRun) -> None:
    """The player with x_t beside predicted x0, the curves, what another guidance had done."""
    last = len(run.steps) - 1
    scene = scene_of([run])
    if not has_pictures(scene):
        st.info("No picture of this run was decoded, and its model has no preview yet.")
    step = play(scene, what=shown_runs([run]))
    offer_next(run.manifest, step)
    offer_playing(scene, [run.manifest], title="Denoising", step=step)
    table = partial(image_runs.trajectory_table, run)
    curves = latent_curves(table(), step=step, mode=mode())
    show_figure(curves, name="latent-trajectory", data=table)
    _counterfactual(run, step)
    show_figure(noise_curve(table(), step=step, mode=mode()), name="alpha-bar", data=table)
    with st.expander("The filmstrip as a figure"):
        _show_strip(run, step, last)


def _show_strip(run: ImageRun, step: int, last: int) -> None:
    store, damaged = the_store(), set[int]()
    preview = image_stored.find_preview(store, run.manifest.fingerprint)
    count = last
    if last > 2:
        count = url_slider(
            "Frames in the strip", "frames", 2, min(16, last), key="frames",
            usual=min(8, last), step=1, shown="%d",
        )  # fmt: skip
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
    show_figure(strip, name="filmstrip", data=partial(image_runs.trajectory_table, run))


def _frame(picture: Picture) -> str:
    """A picture small; one whose pixels were cut short as far as the browser can draw it."""
    try:
        return thumbnail(picture.png, side=FRAME)
    except PayloadError:
        return png_uri(picture)


def _counterfactual(run: ImageRun, step: int) -> None:
    """The x0 that a step would have predicted under another guidance, beside its own."""
    preview = image_stored.find_preview(the_store(), run.manifest.fingerprint)
    if step == 0 or preview is None or run.steps[step].noise_uncond is None:
        st.info("What if the guidance were another? Needs a step with two noise predictions.")
        return
    st.subheader(f"What if: another guidance at step {step:d}")
    taken = run.steps[step]
    own, other, beside = st.columns([1, 1, 2])
    with beside:
        scale = _ask_guidance(float(taken.guidance))
        st.caption(
            f"At {scale:g} instead of {taken.guidance:g}. Computed from this step's two stored "
            "noise predictions, without a model call; both pictures are linear previews. One step "
            "only: what would have followed is not known."
        )
    for column, guidance in ((own, float(taken.guidance)), (other, scale)):
        with column:
            st.markdown(f"**guidance {guidance:g}**")
            x0 = image_runs.counterfactual_x0(run.steps[step - 1], taken, guidance)
            if x0 is None:
                st.info("This step is too noisy to divide the noise out.")
            elif not fits(preview, x0):
                st.info("The model's stored preview does not fit these latents.")
            else:
                picture = preview_picture(x0, preview)
                # as a data URI it comes with the page, and nothing encodes it again
                st.image(png_uri(picture), width=SIDE, alt=f"predicted x0, guidance {guidance:g}")


def _ask_guidance(own: float) -> float:
    """Another guidance than the run's own, 1 to 20; kept in the URL."""
    linked, usual = params.get(WHAT_IF), max(1.0, min(20.0, own))
    if linked is not None and linked != str(st.session_state.get(WHAT_IF)):
        try:
            usual = float(linked)
        except ValueError:
            usual = float("nan")
        if 1 <= usual <= 20:
            st.session_state[WHAT_IF] = usual
        else:
            st.warning(
                f"The link asks for {escaped(f'{WHAT_IF} {linked[:20]!r}')}; it must be 1 to 20."
            )
    st.session_state.setdefault(WHAT_IF, max(1.0, min(20.0, own)))
    scale = st.slider("Guidance", 1.0, 20.0, step=0.5, key=WHAT_IF, on_change=_keep_guidance)
    params[WHAT_IF] = str(scale)
    return float(scale)


def _keep_guidance() -> None:
    params[WHAT_IF] = str(st.session_state[WHAT_IF])
