"""One item large, its question beside it, and what people say of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app_pages.board.comments import show_comments
from dashboard.app_pages.board.decisions import show_decision
from dashboard.app_pages.board.marks import show_marks
from dashboard.app_pages.board.pairs import show_pair
from dashboard.app_pages.board.question import show_question
from dashboard.app_pages.board.state import beside, chosen_item, go_by, go_to, runs_here
from dashboard.data.library import called
from dashboard.data.stills import still_of
from dashboard.ui.link import params
from dashboard.ui.meeting_link import unless_late
from dashboard.ui.panels import AnyRun, scene_by_share, scene_of, shown_runs
from dashboard.ui.person import the_person
from dashboard.ui.plain import escaped
from dashboard.ui.player import LOOK, play
from dashboard.ui.stores import corruption_run, image_run, text_run, the_store
from dashboard.ui.trouble import fragment
from engine.chain.records import Manifest
from engine.reviews import voices
from engine.reviews.boards import Board, Placed
from engine.reviews.kept_figures import figures_of
from engine.reviews.records import Verdict
from engine.reviews.waiting import done_with

PAGES = Path(__file__).parents[1]
MOST_PLAYED = 16  # runs side by side; more are shown as they ended
LOADERS = {"text": text_run, "corruption": corruption_run, "image": image_run}
# a constant of our own: words that are judged are large, and tall pictures fit a screen
STYLE = """<style>
[class*="st-key-still-"] img { max-height: 62vh; object-fit: contain; }
[class*="st-key-words-"] [data-testid="stText"] { font-size: 1.35rem; line-height: 1.6;
  font-family: inherit; white-space: pre-wrap; }
</style>"""


def show_judging(board: Board, row: DeltaGenerator) -> None:
    """The agenda in a row of the page, the item, its question, what was said."""
    if not board.items:
        st.info("Nothing is on this board yet: press **Add to board** beside any page's title.")
        st.page_link("app_pages/library/page.py", label="Browse all runs")
        return
    st.html(STYLE)
    item = chosen_item(board)
    given = voices.verdicts(the_store(), board.id)
    with row:
        _show_way(board, item, given)
    shown, asked = st.columns([3, 1.25], gap="medium")
    with shown:
        place = [each.id for each in board.items].index(item.id) + 1
        st.subheader(f"{place:d}. {escaped(item.title)}")
        if item.caption:
            st.text(item.caption)
        _show_item(board, item, given)
    with asked:
        show_question(board, item, given)
        show_decision(board, item)
        show_comments(board, item)


def _show_way(board: Board, item: Placed, given: Sequence[Verdict]) -> None:
    """The item before, the numbers of all, the item after."""
    own = [v for v in given if v.by.judge == the_person().judge]
    judged = {each.id for each in board.items if done_with(each, own)}
    before, after = beside(board, item, -1), beside(board, item, 1)
    with st.container(
        horizontal=True, vertical_alignment="center", key="agenda-row", width="content"
    ):
        st.button(
            "Previous", key="previous", shortcut="P", disabled=before is None,
            on_click=go_by, args=(board, -1),
        )  # fmt: skip
        labels = {
            each.id: f"{i}{' ✓' if each.id in judged else ''}"
            for i, each in enumerate(board.items, 1)
        }
        st.session_state["board-item"] = item.id
        st.segmented_control(
            "Items", list(labels), key="board-item", format_func=lambda i: labels.get(i, "?"),
            label_visibility="collapsed", required=True, on_change=_go, args=(board,),
        )  # fmt: skip
        st.button(
            "Next", key="next", shortcut="N", disabled=after is None,
            on_click=go_by, args=(board, 1),
        )  # fmt: skip


@unless_late
def _go(board: Board) -> None:
    item = board.item(str(st.session_state["board-item"]))
    if item is not None:
        go_to(item)


def _show_item(board: Board, item: Placed, given: Sequence[Verdict]) -> None:
    runs = runs_here(item)
    if item.question.kind == "pair" and item.question.blind and len(runs) > 1:
        show_pair(board, item, given, runs)
        return
    if item.question.kind == "pair" and len(runs) > 1:
        show_pair(board, item, given, runs)
    _offer_view(item)
    shown = [m for m in runs if m.kind in LOADERS and the_store().has(m.step_keys[0])]
    if len(shown) > MOST_PLAYED:
        _show_stills(shown)
    elif shown and item.question.kind != "pair":
        fragment(_play)(shown)
    _show_figures(board, item)
    if item.question.kind != "pair":
        show_marks(board, item, runs)


def _show_figures(board: Board, item: Placed) -> None:
    """The figures that were kept with the item, as they stood on their page."""
    for figure in figures_of(the_store(), board.id).get(item.id, ()):
        st.image(figure.picture, alt=figure.name, width="stretch")
        st.text(figure.name)


def _play(runs: Sequence[Manifest]) -> None:
    loaded = [cast(AnyRun, LOADERS[m.kind](m)) for m in runs]
    same = len({m.kind for m in runs}) == 1
    scene = scene_of(loaded) if same else scene_by_share(loaded)
    if LOOK not in params:  # what it came to, without the guesses beside it
        params[LOOK] = "story~side~~~~~0"
    play(scene, what=shown_runs(loaded))


def _show_stills(runs: Sequence[Manifest]) -> None:
    names = called(runs)
    columns = st.columns(8)
    for i, (manifest, name) in enumerate(zip(runs, names, strict=True)):
        still = still_of(the_store(), manifest, side=192)
        with columns[i % 8]:
            if still.picture:
                st.image(still.picture, alt=name, width="stretch")
            st.text(name if still.picture else f"{name}: {still.words}")


def _offer_view(item: Placed) -> None:
    """A link to the very view that was put on the board."""
    if item.page and (PAGES / item.page / "page.py").is_file():  # a capsule may name any
        st.page_link(
            page=f"app_pages/{item.page}/page.py", label="Open the view it was taken from",
            icon=":material/open_in_new:", query_params=parse_qs(item.query),
        )  # fmt: skip
