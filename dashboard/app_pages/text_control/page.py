"""What does control cost? How far texts meet their controls, against how fluent they are."""

from dashboard.app_pages.text_control.data import VARYING, comparisons
from dashboard.app_pages.text_control.form import ask_control
from dashboard.app_pages.text_control.view import group_line, show_control
from dashboard.ui.about import page_head
from dashboard.ui.group_page import show_groups
from dashboard.ui.group_picker import groups_of

page_head(
    "Control",
    "What does control cost? Controls are added to the model's proposals: words that must or must "
    "not occur, how many, how the last one ends, a topic given by examples. The stronger they are, "
    "the more they are met, and the less likely the text is to the model. Each point is one "
    "strength, measured on the same seeds. "
    "[Li et al. 2022, Diffusion-LM](https://arxiv.org/abs/2205.14217), "
    "[Yang and Klein 2021, FUDGE](https://arxiv.org/abs/2104.05218)",
)
show_groups(
    groups_of("text", comparisons),
    label="Comparison",
    line_of=group_line,
    show=show_control,
    ask=ask_control,
    varying=VARYING,
    key="control",
    more="Other controls, or more strengths and seeds",
    nothing="Nothing to compare yet: it takes controlled texts at two strengths or more.",
)
