"""What have we got? Every run of the store."""

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.library.data import sortable
from dashboard.app_pages.library.experiments import belongings, experiment_of, together
from dashboard.app_pages.library.filters import page_size, pick_filters, pick_page, pick_shown
from dashboard.app_pages.library.kept import kept
from dashboard.app_pages.library.search import measured, runs_to_show
from dashboard.app_pages.library.selection import select_none, selected_cards
from dashboard.app_pages.library.table import show_experiment_lines, show_table
from dashboard.app_pages.library.view import (
    PICTURES,
    STYLE,
    show_cards,
    show_experiments,
    show_parallel,
)
from dashboard.data.cards import Card
from dashboard.data.probes import folded
from dashboard.data.shelf_table import choices_of
from dashboard.data.thumbnails import CARD, SIDE
from dashboard.ui.about import page_head
from dashboard.ui.capsules import tell_imported
from dashboard.ui.empty import offer_demo
from dashboard.ui.library_actions import (
    offer_actions,
    offer_few_actions,
    offer_import,
    show_details,
)
from dashboard.ui.link import stop_page
from dashboard.ui.state import on_phone
from dashboard.ui.stores import the_shelf, the_store

store, shelf = the_store(), the_shelf()


def show_runs(runs: Sequence[Card], counted: str) -> None:
    """A page of runs, each a card or a line."""
    onpage = runs[pick_page(len(runs), (wanted, shown), page_size(shown), f"{counted}.")]
    entries = shelf.entries(store, onpage, side=SIDE if shown.table else CARD)
    if shown.table:
        show_table(entries)
    else:
        show_cards(entries)


def show_together(runs: Sequence[Card], counted: str) -> None:
    """A page of experiments, each a card or a line."""
    belong = shelf.derived(store, "belong", lambda every: belongings(every, away.hidden_words))
    joined = kept("joined", runs, id(belong), lambda: together(runs, belong))
    counted += f", in {len(joined):,} experiment{'s' if len(joined) != 1 else ''}."
    onpage = joined[pick_page(len(joined), (wanted, shown), page_size(shown), counted)]
    groups = [experiment_of(runs, away.hidden_words) for runs in onpage]
    most = 1 if shown.table else PICTURES
    lead = [card for each in groups for card in each.runs[: most if each.pictured else 1]]
    found = shelf.entries(store, lead, side=SIDE if shown.table else CARD)
    entries = {entry.manifest.run: entry for entry in found}
    if shown.table:
        show_experiment_lines(groups, entries)
    else:
        show_experiments(groups, entries)


page_head(
    "Library",
    "Every run that this store remembers, with every step it took: how text comes out of "
    "masks ([Austin et al. 2021](https://arxiv.org/abs/2107.03006)), and pictures out of "
    "noise ([Ho et al. 2020](https://arxiv.org/abs/2006.11239)). What is here is never "
    "computed again. A card opens its run; select two to sixteen of a kind to compare them.",
)
tell_imported()
cards = shelf.cards(store)
if not cards:
    st.write(
        "Stepscope keeps every step of every run and shows them here. "
        "This is where your runs will be."
    )
    offer_demo()
    offer_import()
    stop_page()
if shelf.damaged:
    st.warning(
        f"{len(shelf.damaged)} runs cannot be read and are not listed. The System page verifies "
        "the store and names what is damaged."
    )
st.html(STYLE)
wanted, view = pick_filters(shelf.derived(store, "choices", choices_of))
away = shelf.derived(store, "folded away", folded)
settings = shelf.derived(store, "sortable", sortable)
shown = pick_shown(settings, view, away)
runs, left_out = runs_to_show(wanted, shown, away)
counted = f"{len(runs):,} of {len(cards):,} runs"
if left_out:
    counted += f", {left_out:,} more that measurements asked for"
if not runs:
    st.info("No run has all of this: fewer words, conditions or filters find more.")
elif shown.together:
    show_together(runs, counted)
else:
    show_runs(runs, counted)
with st.expander("These runs side by side", on_change="rerun", key="library-lines") as box:
    if box.open:
        show_parallel(runs, settings, measured(runs))
chosen = shelf.entries(store, selected_cards(store, shelf))
if chosen:
    with st.container(key="library-actions"):
        if on_phone():
            offer_few_actions(chosen, select_none)
            stop_page()
        offer_actions(chosen)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{len(chosen)} selected")
            st.button("Select none", on_click=select_none, key="select-none")
            with st.popover("Tags, notes and cost"):
                show_details(chosen)
