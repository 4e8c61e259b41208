"""Who is looking: from the login where there is one, else a name asked once and kept in a cookie.

Not in the link: whoever opens a link that somebody sent would sign with their name.
"""

from __future__ import annotations

import json
import re
import secrets
from urllib.parse import unquote

import streamlit as st

from dashboard.ui.plain import escaped
from engine.reviews.records import Person, person

COOKIE = "stepscope-who"
NAME, BROWSER, TYPED = "who-name", "who-browser", "who-typed"  # in the session
DIGITS = re.compile(r"[0-9a-f]{12}")
# a constant of our own: the name in this browser's cookie, for a year, sent to this host alone
KEEP = """export default function ({ data }) {
  const said = encodeURIComponent(JSON.stringify(data));
  document.cookie = `stepscope-who=${said}; path=/; max-age=31536000; SameSite=Strict`;
}"""
_keep = st.components.v2.component("who_am_i", js=KEEP)


def the_person() -> Person:
    """Who acts now; unsigned where nobody has said a name."""
    user = st.user.to_dict()
    if user.get("is_logged_in") is True:
        return person(str(user.get("email") or user.get("name") or ""), login=True)
    if BROWSER not in st.session_state:
        name, browser = _from_cookie()
        st.session_state[NAME], st.session_state[BROWSER] = name, browser
    return person(st.session_state[NAME], browser=st.session_state[BROWSER])


def offer_name() -> None:
    """Who one is, and a place to say it otherwise."""
    who = the_person()
    if who.how == "login":
        st.caption(f"as {escaped(who.shown)}")
        return
    label = f"as {escaped(who.name)}" if who.name else "Say your name"
    with st.popover(label, type="tertiary", key="who", icon=":material/person:"):
        st.session_state.setdefault(TYPED, who.name)
        st.text_input("Your name", key=TYPED, max_chars=80, on_change=_take_name)
        st.caption(
            "Kept in this browser and written under what you say here. Without a name it is "
            "unsigned. Nobody checks it: a login does (docs/login.md)."
        )
    with st.container(key="who-cookie", height=1, border=False):
        _keep(key="keep-who", data={"name": who.name, "browser": who.browser})


def shown_name(who: Person) -> str:
    """A name as it stands under what somebody said, and how it is known."""
    return f"{who.shown} (logged in)" if who.how == "login" else who.shown


def _take_name() -> None:
    st.session_state[NAME] = person(str(st.session_state[TYPED])).name


def _from_cookie() -> tuple[str, str]:
    """The name and this browser's number in the cookie; new ones where it holds none."""
    try:
        said = json.loads(unquote(st.context.cookies.get(COOKIE, "")))
        name, browser = person(str(said["name"])).name, str(said["browser"])
    except (ValueError, LookupError, TypeError):
        return "", secrets.token_hex(6)
    return name, browser if DIGITS.fullmatch(browser) else secrets.token_hex(6)
