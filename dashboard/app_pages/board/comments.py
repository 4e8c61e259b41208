"""What people say of an item: remarks, answers, what is settled."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from cache.errors import InvalidInput
from dashboard.app_pages.board.marks import LINKED, forget_pending, pending, see
from dashboard.app_pages.board.state import act, runs_here, say_troubles
from dashboard.data.library import age
from dashboard.ui.link import params, rerun_page
from dashboard.ui.person import shown_name, the_person
from dashboard.ui.player import WORD
from dashboard.ui.stores import the_store
from engine.reviews import voices
from engine.reviews.boards import Board, Placed
from engine.reviews.marks import place_of
from engine.reviews.records import Comment
from engine.reviews.voices import Thread

ON, POINTED = "comment-on", "comment-pointed"  # in the session: what it is on; pointed at last
PLACES = {
    "item": "item",
    "step": "step shown",
    "word": "word chosen",
    "point": "my box or point",
}
LINK_HELP = "The link of this page leads to it then."


def show_comments(board: Board, item: Placed) -> None:
    """The open threads of an item, the settled ones folded away, and a place to say something."""
    st.markdown("**Comments**")
    _show_threads(board, item)
    if the_store().read_only or board.archived:
        return
    key = f"comment-{item.id[16:28]}"
    st.text_area(
        "Say something", key=key, max_chars=4000, height=68, label_visibility="collapsed",
        placeholder="What do you see?",
    )  # fmt: skip
    place = _pick_place(item)
    st.button("Comment", key="comment-go", on_click=partial(_say, board, item, key, place))


def _pick_place(item: Placed) -> str:
    """What the remark is to be on: one of PLACES, in which the player may still move."""
    places = ["item"]
    if item.question.kind != "pair":
        kinds = {manifest.kind for manifest in runs_here(item)}
        places += ["step"] if kinds & {"text", "corruption", "image"} else []
        places += ["word"] if kinds & {"text", "corruption"} else []
    if held := pending(item):
        places.append("point")
    if len(places) == 1:
        return "item"
    if st.session_state.get(ON) not in places:
        st.session_state[ON] = "item"
    if held and st.session_state.get(POINTED) != repr(held):
        st.session_state[ON] = "point"
    st.session_state[POINTED] = repr(held)
    return str(
        st.segmented_control("On", places, key=ON, required=True, format_func=PLACES.__getitem__)
    )


def _fields_of(place: str, item: Placed) -> dict[str, Any]:
    """A place as fields of a comment, by where the player stands now.

    Raises InvalidInput where no word is chosen in it.
    """
    step, word = _number("step"), _number(WORD)
    if place == "point":
        return pending(item)
    if place == "item" or step is None:
        return {}
    if place == "word" and word is None:
        raise InvalidInput("a word must be chosen: click one in the sentence")
    return {"step": step, "position": word} if place == "word" else {"step": step}


def _number(name: str) -> int | None:
    said = params.get(name, "")
    return int(said) if said.isdecimal() and len(said) < 6 else None


def _show_threads(board: Board, item: Placed) -> None:
    threads = voices.threads(the_store(), board.id, item.id)
    settled = [thread for thread in threads if thread.resolved]
    say_troubles()
    for number, thread in enumerate((t for t in threads if not t.resolved), 1):
        _show_thread(board, item, thread, number)
    if settled:
        with st.expander(f"{len(settled)} settled", key=f"settled-{item.id[16:28]}"):
            for thread in settled:
                _show_thread(board, item, thread)


def _show_thread(board: Board, item: Placed, thread: Thread, number: int = 0) -> None:
    with st.container(border=True, key=f"thread-{thread.id[16:28]}"):
        if params.get(LINKED) == thread.id[16:28]:
            st.badge("looked at", icon=":material/my_location:")
        _show_comment(thread.first, f"{number:d}. " if number else "")
        for answer in thread.answers:
            _show_comment(answer)
        if the_store().read_only or board.archived:
            return
        short = thread.id[16:28]
        with st.container(horizontal=True):
            label = "Open again" if thread.resolved else "Settled"
            st.button(
                label, key=f"settle-{short}", type="tertiary",
                on_click=partial(_settle, board, thread),
            )  # fmt: skip
            # the whole page follows, not this part alone
            if st.button("See it" if place_of(thread.first) else "Link", key=f"see-{short}",
                         type="tertiary", help=LINK_HELP):  # fmt: skip
                see(thread.first, thread.id)
                rerun_page()
            with st.popover("Answer", type="tertiary", key=f"reply-{short}"):
                key = f"answer-to-{short}"
                st.text_area("Your answer", key=key, max_chars=4000, height=68)
                st.button(
                    "Keep", key=f"keep-{short}",
                    on_click=partial(_say, board, item, key, thread=thread.id),
                )  # fmt: skip


def _show_comment(comment: Comment, number: str = "") -> None:
    place = place_of(comment)
    where = f", on {place}" if place else ""
    said = {"resolved": "settled it", "reopened": "opened it again"}.get(comment.state, "")
    if comment.text:
        st.text(f"{number}{comment.text}")
    st.text(f"{shown_name(comment.by)} {said}".strip() + f"{where}, {age(comment.at)}")


def _say(board: Board, item: Placed, key: str, place: str = "item", thread: str = "") -> None:
    text = str(st.session_state.get(key, "")).strip()

    def say() -> None:
        fields = {"thread": thread} if thread else _fields_of(place, item)
        voices.say(the_store(), board.id, text, by=the_person(), item=item.id, **fields)

    if text and act(say):
        st.session_state[key] = ""
        if not thread:
            forget_pending()


def _settle(board: Board, thread: Thread) -> None:
    resolved = not thread.resolved
    act(lambda: voices.settle(the_store(), board.id, thread, by=the_person(), resolved=resolved))
