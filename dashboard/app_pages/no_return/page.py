"""When was it decided? A run continued again and again from several of its steps."""

import streamlit as st

from dashboard.app_pages.no_return.view import ask_continuations, show_decided
from dashboard.ui.about import page_head
from dashboard.ui.link import stop_page
from dashboard.ui.rest import offer_rest
from dashboard.ui.run_picker import kind_of_link, pick_run
from dashboard.ui.stores import the_store
from engine.chain.manifests import stored_steps

page_head(
    "Point of no return",
    "Early steps decide the plan, late ones the details; but when exactly? From several steps the "
    "run is continued with other randomness, again and again. Where the continuations come out "
    "alike, the steps before had decided. The steps before are the run's own and cost nothing. "
    "([SDEdit](https://arxiv.org/abs/2108.01073) uses the same fact: how late a start is decides "
    "how faithful the result.)",
)
manifest = pick_run(kind_of_link(("text", "image")))
if stored_steps(the_store(), manifest) < manifest.step_count:
    offer_rest(manifest)
    stop_page()
st.text(f"by {manifest.model}")
show_decided(manifest, ask_continuations(manifest))
