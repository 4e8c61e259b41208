"""What do we make of it? One board: its items, the votes, what was said and decided."""

import streamlit as st

from dashboard.app_pages.board.agenda import show_agenda
from dashboard.app_pages.board.judge import show_judging
from dashboard.app_pages.board.report import offer_report
from dashboard.app_pages.board.results import show_results
from dashboard.app_pages.board.room import offer_meeting, watch_others
from dashboard.app_pages.board.state import pick_board, say_troubles
from dashboard.ui.about import page_head
from dashboard.ui.choices import url_choice
from dashboard.ui.person import offer_name
from dashboard.ui.plain import escaped
from dashboard.ui.stores import say_read_only

VIEWS = {"judge": "Judge", "agenda": "Agenda", "results": "Results", "report": "Report"}
board = pick_board()
page_head(
    escaped(board.title),
    "Each item asks one thing of what it shows. Keys 1 to 5 answer; of a pair left, right, and "
    "space for a tie; P and N go to the item before and after. A verdict is written once and never "
    "changed: who judges again adds another, and the last one counts. Votes of others are shown "
    "after your own, or when somebody shows them.",
)
row = st.container(horizontal=True, vertical_alignment="center", gap="medium")
with row:
    view = url_choice("View", "view", tuple(VIEWS), VIEWS.get, key="board-view", folded=True)
    offer_name()
    offer_meeting(board)
say_read_only()
say_troubles()
if view != "report":  # a rerun drops a file that the browser is still fetching
    watch_others(board)
if board.archived:
    st.info("This board is archived. It can be read; clean-ups may take its runs.")
match view:
    case "judge":
        show_judging(board, row)
    case "agenda":
        show_agenda(board)
    case "results":
        show_results(board)
    case _:
        offer_report(board)
