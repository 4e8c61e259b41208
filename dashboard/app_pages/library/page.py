"""What have we got? Every run of the store."""

import streamlit as st

from dashboard.app_pages.library.filters import pick_filters, pick_page
from dashboard.app_pages.library.table import show_table
from dashboard.ui.empty import offer_demo
from dashboard.ui.library_actions import offer_actions, offer_import, show_details
from dashboard.ui.link import stop_page
from dashboard.ui.stores import the_shelf, the_store

SELECT = "Select one to open, fork, tag or delete it, two to sixteen of a kind to compare them."

store, shelf = the_store(), the_shelf()
titled, bring = st.columns([3, 1], vertical_alignment="bottom")
titled.title("Library")
with bring:
    offer_import()
cards = shelf.cards(store)
if not cards:
    st.write(
        "Stepscope keeps every step of every run and shows them here. "
        "This is where your runs will be."
    )
    offer_demo()
    stop_page()

st.markdown(
    "Every run that this store remembers, with every step it took: how text comes out of masks "
    "([Austin et al. 2021](https://arxiv.org/abs/2107.03006)), and pictures out of noise "
    "([Ho et al. 2020](https://arxiv.org/abs/2006.11239)). What is here is never computed again."
)
if shelf.damaged:
    st.warning(
        f"{len(shelf.damaged)} runs cannot be read and are not listed. The System page verifies "
        "the store and names what is damaged."
    )
wanted = pick_filters(cards)
with st.spinner("Reading what the runs say", show_time=True):
    matches = shelf.find(store, wanted)
entries = shelf.entries(store, matches[pick_page(len(matches), wanted)])
# the table's own toolbar hangs over the right end of what is right above it: nothing to press there
buttons = st.container()
st.caption(f"{len(matches)} of {len(cards)} runs, newest first. {SELECT}")
chosen = show_table(entries)
with buttons:
    offer_actions(chosen)
show_details(chosen)
