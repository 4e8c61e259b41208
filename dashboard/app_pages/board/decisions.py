"""How an item ended: accepted, needs work, rejected, with a sentence and a name."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.app_pages.board.room import may_edit
from dashboard.app_pages.board.state import act, beside, go_to
from dashboard.data.library import age
from dashboard.ui.person import shown_name, the_person
from dashboard.ui.plain import escaped
from dashboard.ui.presenting import leads
from dashboard.ui.stores import the_store
from engine.reviews import voices
from engine.reviews.boards import Board, Placed
from engine.reviews.records import Decision, Outcome

OUTCOMES: dict[Outcome, tuple[str, str]] = {  # its icon and its colour
    "accepted": ("check_circle", "green"),
    "needs work": ("build", "orange"),
    "rejected": ("cancel", "red"),
}


def show_decision(board: Board, item: Placed) -> None:
    """The decision that stands, and a place to make one."""
    made = voices.decisions(the_store(), board.id).get(item.id, [])
    _tell_last(board, item)
    if not may_edit(board):
        return
    key = f"sentence-{item.id[16:28]}"
    label = "Decide" if not made else "Decide otherwise"
    # one an item and decision: what was open closes when a decision is made
    with st.popover(label, width="stretch", key=f"decide-{item.id[16:28]}-{len(made)}"):
        st.text_input("In a sentence", key=key, max_chars=1000)
        if leads(board.id) and beside(board, item, 1) is not None:
            st.caption("A decision leads everybody on to the next item.")
        with st.container(horizontal=True):
            for outcome, (icon, _) in OUTCOMES.items():
                st.button(
                    escaped(outcome.capitalize()), key=f"decide-{outcome}",
                    icon=f":material/{icon}:",
                    on_click=partial(_decide, board, item, outcome, key),
                )  # fmt: skip
        for before in reversed(made[:-1]):
            st.text(f"before: {before.outcome}, {shown_name(before.by)}, {age(before.at)}")


def _tell_last(board: Board, item: Placed) -> None:
    made = voices.decisions(the_store(), board.id).get(item.id, [])
    if made:
        tell_decision(made[-1])


def tell_decision(decision: Decision) -> None:
    """A decision with its sentence, and whose it was."""
    icon, colour = OUTCOMES[decision.outcome]
    st.badge(escaped(decision.outcome.capitalize()), icon=f":material/{icon}:", color=colour)  # type: ignore[arg-type]
    if decision.sentence:
        st.text(decision.sentence)
    st.text(f"{shown_name(decision.by)}, {age(decision.at)}")


def _decide(board: Board, item: Placed, outcome: Outcome, key: str) -> None:
    sentence = str(st.session_state.get(key, ""))
    decide = partial(voices.decide, the_store(), board.id, item.id, outcome)
    if not act(lambda: decide(by=the_person(), sentence=sentence)):
        return
    st.session_state[key] = ""
    after = beside(board, item, 1)
    if after is not None and leads(board.id):  # a decision ends the item: the room goes on
        st.toast(f"{escaped(outcome.capitalize())}: {escaped(item.title)}")
        go_to(after)
