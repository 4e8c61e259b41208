"""The question of an item, its answers by keys, and the votes of the room when they may be seen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.app_pages.board.pairs import AGAIN, LAST, names_of, pair_on_show
from dashboard.app_pages.board.room import hides_votes, may_reveal, stays
from dashboard.app_pages.board.state import act, beside, go_to, manifests_of
from dashboard.data.library import age
from dashboard.ui.link import params, rerun_page
from dashboard.ui.person import the_person
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.chain.wording import counted
from engine.reviews import boards, voices
from engine.reviews.boards import Board, Placed
from engine.reviews.preferences import FEWEST
from engine.reviews.records import KEYS, PairShown, Verdict
from engine.reviews.results import results_of

STAY = "stay-on-item"
HEARD_AGAIN_S = 0.7  # nobody looks at another pair and answers it faster
ANSWERED = {"left": "A", "right": "B", "tie": "a tie", "yes": "yes", "no": "no"}


def show_question(board: Board, item: Placed, given: Sequence[Verdict]) -> None:
    """What is asked, the answers as keys, one's own answer, the room's."""
    question = item.question
    if question.kind == "none":
        return
    with st.container(border=True, key="question"):
        st.markdown(f"**{escaped(question.text or 'What do you say?')}**")
        if not the_store().read_only and not board.archived:
            _offer_answers(board, item, given)
        _tell_votes(board, item)


def _offer_answers(board: Board, item: Placed, given: Sequence[Verdict]) -> None:
    give = partial(_give, board, item)
    question = item.question
    judge = the_person().judge
    own = [v.answer for v in given if v.item == item.id and v.by.judge == judge]
    said = own[-1] if own else None  # marked on its button
    match question.kind:
        case "pair":
            runs = [m.run for m in manifests_of(item.runs)]
            pair = pair_on_show(item, given, runs) if len(runs) > 1 else None
            if pair is not None:
                _answer("A is better", "Left", partial(give, "left", pair))
                _answer("B is better", "Right", partial(give, "right", pair))
                _answer("A tie", "Space", partial(give, "tie", pair))
        case "stars":
            for n in range(KEYS, 0, -1):
                _answer("★" * n + "☆" * (KEYS - n), str(n), partial(give, n), said == n)
        case "scale":
            ends = {1: question.low, KEYS: question.high}
            for n in range(1, KEYS + 1):
                bar = "■" * n + "□" * (KEYS - n)
                label = f"{bar}  {escaped(ends.get(n, ''))}"
                _answer(label, str(n), partial(give, n), said == n)
        case "yes_no":
            _answer("Yes", "1", partial(give, "yes"), said == "yes")
            _answer("No", "2", partial(give, "no"), said == "no")
        case "choice":
            for n, option in enumerate(question.options, 1):
                _answer(escaped(option), str(n), partial(give, option), said == option)
        case _:
            key = f"say-{item.id[16:28]}"
            st.text_area("Your answer", key=key, max_chars=4000, label_visibility="collapsed")
            st.button("Keep", key="answer-text", on_click=partial(_give_text, board, item, key))
    if question.kind not in ("text", "pair") and not stays(board):
        st.toggle("Stay here after an answer", key=STAY, persist_state="session")


def _answer(label: str, shortcut: str, do: partial[None], own: bool = False) -> None:
    st.button(
        label, key=f"answer-{shortcut}", shortcut=shortcut, on_click=do, width="stretch",
        type="primary" if own else "secondary",
    )  # fmt: skip


def _give(board: Board, item: Placed, answer: int | str, pair: PairShown | None = None) -> None:
    """Keep a verdict; then the next item, unless it is to be stayed here."""
    step = params.get("step", "")
    at = int(step) if step.isdecimal() and len(step) < 6 and pair is None else None
    if _heard_again(board, item, answer, at, pair):
        return
    give = partial(voices.give_verdict, the_store(), board.id, item, answer)
    if not act(lambda: give(by=the_person(), pair=pair, step=at)):
        return
    if pair is not None:
        st.session_state[LAST] = (item.id, pair, answer)
        st.session_state.pop(AGAIN, None)
        return
    after = beside(board, item, 1)
    stay = st.session_state.get(STAY) or item.question.kind == "text" or stays(board)
    if after is not None and not stay:
        go_to(after)


def _heard_again(
    board: Board, item: Placed, answer: int | str, step: int | None, pair: PairShown | None
) -> bool:
    """Whether this is one's last answer once more: a key can reach a slow page twice.

    For a pair only right after it: the same side of the next pair is another answer.
    """
    judge = the_person().judge
    given = voices.verdicts(the_store(), board.id)
    own = [v for v in given if v.item == item.id and v.by.judge == judge]
    if not own or own[-1].answer != answer:
        return False
    if pair is not None:
        return time.time() - own[-1].at < HEARD_AGAIN_S
    return own[-1].step == step


def _give_text(board: Board, item: Placed, key: str) -> None:
    text = str(st.session_state.get(key, "")).strip()
    if text:
        _give(board, item, text)


def _tell_votes(board: Board, item: Placed) -> None:
    """One's own answer, and the votes of all once one has voted or they are shown to all."""
    judge = the_person().judge
    item = boards.load_board(the_store(), board.id).item(item.id) or item  # shown meanwhile?
    of_item = [v for v in voices.verdicts(the_store(), board.id) if v.item == item.id]
    own = [v for v in of_item if v.by.judge == judge]
    if own and item.question.kind != "pair":
        said = ANSWERED.get(str(own[-1].answer), str(own[-1].answer))
        st.caption(f"You said {escaped(said[:80])}, {escaped(age(own[-1].at))}.")
    judges = {v.by.judge for v in of_item}
    if not judges:
        st.caption("Nobody has voted yet.")
        return
    many = "1 person has" if len(judges) == 1 else f"{len(judges)} people have"
    hidden = hides_votes(board, item)
    if (own and not hidden) or item.revealed:
        st.caption(f"{many} voted.")
        _tell_results(item, of_item)
        return
    when = "when the chair shows them" if hidden else "after yours"
    st.caption(f"{many} voted; their votes are shown {when}.")
    if may_reveal(board) and st.button("Show the votes to all", key="reveal"):
        act(lambda: boards.revise(
            the_store(), board.id, by=the_person(), item=item.id, revealed=True
        ))  # fmt: skip
        rerun_page()


def _tell_results(item: Placed, of_item: Sequence[Verdict]) -> None:
    """The votes in a line or two; the Results view has them with intervals."""
    results = results_of(item, of_item)
    counts = results.counts
    if counts:
        for answer, count in counts.items():
            st.progress(count / max(1, results.votes), text=f"{escaped(answer)}:  {count:d}")
    if results.mean is not None:
        st.caption(f"mean {results.mean.mean:.2f}, {escaped(counted(results.votes, 'vote'))}")
    if item.question.kind == "pair":
        names = names_of(manifests_of(item.runs))
        for row in results.strengths:
            st.text(
                f"{names.get(row.name, row.name[:12])}: won {row.wins.wins:g} of {row.wins.count}"
            )
    if item.question.kind == "pair" and results.too_few:
        st.caption(f"Fewer than {FEWEST:d} votes: too few to tell which is preferred.")
