"""Add to board, on every page: what it shows, with a question, as an item of a board."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache.errors import StepscopeError
from dashboard.data import render
from dashboard.data.library import asked_words, called, described
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import params
from dashboard.ui.meeting import in_meeting
from dashboard.ui.page_record import noted_figures, noted_runs
from dashboard.ui.person import the_person
from dashboard.ui.plain import escaped
from dashboard.ui.presenting import OWN
from dashboard.ui.questions import QUESTIONS, ask_question
from dashboard.ui.roles import allowed
from dashboard.ui.stores import the_store
from dashboard.ui.trouble import trouble_in_place
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.reviews.boards import Board, add_items, list_boards, make_board
from engine.reviews.kept_figures import MOST_KEPT, fitting, keep_figures
from engine.reviews.records import MOST_RUNS

SLOT = "head-slot"  # in the session while a page is drawn: the place beside its title
TOLD = "added-to-board"  # in the session: what was added last, (board, line, page)
NEW = "new"
ASKED = frozenset(("prompt", "template", "text", "length"))
A_ROW_A_RUN = frozenset(("seeds-by-steps",))
MOST_ROWS = 8  # of such a figure that can be seen on a slide
WORDS = 60  # characters of them in a title
KEPT_SCALE = 1.5  # pixels of a kept figure for each of its own
NO_BOARDS = frozenset(("board", "boards"))  # pages that have another way
PAGE = re.compile(r"[a-z0-9_]{1,40}")


def forget_slot() -> None:
    """Called before a page is drawn: the last one may have stopped before its button was drawn."""
    st.session_state.pop(SLOT, None)


def keep_slot() -> None:
    """Called by a page's head: the place where the button will stand."""
    st.session_state[SLOT] = st.container(width="content")


def offer_add(page: str, title: str) -> None:
    """Called after a page is drawn, when it is known what it shows."""
    slot = st.session_state.pop(SLOT, None)
    if slot is None or in_meeting() or page in NO_BOARDS:
        return
    if the_store().read_only or not allowed("edit"):
        return
    with slot, st.popover("Add to board", type="tertiary", key="add-board", on_change="rerun") as p:
        if p.open:
            with trouble_in_place():
                _form(page, title)


def _form(page: str, title: str) -> None:
    """Where it goes, what is asked of it."""
    place = st.container()
    store = the_store()
    runs = [manifests.load(store, run) for run in noted_runs() if store.has(f"run:{run}")]
    if page != "compare":  # there people have put them in order themselves
        runs.sort(key=_by_settings)
    boards = [board for board in list_boards(store) if not board.archived]
    board = _pick_board(boards)
    usual = f"{title}: {_title_of(runs)}" if runs else title
    name = st.text_input("Title", value=usual[:200], key="add-title")
    each = False
    if len(runs) > 1:
        st.caption(f"{len(runs)} runs are on this page.")
        each = st.toggle("Each run as an item of its own", key="add-each")
    kinds = [k for k in QUESTIONS if k != "pair" or (len(runs) > 1 and not each)]
    question = ask_question(kinds, key="add")
    caption = st.text_area("Caption", key="add-caption", max_chars=4000, height=68)
    shown = {each: params.get_all(each) for each in params if each not in OWN}
    query = urlencode(shown, doseq=True)
    fields = {"title": name, "caption": caption, "question": question}
    fields |= {"page": page if PAGE.fullmatch(page) else "", "query": query}
    figures = [] if each else _pick_figures(len(runs))
    if isinstance(board, Board) and not each:
        _say_there_already(board, fields, runs)
    if st.button("Add", type="primary", key="add-go", disabled=question is None):
        _add(board, _items(fields, runs, each=each), figures, page)
    _tell_added(page, place)


def _say_there_already(board: Board, fields: dict[str, Any], runs: Sequence[Manifest]) -> None:
    shown = fields["page"], fields["query"], tuple(m.run for m in runs[:MOST_RUNS])
    for place, item in enumerate(board.items, 1):
        if (item.page, item.query, tuple(item.runs)) == shown:
            st.caption(f"This view is on the board already, as item {place:d}.")
            return


def _title_of(runs: Sequence[Manifest]) -> str:
    """Runs in a line: what they were asked, how many, by which settings they differ."""
    if len(runs) == 1:
        return f"{_cut(asked_words(runs[0].spec))}, {described(runs[0].spec)}"
    asked = {asked_words(m.spec) for m in runs}
    fields = dict.fromkeys(name for m in runs for name in m.spec if name not in ASKED)
    apart = [n for n in fields if len({repr(m.spec.get(n)) for m in runs}) > 1]
    by = f" by {', '.join(name.replace('_', '-') for name in apart[:3])}" if apart else ""
    words = asked.pop() if len(asked) == 1 else f"{len(asked)} prompts"
    return f"{_cut(words)}, {len(runs)} runs{by}"


def _cut(words: str) -> str:
    return words if len(words) <= WORDS else f"{words[: WORDS - 1]}…"


def _tell_added(page: str, place: DeltaGenerator) -> None:
    """What was added of this page a moment ago, on top: below it would be out of sight."""
    told = st.session_state.get(TOLD)
    if told is not None and told[2] == page:
        place.success(escaped(told[1]))
        place.page_link(
            "app_pages/board/page.py", label="Open the board", icon=":material/how_to_vote:",
            query_params={"board": told[0][:16]},
        )  # fmt: skip


def _by_settings(manifest: Manifest) -> tuple[str, float, float, float]:
    """Where a run stands among others on a board: by prompt, guidance, temperature, seed."""
    spec = manifest.spec
    asked = str(spec.get("prompt") or spec.get("template") or "")
    numbers = [spec.get(name, 0) for name in ("guidance", "temperature", "seed")]
    first, second, third = (float(n) if isinstance(n, int | float) else 0.0 for n in numbers)
    return asked, first, second, third


def _pick_board(boards: Sequence[Board]) -> Board | str:
    """A board that stands, or the title of a new one."""
    titles = {board.id: board.title for board in boards}
    chosen = st.selectbox(
        "Board", [*titles, NEW], key="add-which",
        format_func=lambda b: "A new board" if b == NEW else escaped(titles.get(b, b)),
    )  # fmt: skip
    if chosen == NEW or chosen not in titles:
        return st.text_input("Title of the board", value="Review", key="add-new", max_chars=200)
    return next(board for board in boards if board.id == chosen)


def _items(fields: dict[str, Any], runs: Sequence[Manifest], *, each: bool) -> list[dict[str, Any]]:
    if not each:
        return [fields | {"runs": tuple(m.run for m in runs[:MOST_RUNS])}]
    pages = {"page": "", "query": ""}  # the page shows all of them
    titles = [f"{fields['title'].partition(':')[0]}: {name}"[:200] for name in called(runs)]
    return [
        fields | pages | {"title": title, "runs": (m.run,)}
        for title, m in zip(titles, runs, strict=True)
    ]


def _pick_figures(runs: int) -> list[str]:
    """The figures of the page that are kept with the item, by name: at first the newest view.

    A row of small pictures for each of many runs tells nothing that their own do not.
    """
    names = list(noted_figures())
    if not names:
        return []
    usual = [name for name in names[-1:] if name not in A_ROW_A_RUN or runs <= MOST_ROWS]
    picked = st.multiselect(
        "Figures to keep with it", names, default=usual, format_func=figure_name,
        key=f"add-figures-{' '.join(names)[:200]}", max_selections=MOST_KEPT,
        help="As pictures, as they are now: reports hold them, and the board shows them.",
    )  # fmt: skip
    return [name for name in picked if name in names]


def figure_name(name: str) -> str:
    """A figure's name as people read it; the first of several needs no number."""
    stem, _, number = name.rpartition("-")
    if stem and number.isdecimal():
        name = stem if int(number) == 0 else f"{stem} {int(number) + 1}"
    return name.replace("-", " ").replace("_", " ").strip().capitalize()


def _drawn(names: Sequence[str]) -> list[tuple[str, bytes]]:
    """The figures as PNGs. Raises BrowserMissing, RenderError."""
    shown = noted_figures()
    with st.spinner("Drawing the figures"):
        return [
            (figure_name(name), fitting(render.render(shown[name].draw(), "png", scale=KEPT_SCALE)))
            for name in names
            if name in shown
        ]


def _add(
    board: Board | str, items: list[dict[str, Any]], figures: Sequence[str], page: str
) -> None:
    st.session_state.pop(TOLD, None)
    store, who = the_store(), the_person()
    try:
        pictures = _drawn(figures)
        if isinstance(board, str):
            chosen, title = make_board(store, board, by=who), board
        else:
            chosen, title = board.id, board.title
        added = add_items(store, chosen, items, by=who)
        keep_figures(store, chosen, added[0], pictures, by=who)
    except StepscopeError as error:
        say_trouble("This was not added.", str(error))
        return
    many = "1 item" if len(items) == 1 else f"{len(items)} items"
    st.session_state[TOLD] = (chosen, f"{many} added to “{title}”.", page)
