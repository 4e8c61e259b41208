"""What waits for whoever looks: items to judge, remarks that name them."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from dashboard.data.library import age
from dashboard.ui.person import shown_name, the_person
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.reviews.waiting import Mention, waiting_for

PAGE = "app_pages/board/page.py"
SHOWN = 12  # lines of each


def show_waiting() -> None:
    """What waits, nothing where nothing does."""
    waiting = waiting_for(the_store(), the_person())
    if not len(waiting):
        return
    with st.expander(f"Waits for you: {len(waiting)}", expanded=True, key="waiting"):
        for mention in waiting.mentions[:SHOWN]:
            _show_mention(mention)
        for board, items in groupby(waiting.items, key=lambda pair: pair[0]):
            listed = [item for _, item in items]
            first = listed[0]
            more = f" and {len(listed) - 1} more" if len(listed) > 1 else ""
            st.page_link(
                PAGE, label=f"{escaped(board.title)}: judge “{escaped(first.title)}”{more}",
                icon=":material/how_to_vote:",
                query_params={"board": board.id[:16], "view": "judge", "item": first.id[16:28]},
            )  # fmt: skip


def _show_mention(mention: Mention) -> None:
    """A remark that names one, and the way to it."""
    board, thread, comment = mention.board, mention.thread, mention.comment
    query = {"board": board.id[:16], "view": "judge", "comment": thread.id[16:28]}
    query |= {"item": thread.first.item[16:28]} if thread.first.item else {"view": "agenda"}
    if comment.step is not None:
        query["step"] = str(comment.step)
    st.page_link(
        PAGE, label=f"{escaped(shown_name(comment.by))} names you on {escaped(board.title)}, "
        f"{escaped(age(comment.at))}", icon=":material/alternate_email:", query_params=query,
    )  # fmt: skip
    st.text(comment.text[:300])
