"""The fields of a new run, each with its bounds; their values stay while one looks elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache.errors import StepscopeError
from dashboard.app_pages.new_run.data import TEMPLATE, bounds
from dashboard.ui.plain import escaped
from engine.models.known import KnownModel, known_of
from engine.models.registry import ListedModel, find_model, listed_models

USUAL = {"top_k": 5, "top_p": 0.9, "length": 12}
USUAL_TEXT = {"template": TEMPLATE}
SEEDS_HELP = "As in 0:8 (8 left out) or 1, 5, 9: a run each."


def number(
    where: DeltaGenerator,
    kind: str,
    name: str,
    label: str,
    *,
    step: float = 1,
    hint: str | None = None,
    most: int | None = None,
) -> int | float:
    """A number with its bounds beside the label; ``most`` is a model's own upper bound."""
    value = st.session_state.get(key_of(kind, name))
    wanted = type(step)(USUAL.get(name, 1) if value is None else value)
    if value is None or type(value) is not type(step):
        st.session_state[key_of(kind, name)] = wanted
    return where.number_input(
        f"{label} ({bounds(kind, name, most)})",
        step=step,
        format="%g" if isinstance(step, float) else None,
        help=hint,
        key=key_of(kind, name),
        persist_state="session",
    )


def typed(where: DeltaGenerator, kind: str, name: str, label: str, hint: str | None = None) -> str:
    """A line that is read by a parser of ours."""
    if st.session_state.get(key_of(kind, name)) is None:
        st.session_state[key_of(kind, name)] = USUAL_TEXT[name]
    return where.text_input(label, key=key_of(kind, name), help=hint, persist_state="session")


def area(kind: str, name: str, label: str) -> str:
    """Several lines of words."""
    return st.text_area(
        label, height=72, key=key_of(kind, name), max_chars=4000, persist_state="session"
    )


def one_of(
    where: DeltaGenerator, kind: str, name: str, label: str, choices: tuple[str, ...]
) -> str:
    """One of many."""
    return str(where.selectbox(label, choices, key=key_of(kind, name), persist_state="session"))


def row(
    where: DeltaGenerator,
    key: str,
    label: str,
    choices: tuple[str, ...],
    default: str = "",
    shown: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """One of a few; ``shown`` are other words for some."""
    st.session_state.setdefault(key, default or choices[0])
    return str(
        where.segmented_control(
            label,
            choices,
            key=key,
            format_func=lambda choice: shown.get(choice, choice),
            required=True,
            persist_state="session",
        )
    )


def tick(kind: str, name: str, label: str) -> bool:
    """Yes or no."""
    return st.checkbox(label, key=key_of(kind, name), persist_state="session")


def key_of(kind: str, name: str) -> str:
    """Where a field of a kind is kept in the session."""
    return f"new-{kind}-{name}"


def pick_model(where: DeltaGenerator, kind: str, *, of: str | None = None) -> str:
    """A model of a kind, with what is known of it; ``of`` where another kind's models serve."""
    listed = {m.name: m for m in _models() if m.kind == (of or kind)}
    chosen = where.selectbox(
        "Model",
        sorted(listed, key=lambda name: not listed[name].available),
        format_func=lambda n: n if n not in listed or listed[n].available else f"{n} (not here)",
        key=key_of(kind, "model"),
        help="Also a folder on this machine, or a hub id whose files are in the local cache.",
        accept_new_options=True,
        persist_state="session",
    )
    if chosen in listed and not listed[chosen].available:
        where.caption(escaped(listed[chosen].hint))
    elif chosen and (of or kind) == "text":
        facts = known(chosen)
        where.caption(escaped(facts.sentence()) if facts is not None else "")
    return str(chosen or "")


def known(model: str) -> KnownModel | None:
    """What the files of a text model say of it; None where they do not: the plan says why."""
    try:
        return known_of(find_model(model))
    except StepscopeError:
        return None


@st.cache_data(ttl=30, show_spinner=False)
def _models() -> list[ListedModel]:
    return list(listed_models())
