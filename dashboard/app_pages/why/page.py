"""Why was this computed? For every step, what its key had that no earlier run's had."""

from dashboard.app_pages.why.view import offer_replay, show_reason, show_steps
from dashboard.ui.about import page_head
from dashboard.ui.run_picker import kind_of_link, pick_run

page_head(
    "Why computed?",
    "A step is kept under a key made of everything it depends on, its predecessor's key included; "
    "where another run has the key, the step is shared and costs nothing. For each step: was it "
    "there, and if not, which fact differed from the nearest run that exists? The idea is that of "
    "[build systems](https://doi.org/10.1145/3236774) that trace what they build.",
)
manifest = pick_run(kind_of_link(("text", "image")))
step = show_steps(manifest)
show_reason(manifest, step)
offer_replay(manifest, step)
