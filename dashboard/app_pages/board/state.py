"""Which board and which item are looked at, and acting on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from cache.errors import StepscopeError
from dashboard.ui.about import page_head
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import params, stop_page
from dashboard.ui.meeting_link import numbered
from dashboard.ui.page_record import note_runs
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.reviews import boards
from engine.reviews.boards import Board, Placed

SHORT = 16  # characters of a board's or an item's id in a link
TROUBLE = "board-trouble"  # in the session: what could not be done
ITEM = "item"
LOOKED_AT = "board-looked-at"  # in the session: the item's id


def pick_board() -> Board:
    """The board of the link, else the last changed one; stops the page where there is none."""
    store, wanted = the_store(), params.get("board", "")
    try:
        if wanted:
            board = boards.load_board(store, boards.resolve_board(store, wanted))
        else:
            standing = [each for each in boards.list_boards(store) if not each.archived]
            if not standing:
                _stop("There is no board yet.")
            board = standing[0]
    except StepscopeError as error:
        _stop("The board of this link is not here.", str(error))
    params["board"] = board.id[:SHORT]
    if board.unreadable:
        st.warning(
            f"{len(board.unreadable)} entries of this board cannot be read and are left out. "
            "`python -m engine store verify` names them."
        )
    return board


def _stop(what: str, reason: str = "") -> Any:
    page_head("Board", "An agenda of runs and views to be judged together.")
    st.info(escaped(what))
    if reason:
        st.text(reason)
    st.page_link("app_pages/boards/page.py", label="All boards", icon=":material/how_to_vote:")
    stop_page()


def chosen_item(board: Board) -> Placed:
    """The item of the link, else the first one."""
    wanted = params.get(ITEM, "")
    linked = next((i for i in board.items if wanted and link_of(i) == wanted), None)
    if wanted and linked is None:
        st.warning(f"The item of this link, {escaped(wanted[:12])}, is not on this board now.")
    item = linked or board.items[0]
    params[ITEM] = link_of(item)
    st.session_state[LOOKED_AT] = item.id
    return item


def link_of(item: Placed) -> str:
    """An item in a link: its own digits, behind those of its board."""
    return item.id[SHORT : SHORT + 12]


def go_to(item: Placed) -> None:
    """Look at another item; what the link said of the last one goes."""
    kept = {each: params[each] for each in ("board", "view", "meeting", "meet") if each in params}
    params.from_dict(numbered("board", {**kept, ITEM: link_of(item)}))
    st.session_state[LOOKED_AT] = item.id


def go_by(board: Board, by: int) -> None:
    """Look at the item before or after the one that is looked at; nothing at the ends.

    From where the last key led to: keys may be faster than pages and links.
    """
    at = st.session_state.get(LOOKED_AT)
    item = next((each for each in board.items if each.id == at), None)
    if item is not None and (to := beside(board, item, by)) is not None:
        go_to(to)


def beside(board: Board, item: Placed, by: int) -> Placed | None:
    """The item before or after one; None at the ends."""
    ids = [each.id for each in board.items]
    place = ids.index(item.id) + by
    return board.items[place] if 0 <= place < len(ids) else None


def runs_here(item: Placed) -> list[Manifest]:
    """The item's runs that are in the store and can be read; it says which are not."""
    return manifests_of(item.runs, say=True)


def manifests_of(runs: Sequence[str], *, say: bool = False) -> list[Manifest]:
    """The manifests of runs that are here."""
    found, lost = [], []
    for run in runs:
        try:
            found.append(manifests.load(the_store(), run))
        except StepscopeError:
            lost.append(run[:12])
    if lost and say:
        st.warning(
            f"Of this item's runs {escaped(', '.join(lost))} cannot be opened in this store. "
            "Import the capsule of the board, or compute them again."
        )
    note_runs(found)
    return found


def specs_of(runs: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What runs were made with, by run."""
    return {m.run: {"model": m.model, **m.spec} for m in manifests_of(runs)}


def act(do: Callable[[], object]) -> bool:
    """Do something to the board; what went wrong is told when the page is drawn anew."""
    try:
        do()
    except StepscopeError as error:
        st.session_state[TROUBLE] = str(error)
        return False
    return True


def say_troubles() -> None:
    """What could not be done last."""
    trouble = st.session_state.pop(TROUBLE, None)
    if trouble:
        say_trouble("This was not kept.", trouble)
