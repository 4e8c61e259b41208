"""What shall be computed? A form for each kind, the plan before it runs, the run as it comes."""

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.new_run.data import specs_of
from dashboard.app_pages.new_run.form import ask
from dashboard.app_pages.new_run.view import offer_run, pick_kind, show_job, take_link
from dashboard.ui.about import page_head
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import stop_page

page_head(
    "New run",
    "A run is a chain of steps, and a step that is in the store is never computed again. The plan "
    "says before anything runs which steps are cached, which another run has made already, and "
    "which are new. Text follows [D3PM](https://arxiv.org/abs/2107.03006), pictures "
    "[latent diffusion](https://arxiv.org/abs/2112.10752).",
)
linked = take_link()
if linked is not None:
    show_job(linked)
    st.page_link("app_pages/new_run/page.py", label="Start a new run instead")
    stop_page()
kind = pick_kind()
try:
    specs = specs_of(kind, ask(kind))
except StepscopeError as error:
    say_trouble("This cannot be asked for.", str(error))
    stop_page()
offer_run(specs)
if kind == "image":
    st.page_link("app_pages/image_img2img/page.py", label="Start from a picture instead: Img2img")
