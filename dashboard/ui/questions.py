"""What is asked of an item: chosen in a form, told in a line."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cache.errors import InvalidInput
from engine.reviews.records import Question, QuestionKind

QUESTIONS: dict[QuestionKind, str] = {
    "stars": "Stars, 1 to 5",
    "pair": "Pairs: which is better?",
    "yes_no": "Yes or no",
    "choice": "A choice",
    "scale": "A scale, 1 to 5",
    "text": "Words",
    "none": "Nothing: only to be looked at",
}
USUAL: dict[QuestionKind, str] = {
    "stars": "How good is it?",
    "pair": "Which is better?",
    "yes_no": "Would you show it?",
    "choice": "Which is it?",
    "scale": "How much?",
    "text": "What do you see?",
    "none": "",
}


def ask_question(kinds: Sequence[QuestionKind], *, key: str) -> Question | None:
    """The question of a form; None, and why, while it cannot be asked."""
    kind = st.selectbox("Question", kinds, key=f"{key}-kind", format_func=lambda k: QUESTIONS[k])
    text, low, high = "", "", ""
    options: tuple[str, ...] = ()
    blind = False
    if kind != "none":
        text = st.text_input("In words", value=USUAL[kind], key=f"{key}-q-{kind}", max_chars=500)
    if kind == "pair":
        blind = st.toggle(
            "Blind", value=True, key=f"{key}-blind",
            help="Names are hidden and sides swapped at random until the vote is given.",
        )  # fmt: skip
    if kind == "choice":
        typed = st.text_input("Choices, 2 to 5, with commas between", key=f"{key}-options")
        options = tuple(part.strip() for part in typed.split(",") if part.strip())
        if not options:
            return None
    if kind == "scale":
        low = st.text_input("1 means", value="not at all", key=f"{key}-low", max_chars=80)
        high = st.text_input("5 means", value="very much", key=f"{key}-high", max_chars=80)
    try:
        return Question(kind=kind, text=text, options=options, low=low, high=high, blind=blind)
    except InvalidInput as error:
        st.text(str(error))
        return None
