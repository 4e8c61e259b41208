"""When do seeds part, and how many different things come out?"""

import streamlit as st

from dashboard.app_pages.divergence.data import seed_groups
from dashboard.app_pages.divergence.view import group_line, offer_seeds, show_divergence
from dashboard.ui.about import page_head
from dashboard.ui.choices import url_choice
from dashboard.ui.group_picker import groups_of, pick_group
from dashboard.ui.jobs import compute_box
from dashboard.ui.link import params
from dashboard.ui.run_picker import pick_run
from dashboard.ui.trouble import fragment

ENOUGH = 4  # seeds

page_head(
    "Divergence",
    "Seeds of one spec: when do they part, how alike are they after every step, and how many "
    "different things come out? Images begin with noise of their own and part where the model's "
    "predictions do; texts part where a draw falls otherwise. What is common to many seeds is what "
    "the model and the settings had decided. "
    "[Song et al. 2020, DDIM](https://arxiv.org/abs/2010.02502), section 5.2",
)
kind = url_choice("Kind", "modality", ("text", "image"), str.capitalize, alone=True)
# at first the newest of seeds enough to tell
groups = sorted(groups_of(kind, seed_groups), key=lambda group: len(group.runs) < ENOUGH)
if groups:
    group = pick_group(groups, label="Seeds of", line_of=group_line)
    params["modality"] = kind
    fragment(show_divergence)(group, kind)
    with compute_box("More seeds of this spec", key="more-seeds"):
        offer_seeds(group.shared, group.fingerprint)
else:
    st.info("It takes two seeds of one spec or more. Choose a run, and compute other seeds of it.")
    manifest = pick_run(kind)
    spec = {name: value for name, value in manifest.spec.items() if name != "seed"}
    offer_seeds(spec, manifest.fingerprint)
