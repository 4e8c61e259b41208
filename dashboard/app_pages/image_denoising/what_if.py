"""What would another guidance have made of a step? From its two stored predictions."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.image_denoising.figures import png_uri
from dashboard.data import image_runs
from dashboard.ui.choices import url_slider
from dashboard.ui.stores import the_store
from engine.image import stored as image_stored
from engine.image.previews import fits, preview_picture
from engine.image.records import ImageRun

SIDE = 240  # pixels of a picture


def show_what_if(run: ImageRun, step: int) -> None:
    """The x0 that a step would have predicted under another guidance, beside its own."""
    preview = image_stored.find_preview(the_store(), run.manifest.fingerprint)
    if step == 0 or preview is None or run.steps[step].noise_uncond is None:
        st.info("What if the guidance were another? Needs a step with two noise predictions.")
        return
    st.subheader(f"What if: another guidance at step {step:d}")
    taken = run.steps[step]
    own, other, beside = st.columns([1, 1, 2])
    usual = round(2 * max(1.0, min(20.0, float(taken.guidance))))
    with beside:
        scale = 0.5 * url_slider(
            "Guidance, in halves", "what-if", 2, 40, key="what-if", usual=usual, step=1, shown="%d"
        )
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
