"""Where do runs part? Two to four of a kind on one step slider."""

import streamlit as st

from dashboard.ui.compare_images import show_images
from dashboard.ui.compare_picker import pick_runs
from dashboard.ui.compare_view import show_shared, show_texts
from dashboard.ui.decodes import offer_decodes
from dashboard.ui.link import stop_page
from dashboard.ui.player import TICK_S, playing
from dashboard.ui.stores import corruption_run, image_run, text_run

SHOW = {
    "text": (text_run, show_texts),
    "corruption": (corruption_run, show_texts),
    "image": (image_run, show_images),
}

st.title("Compare")
st.markdown(
    "Runs side by side on one step slider: what each has come to, where they part, and which "
    "settings they do not share. A step is stored under a key made of everything it depends on, "
    "so runs whose first keys are the same share those steps to the bit. "
    "[Austin et al. 2021, D3PM](https://arxiv.org/abs/2107.03006), "
    "[Song et al. 2020, DDIM](https://arxiv.org/abs/2010.02502)"
)
chosen = pick_runs()
if len(chosen) < 2:
    st.info("Choose two to four runs of one kind. New run and Fork make more of them.")
    stop_page()
show_shared(chosen)
load, show = SHOW[chosen[0].kind]
runs = [load(manifest) for manifest in chosen]
if not all(run.complete for run in runs):
    st.warning("Some of these runs are partial: what is stored of them is compared.")
st.fragment(show, run_every=TICK_S if playing() else None)(runs)
if chosen[0].kind == "image" and all(run.complete for run in runs):
    offer_decodes(*chosen)
