"""What the votes add up to: means, shares, strengths, agreement, and when they tell nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from dashboard.app_pages.board import data
from dashboard.app_pages.board.decisions import tell_decision
from dashboard.app_pages.board.figures import interval_figure
from dashboard.app_pages.board.pairs import names_of
from dashboard.app_pages.board.room import hides_votes
from dashboard.app_pages.board.state import link_of, manifests_of, specs_of
from dashboard.data.export import inert
from dashboard.ui.export import show_figure
from dashboard.ui.person import shown_name, the_person
from dashboard.ui.plain import escaped
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from engine.reviews import voices
from engine.reviews.agreement import FEWEST_UNITS, Agreement
from engine.reviews.boards import Board, Placed
from engine.reviews.preferences import FEWEST
from engine.reviews.records import Verdict
from engine.reviews.report_lines import agreement_line
from engine.reviews.results import NUMBERED, Results, agreement_of

STRENGTH = "strength: log odds against the mean run"


def show_results(board: Board) -> None:
    """Every item's votes; those that one may not see yet are left out and named."""
    store = the_store()
    given = voices.verdicts(store, board.id)
    if not given:
        st.info("Nobody has voted yet.")
        return
    seen, hidden = seen_and_hidden(board, given)
    if hidden:
        items = "1 item is" if len(hidden) == 1 else f"{len(hidden)} items are"
        st.info(
            f"{items} left out: votes are shown once you have voted, or when somebody shows them "
            "to all."
        )
    results = data.board_results(board, given, specs_of(board.runs))
    places = {each.id: i for i, each in enumerate(board.items, 1)}
    rated = [item for item in seen if item.question.kind in NUMBERED]
    _show_rated({places[item.id]: item for item in rated}, results, given)
    for item in seen:
        _show_item(item, places[item.id], results[item.id])
    ended = voices.decisions(store, board.id)
    decided = [item for item in board.items if item.id in ended]
    if decided:
        st.subheader("Decisions")
        for item in decided:
            with st.container(border=True, key=f"decided-{item.id[16:28]}"):
                st.text(item.title)
                tell_decision(ended[item.id][-1])


def seen_and_hidden(board: Board, given: Sequence[Verdict]) -> tuple[list[Placed], list[Placed]]:
    """The items with votes that this person may see, and those they may not see yet.

    A decision ends an item: its votes need not be hidden from anybody.
    """
    ended = voices.decisions(the_store(), board.id)
    judge = the_person().judge
    own = {v.item for v in given if v.by.judge == judge}
    voted = {v.item for v in given}
    with_votes = [i for i in board.items if i.id in voted and i.question.kind != "none"]
    seen = [
        i
        for i in with_votes
        if i.revealed
        or i.id in ended
        or board.archived
        or (i.id in own and not hides_votes(board, i))
    ]
    return seen, [i for i in with_votes if i not in seen]


def _show_rated(
    items: Mapping[int, Placed], results: Mapping[str, Results], given: Sequence[Verdict]
) -> None:
    """All items with stars or scales in one figure."""
    table = data.rated_table(items, results)
    if table.empty:
        return
    figure = interval_figure(
        table, title="Stars and scales", axis="mean answer, 1 to 5", mode=mode(), bounds=(0.8, 5.2)
    )
    show_figure(figure, name="ratings", data=partial(data.rated_table, items, results))
    fewest = int(table["votes"].min())
    if fewest < FEWEST:
        st.caption(
            f"Some items have as few votes as {fewest:d}: below {FEWEST:d} no interval is shown."
        )
    for kind in NUMBERED:
        alike = [item for item in items.values() if item.question.kind == kind]
        _tell_agreement(agreement_of(alike, given) if alike else None)


def _show_item(item: Placed, place: int, results: Results) -> None:
    kind = item.question.kind
    if kind in NUMBERED:
        return
    st.subheader(f"{place:d}. {escaped(item.title)}", anchor=f"item-{link_of(item)}")
    votes = f"{results.votes} vote{'s' * (results.votes != 1)}"
    people = "one person" if results.judges == 1 else f"{results.judges} people"
    st.caption(escaped(f"{item.question.text}  {votes} by {people}"))
    if results.too_few and kind != "text":
        st.warning(
            f"Fewer than {FEWEST:d} votes are too few to tell who wins: the points below have no "
            "interval until there are as many."
        )
    if kind == "pair":
        _show_pairs(item, results)
    elif kind in ("yes_no", "choice"):
        table = data.share_table(results)
        figure = interval_figure(
            table, title="Shares of the votes", axis="share", mode=mode(), bounds=(-0.03, 1.03)
        )
        name = f"shares-{link_of(item)}"
        show_figure(figure, name=name, data=partial(data.share_table, results))
    else:
        for verdict in results.texts:
            with st.container(border=True):
                st.text(str(verdict.answer))
                st.text(shown_name(verdict.by))
    _tell_agreement(results.agreement)


def _show_pairs(item: Placed, results: Results) -> None:
    names = names_of(manifests_of(item.runs))
    table = data.strength_table(results, names)
    figure = interval_figure(table, title="Strengths", axis=STRENGTH, mode=mode(), middle=0)
    name = f"strengths-{link_of(item)}"
    show_figure(figure, name=name, data=partial(data.strength_table, results, names))
    settings = data.settings_table(results)
    if not settings.empty:
        st.dataframe(inert(settings), hide_index=True, width="stretch")
    for judge in results.consistency:
        st.text(f"{judge.judge}: the same answer in {judge.same} of {judge.count} repeats")


def _tell_agreement(agreement: Agreement | None) -> None:
    """How far judges agree, in a line; nothing where too little was judged by two."""
    if agreement is not None and agreement.units >= FEWEST_UNITS:
        st.caption(escaped(agreement_line(agreement)))
