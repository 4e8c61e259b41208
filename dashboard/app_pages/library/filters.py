"""What somebody looks for in the Library: kinds, models, tags, words; kept in the URL."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.data.cards import Card
from dashboard.data.shelf import PAGE, STATES, Wanted, tags_of
from dashboard.ui.link import params
from dashboard.ui.state import choices_from_url, number_from_url

SOUGHT = "library-sought"  # in the session: what the page shown is a page of
LONGEST = 200  # characters of the words to find


def pick_filters(cards: Sequence[Card]) -> Wanted:
    """A row of filters; a link's values that are not here are named."""
    columns = iter(st.columns([1.5, 1.2, 1.4, 1.2, 2.2], vertical_alignment="bottom"))
    with next(columns):
        text = _words()
    with next(columns):
        kinds = _choices("Kind", "kind", sorted({card.kind for card in cards}))
    with next(columns):
        models = _choices("Model", "model", sorted({card.model for card in cards}))
    with next(columns):
        tags = _choices("Tags", "tag", tags_of(cards))
    with next(columns):
        states = _states()
    return Wanted(kinds=kinds, models=models, tags=tags, states=states, text=text)


def pick_page(count: int, wanted: Wanted) -> slice:
    """Which of the ``count`` runs that were found are on the page; the first of another search."""
    pages = max(1, -(-count // PAGE))
    if st.session_state.get(SOUGHT, wanted) != wanted:
        st.session_state["page"] = 1
    st.session_state[SOUGHT] = wanted
    linked = 1
    if "page" not in st.session_state:
        linked = number_from_url("page", 1, pages) or 1
    elif st.session_state["page"] > pages:
        st.session_state["page"] = pages
    page = st.session_state.get("page", linked)
    if pages > 1:
        page = st.pagination(pages, default=linked, key="page")
    _keep("page", [str(page)] if page > 1 else [])
    return slice((page - 1) * PAGE, page * PAGE)


def _words() -> str:
    if "find" not in st.session_state:
        st.session_state["find"] = params.get("find", "")[:LONGEST]
    text = st.text_input(
        "Find", placeholder="words, settings, an id", key="find", max_chars=LONGEST
    )
    _keep("find", [text] if text else [])
    return text or ""


def _choices(label: str, name: str, options: Sequence[str]) -> list[str]:
    if name not in st.session_state:
        st.session_state[name] = choices_from_url(name, options)
    # a model or a tag may have gone since it was chosen
    st.session_state[name] = [value for value in st.session_state[name] if value in options]
    chosen = st.multiselect(label, options, key=name, placeholder="all", disabled=not options)
    _keep(name, chosen)
    return chosen


def _states() -> list[str]:
    if "show" not in st.session_state:
        st.session_state["show"] = choices_from_url("show", STATES)
    chosen = st.pills(
        "Only",
        STATES,
        selection_mode="multi",
        key="show",
        format_func=str.capitalize,
        help="Complete: the last step is stored. Nothing chosen: all.",
    )
    _keep("show", chosen)
    return list(chosen)


def _keep(name: str, values: Sequence[str]) -> None:
    if values:
        params[name] = list(values)
    else:
        params.pop(name, None)
