"""Is everything in order? The store, the models, the machine, and looking after them."""

import streamlit as st

from dashboard.app_pages.system.upkeep import offer_clean_up, offer_verify
from dashboard.app_pages.system.view import show_device, show_models, show_store
from dashboard.ui.about import page_head
from dashboard.ui.job_queue import show_workers
from dashboard.ui.jobs import the_cluster

page_head(
    "System",
    "What this dashboard is made of. Every step of every run lies in one store, under a key made "
    "of everything the step depends on; models are known by the hash of their files, not by their "
    "names. Results can change with a model's files, the device and the versions below "
    "([on repeatability](https://docs.pytorch.org/docs/stable/notes/randomness.html)).",
)
show_store()
offer_verify()
offer_clean_up()
show_models()
show_workers()
waiting = len(the_cluster().book.queue())
st.caption(f"Jobs that wait or are at work: {waiting:d}.")
st.page_link("app_pages/jobs/page.py", label="The queue")
show_device()
