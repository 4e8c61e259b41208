"""How far does a picture move? One original, several strengths, beside each other."""

from dashboard.app_pages.image_img2img.form import ask_img2img
from dashboard.app_pages.image_img2img.view import group_line, show_img2img
from dashboard.data.img2img import VARYING, comparisons
from dashboard.ui.about import page_head
from dashboard.ui.group_page import show_groups
from dashboard.ui.group_picker import groups_of

page_head(
    "Img2img",
    "The original is noised part of the way and denoised from there, towards the prompt. The "
    "strength says how far: a small one skips most of the schedule and keeps the original's "
    "shapes, a large one starts from almost pure noise and follows the prompt. "
    "[Meng et al. 2021, SDEdit](https://arxiv.org/abs/2108.01073)",
)
show_groups(
    groups_of("image", comparisons),
    label="Comparison",
    line_of=group_line,
    show=show_img2img,
    ask=ask_img2img,
    varying=VARYING,
    key="img2img",
    more="Start from another picture, or with another prompt",
    nothing="No picture was made from a picture yet. Choose one and a prompt:",
)
