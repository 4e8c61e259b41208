"""What people say of an item: remarks, answers, what is settled."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.app_pages.board.room import live
from dashboard.app_pages.board.state import act
from dashboard.data.library import age
from dashboard.ui.link import params
from dashboard.ui.person import shown_name, the_person
from dashboard.ui.stores import the_store
from engine.reviews import voices
from engine.reviews.boards import Board, Placed
from engine.reviews.records import Comment
from engine.reviews.voices import Thread


def show_comments(board: Board, item: Placed) -> None:
    """The open threads of an item, the settled ones folded away, and a place to say something."""
    st.markdown("**Comments**")
    live(_show_threads, board)(board, item)
    if the_store().read_only or board.archived:
        return
    key = f"comment-{item.id[16:28]}"
    st.text_area(
        "Say something", key=key, max_chars=4000, height=68, label_visibility="collapsed",
        placeholder="What do you see?",
    )  # fmt: skip
    step = params.get("step", "")
    at = int(step) if step.isdecimal() and len(step) < 6 else None
    on_step = False
    if at is not None and item.runs and item.question.kind != "pair":
        on_step = st.toggle(f"on step {at:d}", key="comment-on-step")
    st.button(
        "Comment", key="comment-go",
        on_click=partial(_say, board, item, key, step=at if on_step else None),
    )  # fmt: skip


def _show_threads(board: Board, item: Placed) -> None:
    threads = voices.threads(the_store(), board.id, item.id)
    settled = [thread for thread in threads if thread.resolved]
    for thread in threads:
        if not thread.resolved:
            _show_thread(board, item, thread)
    if settled:
        with st.expander(f"{len(settled)} settled", key=f"settled-{item.id[16:28]}"):
            for thread in settled:
                _show_thread(board, item, thread)


def _show_thread(board: Board, item: Placed, thread: Thread) -> None:
    with st.container(border=True, key=f"thread-{thread.id[16:28]}"):
        _show_comment(thread.first)
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
            if thread.first.step is not None:
                st.button(
                    f"See step {thread.first.step:d}", key=f"see-{short}", type="tertiary",
                    on_click=partial(_see, thread.first.step),
                )  # fmt: skip
            with st.popover("Answer", type="tertiary", key=f"reply-{short}"):
                key = f"answer-to-{short}"
                st.text_area("Your answer", key=key, max_chars=4000, height=68)
                st.button(
                    "Keep", key=f"keep-{short}",
                    on_click=partial(_say, board, item, key, thread=thread.id),
                )  # fmt: skip


def _show_comment(comment: Comment) -> None:
    where = "" if comment.step is None else f", on step {comment.step}"
    said = {"resolved": "settled it", "reopened": "opened it again"}.get(comment.state, "")
    if comment.text:
        st.text(comment.text)
    st.text(f"{shown_name(comment.by)} {said}".strip() + f"{where}, {age(comment.at)}")


def _say(
    board: Board, item: Placed, key: str, *, step: int | None = None, thread: str = ""
) -> None:
    text = str(st.session_state.get(key, "")).strip()
    say = partial(voices.say, the_store(), board.id, text, item=item.id, step=step, thread=thread)
    if text and act(lambda: say(by=the_person())):
        st.session_state[key] = ""


def _settle(board: Board, thread: Thread) -> None:
    resolved = not thread.resolved
    act(lambda: voices.settle(the_store(), board.id, thread, by=the_person(), resolved=resolved))


def _see(step: int) -> None:
    params["step"] = str(step)
