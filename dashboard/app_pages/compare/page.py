"""Where do runs part? Two to sixteen of a kind on one step slider."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.app_pages.compare.images import show_images
from dashboard.app_pages.compare.picker import pick_runs
from dashboard.app_pages.compare.view import show_shared, show_texts
from dashboard.ui.about import page_head
from dashboard.ui.link import stop_page
from dashboard.ui.stores import Run, corruption_run, image_run, text_run
from dashboard.ui.trouble import fragment
from engine.chain.records import Manifest


def _show(
    manifests: Sequence[Manifest],
    load: Callable[[Manifest], Run],
    show: Callable[[Sequence[Run]], None],
) -> None:
    """The runs on one slider."""
    runs = [load(manifest) for manifest in manifests]
    if not all(run.complete for run in runs):
        st.warning("Some of these runs are partial: what is stored of them is compared.")
    fragment(show)(runs)


page_head(
    "Compare",
    "Runs side by side on one step slider: what each has come to, where they part, and which "
    "settings they do not share. A step is stored under a key made of everything it depends on, "
    "so runs whose first keys are the same share those steps to the bit. "
    "[Austin et al. 2021, D3PM](https://arxiv.org/abs/2107.03006), "
    "[Song et al. 2020, DDIM](https://arxiv.org/abs/2010.02502)",
)
chosen = pick_runs()
if len(chosen) < 2:
    st.info("Choose two to sixteen runs of one kind. New run and Fork make more of them.")
    stop_page()
match chosen[0].kind:
    case "text":
        _show(chosen, text_run, show_texts)
    case "corruption":
        _show(chosen, corruption_run, show_texts)
    case "image":
        _show(chosen, image_run, show_images)
st.subheader("What they share, and what they do not")
show_shared(chosen)
