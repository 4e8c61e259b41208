"""What if it had gone otherwise from here? Fork a run at a step and keep both futures."""

import streamlit as st

from dashboard.app_pages.fork.view import find_family, show_family, show_fork
from dashboard.ui.about import page_head
from dashboard.ui.run_picker import kind_of_link, pick_run
from dashboard.ui.trouble import fragment

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
members = find_family(manifest)
fragment(show_fork)(manifest, members)
st.subheader("The family of this run")
show_family(manifest, members)
