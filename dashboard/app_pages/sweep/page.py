"""What happens when several things vary at once? A grid of runs along any axes."""

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.sweep.data import sweep_of
from dashboard.app_pages.sweep.form import ask_sweep
from dashboard.app_pages.sweep.view import show_sweep
from dashboard.ui.about import page_head
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import stop_page

page_head(
    "Sweep",
    "A sweep is a grid of runs along any settings. Before it runs, the plan says cell by cell what "
    "is in the store, what is shared with another cell up to some step, and what is new. The model "
    "calls it names are the ones that will be made; where texts share batches, the most there can "
    "be. Shared beginnings are computed once, a cell that fails does not stop the rest, and an "
    "interrupted sweep goes on where it was.",
)
results = st.container()  # above the form as soon as there is something to be seen
kind, fields, axes, skip = ask_sweep()
try:
    sweep = sweep_of(kind, fields, axes, skip)
except StepscopeError as error:
    say_trouble("This sweep cannot be asked for.", str(error))
    stop_page()
show_sweep(sweep, results)
