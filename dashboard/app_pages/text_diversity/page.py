"""What do rules, steps and temperature buy? Quality against calls, and diversity."""

from dashboard.app_pages.text_diversity.form import ask_diversity
from dashboard.app_pages.text_diversity.view import group_line, show_diversity
from dashboard.app_pages.text_diversity.ways_view import show_ways, ways_line
from dashboard.data.groups import Group
from dashboard.data.text_ways import VARYING, is_wide, way_groups
from dashboard.ui.about import page_head
from dashboard.ui.group_page import show_groups
from dashboard.ui.group_picker import groups_of


def line_of(group: Group) -> str:
    """A group in a line."""
    return ways_line(group) if is_wide(group) else group_line(group)


def show(group: Group) -> None:
    """Several ways of writing as points; one way by temperature and cut."""
    if is_wide(group):
        show_ways(group)
    else:
        show_diversity(group)


page_head(
    "Quality against calls",
    "What do model calls buy, and what does temperature? A rule decides how many tokens a step "
    "reveals: fewer calls, and worse texts. Each point is a rule with its steps, a temperature and "
    "a cut, measured on the same seeds. Where only temperature and cut differ, texts become more "
    "different, and less likely to the model. "
    "[Zheng et al. 2024, perplexity and entropy](https://arxiv.org/abs/2409.02908), "
    "[Salazar et al. 2020, pseudo-likelihood](https://arxiv.org/abs/1910.14659), "
    "[Li et al. 2016, distinct-n](https://arxiv.org/abs/1510.03055), "
    "[Zhu et al. 2018, self-BLEU](https://arxiv.org/abs/1802.01886), "
    "[Friedman and Dieng 2022, Vendi score](https://arxiv.org/abs/2210.02410), "
    "[Caccia et al. 2020, temperature sweeps](https://arxiv.org/abs/1811.02549)",
)
show_groups(
    groups_of("text", way_groups),
    label="Grid",
    line_of=line_of,
    show=show,
    ask=ask_diversity,
    varying=VARYING,
    key="diversity",
    more="Another grid, or more rules, steps, temperatures, top-ks and seeds",
    nothing="Nothing to compare yet: it takes texts of two rules, numbers of steps, temperatures "
    "or top-ks, and two seeds.",
)
