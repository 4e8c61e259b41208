"""The agenda as a list: put in order, named, taken off."""

from __future__ import annotations

import io
from functools import partial

import streamlit as st

from dashboard.app_pages.board.room import may_edit
from dashboard.app_pages.board.state import SHORT, act, beside, chosen_item, go_by, go_to
from dashboard.data.export import capsule_name
from dashboard.data.library import age
from dashboard.ui.downloads import offer_file
from dashboard.ui.link import params
from dashboard.ui.person import shown_name, the_person
from dashboard.ui.plain import escaped
from dashboard.ui.questions import QUESTIONS
from dashboard.ui.stores import the_store
from engine.capsules.exporting import export_board
from engine.reviews import boards, voices
from engine.reviews.boards import Board, Placed


def show_agenda(board: Board) -> None:
    """Every item in its order, and what can be done to it."""
    st.text(board.about or "")
    can_write = may_edit(board)
    chosen = chosen_item(board) if board.items else None
    if can_write and chosen is not None and len(board.items) > 1:
        _offer_keys(board, chosen)
    given = voices.verdicts(the_store(), board.id)
    ended = voices.decisions(the_store(), board.id)
    for place, item in enumerate(board.items):
        judges = len({v.by.judge for v in given if v.item == item.id})
        decision = ended.get(item.id, [None])[-1]
        outcome = decision.outcome if decision is not None else "open"
        facts = f"{QUESTIONS[item.question.kind]}  ·  {judges} voted  ·  {outcome}"
        with st.container(border=True, key=f"row-{item.id[16:28]}"):
            mark = "▸ " if can_write and item == chosen else ""
            _row(board, item, place, f"{mark}{facts}", can_write=can_write)
    if not board.items:
        st.info("Nothing is on it yet: press **Add to board** beside any page's title.")
    for item in board.removed if can_write else ():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"taken off: {item.title}")
            st.button(
                "Put back", key=f"back-{item.id[16:28]}", type="tertiary",
                on_click=partial(_revise, board, item=item.id, removed=False),
            )  # fmt: skip
    _offer_whole(board, can_write=can_write)


def _offer_keys(board: Board, item: Placed) -> None:
    """The chosen item, moved by keys; P and N choose another."""
    place = [each.id for each in board.items].index(item.id)
    before, after = beside(board, item, -1), beside(board, item, 1)
    moves = (
        ("Previous", "P", before, partial(go_by, board, -1)),
        ("Next", "N", after, partial(go_by, board, 1)),
        ("Move it up", "Alt+Up", before, partial(_move, board, item, -1)),
        ("Move it down", "Alt+Down", after, partial(_move, board, item, 1)),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="agenda-keys"):
        for label, key, there, do in moves:
            st.button(label, key=f"agenda-{key}", shortcut=key, disabled=not there, on_click=do)
        st.text(f"▸ item {place + 1} of {len(board.items)}", width="content")


def _row(board: Board, item: Placed, place: int, facts: str, *, can_write: bool) -> None:
    left, right = st.columns([4, 2], vertical_alignment="center")
    short = item.id[16:28]
    with left:
        st.button(
            f"**{place + 1:d}. {escaped(item.title)}**", key=f"open-{short}", type="tertiary",
            on_click=partial(_open, item),
        )  # fmt: skip
        st.caption(escaped(facts))
    if not can_write:
        return
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "Up", key=f"up-{short}", icon=":material/arrow_upward:", disabled=place == 0,
            on_click=partial(_move, board, item, -1),
        )  # fmt: skip
        st.button(
            "Down", key=f"down-{short}", icon=":material/arrow_downward:",
            disabled=place == len(board.items) - 1, on_click=partial(_move, board, item, 1),
        )  # fmt: skip
        with st.popover("Change", key=f"change-{short}"):
            # fields of their own at every place: the browser empties those that it moves
            title, caption = f"title-{short}-{place}", f"caption-{short}-{place}"
            st.text_input("Title", item.title, key=title, max_chars=200)
            st.text_area("Caption", item.caption, key=caption, max_chars=4000)
            st.button(
                "Keep", key=f"rename-{short}",
                on_click=partial(_rename, board, item, title, caption),
            )  # fmt: skip
            st.button(
                "Take it off", key=f"off-{short}",
                on_click=partial(_revise, board, item=item.id, removed=True),
                help="What was said of it is kept, and it can be put back.",
            )  # fmt: skip


def _offer_whole(board: Board, *, can_write: bool) -> None:
    """The board's own name, and the board to take along."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if can_write:
            with st.popover("Name and purpose", key="rename-board"):
                st.session_state.setdefault("board-title", board.title)
                st.session_state.setdefault("board-about", board.about)
                st.text_input("Title", key="board-title", max_chars=200)
                st.text_area("What it is to settle", key="board-about", max_chars=4000)
                st.button("Keep", key="rename-go", on_click=partial(_rename_board, board))
        store = the_store()
        offer_file(
            "Capsule of the board",
            lambda: _capsule(board.id),
            file_name=capsule_name(board.runs) if board.runs else "board.zip",
            mime="application/zip",
            key=f"capsule-{board.id[:SHORT]}",
            hint="The board, all that was said and its runs, to be opened in another Stepscope.",
        )
    st.text(
        f"Begun by {shown_name(board.by)}, {age(board.at)}. Board {board.id[:12]} of the store "
        f"in the folder {store.folder.name}."
    )


def _open(item: Placed) -> None:
    params["view"] = "judge"
    go_to(item)


def _capsule(board: str) -> bytes:
    file = io.BytesIO()
    export_board(the_store(), board, file)
    return file.getvalue()


def _move(board: Board, item: Placed, by: int) -> None:
    act(lambda: boards.move_item(the_store(), board.id, item.id, by=by, who=the_person()))


def _revise(board: Board, **changes: object) -> None:
    act(lambda: boards.revise(the_store(), board.id, by=the_person(), **changes))


def _rename(board: Board, item: Placed, title_key: str, caption_key: str) -> None:
    title, caption = st.session_state[title_key], st.session_state[caption_key]
    changes = {} if title == item.title else {"item_title": title}
    changes |= {} if caption == item.caption else {"caption": caption}
    if changes:
        _revise(board, item=item.id, **changes)


def _rename_board(board: Board) -> None:
    title, about = st.session_state["board-title"], st.session_state["board-about"]
    changes = {} if title == board.title else {"title": title}
    changes |= {} if about == board.about else {"about": about}
    if changes:
        _revise(board, **changes)
