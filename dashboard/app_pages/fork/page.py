"""What if it had gone otherwise from here? Fork a run at a step and keep both futures."""

import streamlit as st

from dashboard.app_pages.fork.view import (
    last_step,
    offer_fork,
    show_effects,
    show_family,
    show_state,
)
from dashboard.ui.about import page_head
from dashboard.ui.link import params
from dashboard.ui.run_picker import kind_of_link, pick_run
from dashboard.ui.state import number_from_url

page_head(
    "Fork",
    "Go back to a step of a finished run, change one thing, and keep both futures. The steps "
    "before it are the parent's own, to the bit, and cost nothing; only later ones are computed. "
    "In text a token can be forced, or a mask put back "
    "([D3PM](https://arxiv.org/abs/2107.03006)); a picture can go on with another prompt, "
    "guidance, sampler or noise ([SDEdit](https://arxiv.org/abs/2108.01073) is a near relative).",
)
kind = kind_of_link(("text", "image"))
manifest = pick_run(kind)
last = last_step(manifest)
if "at" not in st.session_state:
    wanted = number_from_url("at", 0, last)
    st.session_state["at"] = last // 2 if wanted is None else wanted
# only then: an assigned value overrides a hand's newer one
if st.session_state["at"] > last:  # noqa: PLR1730
    st.session_state["at"] = last
at = st.slider("After step", 0, max(1, last), key="at")
params["at"] = str(at)
show_state(manifest, min(at, last))
offer_fork(manifest, min(at, last))
st.subheader("The family of this run")
members = show_family(manifest)
st.subheader("What did this fork change?")
show_effects(manifest, members)
