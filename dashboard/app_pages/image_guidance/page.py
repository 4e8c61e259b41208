"""What does guidance trade? Scales and seeds side by side, score against diversity."""

import streamlit as st

from dashboard.app_pages.image_guidance.data import comparisons
from dashboard.app_pages.image_guidance.form import ask_guidance
from dashboard.app_pages.image_guidance.view import group_line, show_guidance
from dashboard.ui.group_picker import groups_of, pick_group
from dashboard.ui.jobs import compute_box

st.title("Guidance")
st.markdown(
    "Classifier-free guidance pushes every step away from what the model would draw without the "
    "prompt. Up to a point, a larger scale follows the prompt more closely and makes the seeds "
    "more alike: fidelity is paid for with diversity. Each row is one scale; each column starts "
    "from the same noise. [Ho and Salimans 2022](https://arxiv.org/abs/2207.12598), "
    "[Friedman and Dieng 2022, Vendi score](https://arxiv.org/abs/2210.02410)"
)
groups = groups_of("image", comparisons)
if groups:
    group = pick_group(groups, label="Comparison", line_of=group_line)
    show_guidance(group)
    with compute_box("Compare another prompt, or more scales and seeds", key="guidance"):
        ask_guidance(group.shared, known={each.id for each in groups})
else:
    st.info("Nothing to compare yet: it takes runs of one prompt at two guidance scales or more.")
    ask_guidance({}, known=())
