"""Two runs as they ended, side by side; their names are told after the vote where it is blind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.app_pages.board.room import hides_votes
from dashboard.app_pages.board.state import manifests_of
from dashboard.data.library import called
from dashboard.data.stills import Still, still_of
from dashboard.ui.person import the_person
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.chain.records import Manifest
from engine.reviews.boards import Board, Placed
from engine.reviews.pairs import next_pair, pair_count, seed_for
from engine.reviews.records import PairShown, Verdict
from engine.reviews.voices import counted

SHOWN, LAST = "pair-shown", "pair-last"  # in the session: what stands there, what was judged last
AGAIN = "pair-again"  # in the session: the item, and its pair that is to be judged anew
MOST_LISTED = 20  # of one's own votes


def pair_on_show(item: Placed, given: Sequence[Verdict], runs: Sequence[str]) -> PairShown | None:
    """The pair before this judge: it stays until it is judged, whatever others do meanwhile."""
    who = the_person()
    again: tuple[str, PairShown] | None = st.session_state.get(AGAIN)
    if again is not None and again[0] == item.id:
        return again[1]
    own = sum(v.item == item.id and v.by.judge == who.judge for v in given)
    asked = (item.id, who.judge, own, item.revealed)
    held: tuple[object, PairShown | None] | None = st.session_state.get(SHOWN)
    if held is None or held[0] != asked:
        of_item = [v for v in given if v.item == item.id]
        blind = item.question.blind and not item.revealed
        pair = next_pair(runs, of_item, who, blind=blind, seed=seed_for(item.id, who, own))
        held = st.session_state[SHOWN] = (asked, pair)
    return held[1]


def show_pair(
    board: Board, item: Placed, given: Sequence[Verdict], runs: Sequence[Manifest]
) -> None:
    """The two of a pair, and how far the judge has come."""
    hidden = hides_votes(board, item)
    _tell_last(item, hidden=hidden)
    by_run = {m.run: m for m in runs}
    pair = pair_on_show(item, given, list(by_run))
    if pair is None:
        st.success(f"You have judged every pair of this item: {pair_count(list(by_run)):d}.")
        _offer_last_again(item, given, hidden=hidden)
        _show_judged(item, given, runs, hidden=hidden)
        return
    names = names_of(runs)
    beside = st.container(horizontal=True)  # columns would stack on a phone
    for side, run in zip("AB", (pair.left, pair.right), strict=True):
        with beside.container(width="stretch"):
            st.text(f"{side}: {names[run]}" if item.revealed or not pair.blind else side)
            _show_still(still_of(the_store(), by_run[run]), side, pair.seed)
    judge = the_person().judge
    done = {frozenset(v.runs) for v in given if v.item == item.id and v.by.judge == judge}
    st.caption(f"{len(done):d} of {pair_count(list(by_run)):d} pairs judged.")
    _offer_last_again(item, given, hidden=hidden)


def _show_judged(
    item: Placed, given: Sequence[Verdict], runs: Sequence[Manifest], *, hidden: bool
) -> None:
    """All runs of the item, and one's own votes on them; no names while the room still votes."""
    names = names_of(runs)
    columns = st.columns(min(4, len(runs)))
    for i, manifest in enumerate(runs):
        with columns[i % len(columns)]:
            if not hidden:
                st.text(names[manifest.run])
            _show_still(still_of(the_store(), manifest), str(i + 1), 0)
    if hidden:
        st.caption("Names and votes are told when the chair shows the votes to all.")
        return
    judge = the_person().judge
    own = counted(v for v in given if v.item == item.id and v.by.judge == judge)
    with st.expander(f"Your {len(own):d} votes", expanded=len(own) <= 3):
        for place, verdict in enumerate(own[:MOST_LISTED]):
            if (pair := verdict.pair) is None:
                continue
            with st.container(horizontal=True, vertical_alignment="center"):
                st.text(_preference(names, pair, str(verdict.answer)), width="stretch")
                if not the_store().read_only:
                    st.button(
                        "Judge again", key=f"again-{place:d}", on_click=_judge_again,
                        args=(item, pair), help="The names are known now: it is no blind vote.",
                    )  # fmt: skip
        if len(own) > MOST_LISTED:
            st.caption(f"The first {MOST_LISTED:d} of them.")


def _offer_last_again(item: Placed, given: Sequence[Verdict], *, hidden: bool) -> None:
    """A slip of the hand is mended: the pair that was judged last, once more."""
    judge = the_person().judge
    own = [v.pair for v in given if v.item == item.id and v.by.judge == judge and v.pair]
    if own and st.session_state.get(AGAIN) is None and not the_store().read_only:
        st.button(
            "Judge the last one again", key="again-last", shortcut="U", type="tertiary",
            on_click=_judge_again, args=(item, own[-1]), kwargs={"blind": hidden and own[-1].blind},
        )  # fmt: skip


def _judge_again(item: Placed, pair: PairShown, *, blind: bool = False) -> None:
    open_pair = PairShown(left=pair.left, right=pair.right, seed=pair.seed, blind=blind)
    st.session_state[AGAIN] = (item.id, open_pair)
    st.session_state.pop(LAST, None)


def names_of(runs: Sequence[Manifest]) -> dict[str, str]:
    """What each run of an item is called beside the others."""
    return {m.run: name for m, name in zip(runs, called(runs), strict=True)}


def _show_still(still: Still, side: str, seed: int) -> None:
    if still.picture:
        with st.container(key=f"still-{side}"):
            st.image(still.picture, alt=f"picture {side}", width="stretch")
    else:
        with st.container(key=f"words-{side}", border=True):
            st.text(still.words)
    if not still.final:
        st.caption("Not the finished result: as far as it can be shown here.")


def _tell_last(item: Placed, *, hidden: bool) -> None:
    """What was judged a moment ago, by name where nothing is hidden any more."""
    last: tuple[str, PairShown, str] | None = st.session_state.get(LAST)
    if last is None or last[0] != item.id:
        return
    _, pair, answer = last
    if hidden:
        said = {"left": "A", "right": "B"}.get(answer, "a tie")
        st.info(f"Your vote is kept: {escaped(said)}.", icon=":material/check:")
        return
    names = names_of(manifests_of(item.runs))
    st.info(escaped(_preference(names, pair, answer)), icon=":material/visibility:")


def _preference(names: Mapping[str, str], pair: PairShown, answer: str) -> str:
    left, right = names.get(pair.left, "?"), names.get(pair.right, "?")
    if answer == "tie":
        return f"A tie: A was {left}, B was {right}."
    won, lost = (left, right) if answer == "left" else (right, left)
    return f"You preferred {won} to {lost}."
