"""What does temperature buy? Texts and their diversity over temperature and top-k."""

from dashboard.app_pages.text_diversity.form import ask_diversity
from dashboard.app_pages.text_diversity.view import group_line, show_diversity
from dashboard.data.text_diversity import VARYING, grids
from dashboard.ui.about import page_head
from dashboard.ui.group_page import show_groups
from dashboard.ui.group_picker import groups_of

page_head(
    "Diversity",
    "What does temperature buy? A higher temperature flattens the model's distribution before a "
    "token is drawn, and top-k cuts off its tail: texts become more different, and less likely to "
    "the model. Each point is one temperature and one cut, measured on the same seeds. "
    "[Li et al. 2016, distinct-n](https://arxiv.org/abs/1510.03055), "
    "[Zhu et al. 2018, self-BLEU](https://arxiv.org/abs/1802.01886), "
    "[Friedman and Dieng 2022, Vendi score](https://arxiv.org/abs/2210.02410), "
    "[Caccia et al. 2020, temperature sweeps](https://arxiv.org/abs/1811.02549)",
)
show_groups(
    groups_of("text", grids),
    label="Grid",
    line_of=group_line,
    show=show_diversity,
    ask=ask_diversity,
    varying=VARYING,
    key="diversity",
    more="Another grid, or more temperatures, top-ks and seeds",
    nothing="Nothing to compare yet: it takes texts at two temperatures or top-ks and two seeds.",
)
