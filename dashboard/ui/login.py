"""Login by OpenID Connect, where ``[auth]`` of secrets.toml configures one: see docs/login.md.

Without such a section there is no login. With one, nothing is shown before it: whatever is wrong
with the configuration keeps the pages closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import Error as StreamlitError

from dashboard.ui.plain import escaped
from dashboard.ui.roles import check_roles, the_role

PROVIDER = ("client_id", "client_secret", "server_metadata_url")
NEEDED = "Authlib>=1.3.2 and httpx: pip install 'streamlit[auth]'"


def require_login() -> None:
    """Stop the page until somebody who may see it is logged in; nothing where no login is asked."""
    secrets = _secrets()
    if "auth" not in secrets:
        return
    person = st.user.to_dict()
    if person.get("is_logged_in") is not True:
        _offer_login(secrets["auth"])
        st.stop()
    if not may_enter(person, secrets.get("stepscope", {}).get("people")):
        st.error("This account may not see this dashboard. Whoever runs it can add it.")
        st.text(str(person.get("email") or "The provider told no e-mail address."))
        st.button("Log out", on_click=st.logout, key="log-out")
        st.stop()
    check_roles()


def offer_logout() -> None:
    """In the sidebar who is logged in, and the way out; nothing where nobody is."""
    person = st.user.to_dict()
    if person.get("is_logged_in") is True:
        role = the_role()
        who = str(person.get("email") or person.get("name") or "logged in")
        st.sidebar.text(f"{who}, {role}" if role is not None else who)
        st.sidebar.button("Log out", on_click=st.logout, key="log-out", width="stretch")


def may_enter(person: Mapping[str, Any], people: Sequence[str] | None) -> bool:
    """Whether a person is among the people: addresses, or @domains; None: whoever logs in.

    An address that the provider calls unverified is nobody's.
    """
    if people is None:
        return True
    email = str(person.get("email") or "").strip().lower()
    if "@" not in email or person.get("email_verified") is False:
        return False
    allowed = {str(each).strip().lower() for each in people}
    return email in allowed or "@" + email.rpartition("@")[2] in allowed


def providers(auth: Mapping[str, Any]) -> list[str | None]:
    """The names of the configured providers; None is the one without a name."""
    named = [name for name, part in auth.items() if isinstance(part, Mapping) and _whole(part)]
    return [*([None] if _whole(auth) else []), *named]


def _offer_login(auth: Mapping[str, Any]) -> None:
    st.title("Stepscope")
    names = providers(auth)
    if not names:
        st.error("A login is configured, but not wholly: nobody can log in.")
        st.caption(f"docs/login.md names what [auth] of secrets.toml needs: {', '.join(PROVIDER)}.")
        return
    st.write("Log in to see this dashboard.")
    for name in names:
        label = f"Log in with {escaped(name.capitalize())}" if name else "Log in"
        if st.button(label, type="primary", key=f"log-in-{name or 'default'}"):
            _login(name)


def _login(name: str | None) -> None:
    try:
        st.login() if name is None else st.login(name)
    except StreamlitError as error:
        st.error("The login could not be begun.")
        st.text(str(error))
        st.caption(f"A login needs {NEEDED}.")


def _secrets() -> Mapping[str, Any]:
    """The secrets; a file of them that is there and cannot be read keeps the pages closed."""
    if st.secrets.load_if_toml_exists():
        return st.secrets
    unread = [path for path in st.get_option("secrets.files") if Path(path).exists()]
    if unread:
        st.error("The secrets file cannot be read, so it is not known whether a login is asked.")
        st.text(", ".join(unread))
        st.stop()
    return {}


def _whole(part: Mapping[str, Any]) -> bool:
    return all(isinstance(part.get(name), str) and part[name] for name in PROVIDER)
