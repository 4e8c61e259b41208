"""What would another guidance have made of a step? From its two stored predictions."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.app_pages.image_denoising import data
from dashboard.app_pages.image_denoising.figures import png_uri
from dashboard.app_pages.image_denoising.guidance_figures import apg_curves
from dashboard.data import image_runs
from dashboard.ui.link import params
from dashboard.ui.plain import escaped
from dashboard.ui.state import mode
from dashboard.ui.step_clicks import show_over_steps
from dashboard.ui.stores import the_store
from engine.chain.records import Floats
from engine.image import stored as image_stored
from engine.image.previews import fits, preview_picture
from engine.image.records import ImageRun, LinearPreview
from engine.metrics.guiders import APG_NORM, GUIDERS, MAG_ALPHA, RESCALE
from engine.metrics.latent_trajectory import rms

WHAT_IF = "what-if"  # in the session and in the URL
SIDE = 240  # pixels of a picture
IN_ROW = 4  # guiders beside one another
TOO_NOISY = "This step is too noisy to divide the noise out."


def show_what_if(run: ImageRun, step: int) -> None:
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
            _show_preview(x0, preview, f"guidance {guidance:g}")
    label = f"Guiders side by side at {scale:g}: APG, CFG-Zero and others"
    with st.expander(escaped(label), on_change="rerun", key="guiders") as box:
        if box.open:
            _show_guiders(run, step, scale, preview)


def _show_guiders(run: ImageRun, step: int, scale: float, preview: LinearPreview) -> None:
    """The same two predictions under every guider at the slider's scale."""
    st.caption("From the same two predictions, without a model call.")
    before, taken = run.steps[step - 1], run.steps[step]
    plain = image_runs.counterfactual_x0(before, taken, scale)
    for first in range(0, len(GUIDERS), IN_ROW):
        columns = st.columns(IN_ROW)
        for column, guider in zip(columns, GUIDERS[first : first + IN_ROW], strict=False):
            with column:
                paper = escaped(guider.arxiv)
                name = escaped(guider.name)
                st.markdown(f"**{name}** [{paper}](https://arxiv.org/abs/{paper})")
                x0 = data.guided_x0(before, taken, guider, scale)
                _show_preview(x0, preview, guider.name)
                if x0 is not None and plain is not None and guider is not GUIDERS[0]:
                    apart = float(rms(x0 - plain))
                    st.caption(f"RMS {apart:.3f} from CFG")
    st.caption(
        "Linear previews of the x0 that this step would have predicted, and how far each is from "
        "plain guidance, in latents. APG is on predictions of x0, as its paper has it, keeps none "
        f"of the part along x0, at most {APG_NORM:g} of length and no momentum, which a step alone "
        "does not have. CFG-Zero\\* is without its zero-init of the first step; it and MAG were "
        "made for flow models and take here, as in diffusers, what the model predicts. FDG gives "
        f"coarse parts half the scale. MAG damps by {MAG_ALPHA:g}; guidance rescale mixes "
        f"{RESCALE:g} of the rescaled prediction."
    )
    table = _parts(str(the_store().folder), run.manifest.run, len(run.steps), run)
    st.markdown("**What guidance adds to the predicted x0**, taken apart as APG does")
    curves = apg_curves(table, step=step, mode=mode())
    show_over_steps(curves, name="apg-parts", data=lambda: table, last=len(run.steps) - 1)
    st.caption(
        "The part along the predicted x0 makes contrasts and colours stronger, which APG leaves "
        "out; the part across it changes what is there. For a scale of 1; no rescaling."
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _parts(folder: str, run: str, stored: int, _run: ImageRun) -> pd.DataFrame:
    """What APG takes apart, once for as long as no step is added to the run."""
    return data.apg_table(_run)


def _show_preview(x0: Floats | None, preview: LinearPreview, what: str) -> None:
    if x0 is None:
        st.info(TOO_NOISY)
    elif not fits(preview, x0):
        st.info("The model's stored preview does not fit these latents.")
    else:
        # as a data URI it comes with the page, and nothing encodes it again
        uri = png_uri(preview_picture(x0, preview))
        st.image(uri, width=SIDE, alt=f"predicted x0, {what}")


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
    st.session_state.setdefault(WHAT_IF, max(1.0, min(20.0, 2 * own)))
    scale = st.slider("Guidance", 1.0, 20.0, step=0.5, key=WHAT_IF, on_change=_keep_guidance)
    params[WHAT_IF] = str(scale)
    return float(scale)


def _keep_guidance() -> None:
    params[WHAT_IF] = str(st.session_state[WHAT_IF])
