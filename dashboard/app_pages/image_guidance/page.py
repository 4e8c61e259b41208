"""What does guidance trade? Scales and seeds side by side, score against diversity."""

from dashboard.app_pages.image_guidance.data import VARYING, comparisons
from dashboard.app_pages.image_guidance.form import ask_guidance
from dashboard.app_pages.image_guidance.view import group_line, show_guidance
from dashboard.ui.about import page_head
from dashboard.ui.group_page import show_groups
from dashboard.ui.group_picker import groups_of

page_head(
    "Guidance",
    "Classifier-free guidance pushes every step away from what the model would draw without the "
    "prompt. Up to a point, a larger scale follows the prompt more closely and makes the seeds "
    "more alike: fidelity is paid for with diversity. Each row is one scale; each column starts "
    "from the same noise. [Ho and Salimans 2022](https://arxiv.org/abs/2207.12598), "
    "[Friedman and Dieng 2022, Vendi score](https://arxiv.org/abs/2210.02410)",
)
show_groups(
    groups_of("image", comparisons),
    label="Comparison",
    line_of=group_line,
    show=show_guidance,
    ask=ask_guidance,
    varying=VARYING,
    key="guidance",
    more="Compare another prompt, or more scales and seeds",
    nothing="Nothing to compare yet: it takes runs of one prompt at two guidance scales or more.",
)
