"""What do schedules and samplers decide? Noise levels, evaluations, distance to a reference."""

from dashboard.app_pages.samplers.data import VARYING, comparisons
from dashboard.app_pages.samplers.form import ask_samplers
from dashboard.app_pages.samplers.schedules import show_schedules
from dashboard.app_pages.samplers.view import group_line, show_convergence, show_timesteps
from dashboard.ui.about import page_head
from dashboard.ui.choices import url_choice
from dashboard.ui.group_page import show_groups
from dashboard.ui.group_picker import groups_of

page_head(
    "Samplers & schedules",
    "A schedule says how much noise a model was trained to see at every timestep. A sampler "
    "chooses at which of them to ask the model, and how to go from one to the next: it solves the "
    "same equation, more or less well for the calls it spends. "
    "[Song et al. 2020, DDIM](https://arxiv.org/abs/2010.02502), "
    "[Karras et al. 2022, EDM](https://arxiv.org/abs/2206.00364), "
    "[Nichol and Dhariwal 2021, cosine schedule](https://arxiv.org/abs/2102.09672)",
)
VIEWS = {"Schedules": None, "Timesteps": show_timesteps, "Convergence": show_convergence}
SHOWS = {
    "Timesteps": "At which timesteps does each sampler ask the model, for as many steps?",
    "Convergence": "How near does each sampler come to one of many more steps, for what it costs?",
}
view = url_choice("View", "view", tuple(VIEWS))
show = VIEWS[view]
if show is None:
    show_schedules()
else:
    show_groups(
        groups_of("image", comparisons),
        label="Comparison",
        line_of=group_line,
        show=show,
        ask=ask_samplers,
        varying=VARYING,
        key="samplers",
        more="Compare on another prompt, or more samplers and steps",
        nothing=f"{SHOWS[view]} Nothing to compare yet: it takes runs of one prompt and seed by "
        "several samplers.",
    )
