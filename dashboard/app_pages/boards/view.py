"""The list of boards, and a place to begin one."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.library import age
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import open_page, rerun_page
from dashboard.ui.person import offer_name, the_person
from dashboard.ui.plain import escaped
from dashboard.ui.roles import allowed
from dashboard.ui.stores import the_store
from engine.reviews import boards, voices
from engine.reviews.boards import Board

PAGE = "app_pages/board/page.py"
TROUBLE = "boards-trouble"  # in the session: what could not be done


def offer_new() -> None:
    """A new board by its title, and who one is."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.popover("New board", icon=":material/add:"):
            title = st.text_input("Title", key="new-board", max_chars=200)
            about = st.text_area("What it is to settle", key="new-about", max_chars=4000, height=68)
            if st.button("Begin", type="primary", key="begin", disabled=not title.strip()):
                _begin(title, about)
        offer_name()
    for line in st.session_state.pop(TROUBLE, []):
        say_trouble("This was not done.", line)


def show_boards() -> None:
    """Those that stand, then those put away."""
    every = boards.list_boards(the_store())
    standing = [board for board in every if not board.archived]
    archived = [board for board in every if board.archived]
    if not every:
        st.info("No board yet. Begin one above, or press **Add to board** beside any page's title.")
    for board in standing:
        _card(board)
    if archived:
        with st.expander(f"{len(archived)} archived"):
            st.caption("An archived board keeps all that was said; clean-ups may take its runs.")
            for board in archived:
                _card(board)


def _card(board: Board) -> None:
    store = the_store()
    given = voices.verdicts(store, board.id)
    ended = voices.decisions(store, board.id)
    open_threads = [t for t in voices.threads(store, board.id) if not t.resolved]
    with st.container(border=True, key=f"card-{board.id[:16]}"):
        left, right = st.columns([5, 3], vertical_alignment="center")
        with left:
            st.page_link(
                PAGE, label=f"**{escaped(board.title)}**", query_params={"board": board.id[:16]}
            )
            if board.about:
                st.text(board.about)
            judges = len({v.by.judge for v in given})
            facts = [
                _many(len(board.items), "item"),
                f"{_many(len(given), 'verdict')} by {_many(judges, 'judge')}" if given else "",
                f"{len(ended)} decided" if ended else "",
                _many(len(open_threads), "open comment") if open_threads else "",
                f"changed {age(board.changed_at)}",
            ]
            st.caption(escaped("  ·  ".join(fact for fact in facts if fact)))
            if board.unreadable:
                st.warning(f"{len(board.unreadable)} entries of it cannot be read.")
        if not store.read_only and allowed("edit"):
            with right, st.container(horizontal=True, horizontal_alignment="right"):
                _offer(board)


def _offer(board: Board) -> None:
    short, store = board.id[:16], the_store()
    if st.button("Duplicate", key=f"copy-{short}", help="The same items, nobody's verdicts."):
        _try(lambda: boards.duplicate(store, board.id, by=the_person()))
    label = "Bring back" if board.archived else "Archive"
    hint = "It stays with all that was said; clean-ups may take its runs from then on."
    if st.button(label, key=f"archive-{short}", help=None if board.archived else hint):
        archived = not board.archived
        _try(lambda: boards.revise(store, board.id, by=the_person(), archived=archived))


def _try(act: Callable[[], object]) -> None:
    try:
        act()
    except StepscopeError as error:
        st.session_state[TROUBLE] = [str(error)]
    rerun_page()


def _begin(title: str, about: str) -> None:
    try:
        made = boards.make_board(the_store(), title, by=the_person(), about=about)
    except StepscopeError as error:
        say_trouble("The board was not begun.", str(error))
        return
    open_page(PAGE, {"board": made[:16], "view": "agenda"})


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
