"""A field that finds runs: words, and conditions on settings; what it does not know it says."""

from __future__ import annotations

import streamlit as st

from cache.errors import InvalidInput
from dashboard.data.cards import Card
from dashboard.data.conditions import read_conditions
from dashboard.data.shelf import Wanted
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_shelf, the_store

LONGEST = 200  # characters of the words to find
HINT = (
    "Words of a run, its tags, its note, the beginning of its id; and conditions on settings: "
    "`guidance=4`, `seed<8`, `steps>=20`, `sampler=ddim`, `kind:image`, `model:builtin`, "
    "`tag:good`, `made=today`, `made>=2026-11-25`. All must hold. "
    'Words in "quotation marks" are words.'
)


def sound(text: str) -> bool:
    """Whether a search can be made; what is wrong with it is said in one line."""
    try:
        read_conditions(text)
    except InvalidInput as error:
        st.error(escaped(error))
        return False
    return True


def found(wanted: Wanted) -> list[Card]:
    """The runs that are looked for, newest first; none for a search that cannot be made."""
    try:
        read_conditions(wanted.text)
    except InvalidInput:
        return []
    with st.spinner("Reading what the runs say", show_time=True):
        return the_shelf().find(the_store(), wanted)
