"""What an empty store shows: what this is, and one button that fills it."""

from __future__ import annotations

import streamlit as st

from dashboard.ui.jobs import offer_compute
from engine.requests.demo import demo_pictures, demo_specs

EXAMPLE = "python -m engine text generate --length 12 --top-k 5 --temperature 1.2 --seeds 0:4"
WHAT = {
    "text": "No text has been unmasked yet.",
    "corruption": "No text has been corrupted yet.",
    "image": "No picture has been denoised yet.",
}


def offer_demo(kind: str | None = None) -> None:
    """Say what is missing, show the command, and offer the demo runs."""
    st.info(WHAT.get(kind or "", "This store holds no runs yet."))
    st.markdown("Compute some from a shell:")
    st.code(EXAMPLE, language="bash")
    st.markdown("or let the built-in models make a small set now:")
    offer_compute(
        [*demo_specs(), *demo_pictures()],
        title="the demo runs",
        label="Make the demo runs",
        key="demo",
    )
