"""Where guidance acts, on its page: the map over the picture of the step, and its total."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from cache.errors import PayloadError
from dashboard.app_pages.image_denoising.data import guidance_table
from dashboard.app_pages.image_denoising.guidance_figures import guidance_overlay, guidance_totals
from dashboard.data import image_runs
from dashboard.data.finished import thumbnail
from dashboard.ui.choices import url_toggle
from dashboard.ui.export import show_figure
from dashboard.ui.plain import escaped
from dashboard.ui.state import mode
from dashboard.ui.step_clicks import show_over_steps
from dashboard.ui.stores import the_store
from engine.image import stored as image_stored
from engine.image.records import ImageRun
from engine.metrics.guidance_map import guidance_map, largest, totals

LUMA = (0.299, 0.587, 0.114)  # of red, green and blue in a grey (BT.601)
SIDE = 512  # pixels of the picture under the map
PREDICTED = {"epsilon": "noise", "v_prediction": "velocities", "sample": "clean latents"}


def show_guidance(run: ImageRun, step: int) -> None:
    """The map of a step over what it predicted, beside the total of every step."""
    most = largest(run.steps)
    if not most:
        return  # nothing was guided: what if says so
    st.subheader("Where guidance acts")
    table = partial(guidance_table, run)
    over, beside = st.columns(2)
    with over:
        shares = guidance_map(run.steps[step])
        if shares is None:
            st.info("This step has no two predictions to compare.")
        else:
            own = float(shares.max())
            together = url_toggle(
                "One scale for all steps", "one-scale", key="guidance-one-scale",
                hint="The first steps differ many times as much as the later ones: by it these "
                "are compared, without it the pattern of each is seen.",
            )  # fmt: skip
            end = most if together else own
            figure = guidance_overlay(shares, _picture(run, step), most=end, mode=mode())
            show_figure(figure, name="guidance-map", data=table)
            st.text(f"At step {step} at most {own:.3g}, of all steps {most:.3g}.")
    with beside:
        curve = guidance_totals(totals(run.steps), step=step, mode=mode())
        last = len(run.steps) - 1
        show_over_steps(curve, name="guidance-total", data=table, last=last)
        what = PREDICTED.get(str(run.steps[-1].meta.get("prediction_type", "epsilon")), "its own")
        st.caption(
            "The model predicts twice, with the prompt and with the negative one or none; guidance "
            "pushes along the difference. The map is the size of that difference at this step, "
            "averaged over channels, over the predicted x0 in greys. The curve is the map's sum. "
            f"Read from what is stored, in units of {escaped(what)}."
        )


def _picture(run: ImageRun, step: int) -> str | None:
    """The step's predicted x0, decoded or a preview, in greys: the map alone has colours."""
    store = the_store()
    preview = image_stored.find_preview(store, run.manifest.fingerprint)
    picture = image_runs.picture_of(store, run, step, "predicted_x0", preview)
    if picture is None:
        return None
    try:
        pixels = image_stored.picture_pixels(picture.png)
        grey = np.rint(pixels @ LUMA).astype(np.uint8)
        return thumbnail(image_stored.png_bytes(np.stack([grey] * 3, axis=-1)), side=SIDE)
    except PayloadError:
        return None
