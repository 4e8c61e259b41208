"""What a fork is to change, in the URL's ``set``: a link opens the form as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

from dashboard.ui.link import params
from dashboard.ui.plain import escaped

NAME = "set"
AT = "@"  # before the position of a forced token
MOST = 400  # characters of a value

Number = TypeVar("Number", int, float)


def linked() -> dict[str, str]:
    """The values of the link by field, those of forced tokens by ``@position``."""
    pairs = (item.partition("=") for item in params.get_all(NAME))
    return {name: value for name, equals, value in pairs if equals}


def keep(fields: Mapping[str, Any], writes: Mapping[int, str], in_force: Any) -> None:
    """Put what differs from the spec in force into the URL."""
    changed = {n: v for n, v in fields.items() if getattr(in_force, n) != v}
    items = [f"{name}={'' if v is None else v}"[:MOST] for name, v in changed.items()]
    items += [f"{AT}{position}={word}"[:MOST] for position, word in writes.items()]
    if items:
        params[NAME] = items
    else:
        params.pop(NAME, None)


def number(
    settings: Mapping[str, str], name: str, given: Number, low: float, high: float
) -> Number:
    """A linked number within bounds; otherwise the given one, and the page says so."""
    value = settings.get(name)
    if value is None:
        return given
    try:
        read = type(given)(value or 0)
    except ValueError:
        read = None
    if read is None or not low <= read <= high:
        st.warning(
            f"The link sets {escaped(name)} to {escaped(repr(value[:20]))}; it must be {low:g} to "
            f"{high:g}."
        )
        return given
    return read


def choice(settings: Mapping[str, str], name: str, given: str, choices: tuple[str, ...]) -> str:
    """A linked choice; otherwise the given one, and the page says so."""
    value = settings.get(name, given)
    if value not in choices:
        st.warning(
            f"The link sets {escaped(name)} to {escaped(repr(value[:20]))}, which is not here."
        )
        return given
    return value


def written(settings: Mapping[str, str], length: int) -> list[tuple[int, str]]:
    """The linked forced tokens, those at positions of the text."""
    pairs = [(name.removeprefix(AT), word) for name, word in settings.items() if name[:1] == AT]
    return [(int(p), w) for p, w in pairs if p.isdecimal() and len(p) < 4 and int(p) < length]
