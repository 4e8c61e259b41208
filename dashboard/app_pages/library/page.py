"""What have we got? Every run of the store."""

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.library.data import in_order, names_of, sortable
from dashboard.app_pages.library.experiments import belongings, experiment_of, together
from dashboard.app_pages.library.filters import page_size, pick_filters, pick_page, pick_shown
from dashboard.app_pages.library.kept import kept
from dashboard.app_pages.library.measures import MEASURES, Measured, Measures
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
from dashboard.data.shelf import choices_of
from dashboard.data.thumbnails import CARD, SIDE
from dashboard.ui.about import page_head
from dashboard.ui.empty import offer_demo
from dashboard.ui.finding import found
from dashboard.ui.library_actions import offer_actions, offer_import, show_details
from dashboard.ui.link import stop_page
from dashboard.ui.stores import the_shelf, the_store

store, shelf = the_store(), the_shelf()


@st.cache_resource(max_entries=4, show_spinner=False)
def measures_of(folder: str) -> Measures:
    """What was read of the runs of a store, for every person."""
    return Measures()


def measured(runs: Sequence[Card]) -> Measured:
    """What can be read of some runs beyond their settings."""
    with st.spinner("Reading what was measured", show_time=True):
        return measures_of(str(store.folder)).of(store, shelf, runs)


page_head(
    "Library",
    "Every run that this store remembers, with every step it took: how text comes out of "
    "masks ([Austin et al. 2021](https://arxiv.org/abs/2107.03006)), and pictures out of "
    "noise ([Ho et al. 2020](https://arxiv.org/abs/2006.11239)). What is here is never "
    "computed again. A card opens its run; select two to sixteen of a kind to compare them.",
)
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
matches = found(wanted)
# a grid's cells are in its one line
hidden = away.hidden_words | away.continuations if shown.together else away.runs
everything = matches
if not shown.folded_too and hidden:
    matches = kept(
        "open", everything, hidden, lambda: [c for c in everything if c.run not in hidden]
    )
left_out = len(everything) - len(matches)
unsorted = matches
if shown.by in MEASURES:
    values = measured(matches).get(shown.by, {})
    matches = in_order(matches, shown.by, up=shown.up, measured=values)
else:
    matches = kept(
        "order", unsorted, (shown.by, shown.up), lambda: in_order(unsorted, shown.by, up=shown.up)
    )
counted = f"{len(matches):,} of {len(cards):,} runs"
if left_out:
    counted += f", {left_out:,} more that measurements asked for"
side = SIDE if shown.table else CARD
if shown.together:
    belong = shelf.derived(store, "belong", lambda every: belongings(every, away.hidden_words))
    joined = kept("joined", matches, id(belong), lambda: together(matches, belong))
    counted += f", in {len(joined):,} experiment{'s' if len(joined) != 1 else ''}"
    size = page_size(shown)
    joined = joined[pick_page(len(joined), (wanted, shown), size, caption=f"{counted}.")]
    groups = [experiment_of(runs, away.hidden_words) for runs in joined]
    most = 1 if shown.table else PICTURES
    lead = [card for each in groups for card in each.runs[:most] if card.kind == "image"]
    lead += [each.runs[0] for each in groups if each.runs[0].kind != "image"]
    entries = {entry.manifest.run: entry for entry in shelf.entries(store, lead, side=side)}
    if shown.table:
        show_experiment_lines(groups, entries)
    else:
        show_experiments(
            groups, entries, names_of([each.runs[0] for each in groups if not each.title])
        )
else:
    size = page_size(shown)
    onpage = matches[pick_page(len(matches), (wanted, shown), size, caption=f"{counted}.")]
    lines = shelf.entries(store, onpage, side=side)
    if shown.table:
        show_table(lines)
    else:
        show_cards(lines, names_of(onpage))
with st.expander("These runs side by side", on_change="rerun", key="library-lines") as lines_box:
    if lines_box.open:
        show_parallel(matches, settings, measured(matches))
chosen = shelf.entries(store, selected_cards(store, shelf))
if chosen:
    with st.container(key="library-actions"):
        offer_actions(chosen)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{len(chosen)} selected")
            st.button("Select none", on_click=select_none, key="select-none")
            with st.popover("Tags, notes and cost"):
                show_details(chosen)
