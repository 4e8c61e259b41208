"""Is the sampler as right as it is sure? Known words hidden, filled in, and compared."""

from dashboard.app_pages.calibration.view import ask_calibration, show_calibration
from dashboard.ui.about import page_head

page_head(
    "Calibration",
    "Words of known texts are hidden, at several ratios, and filled in again by each order rule. "
    "A calibrated sampler is right about 70 times of 100 where it is 0.7 sure. The order matters: "
    "which word is committed first decides what the others are judged by. "
    "[Guo et al. 2017, calibration](https://arxiv.org/abs/1706.04599)",
)
show_calibration(*ask_calibration())
