"""The role of who looks, from the login; without a login there are none, and nothing is refused."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from cache.errors import StepscopeError
from cache.folder import default_folder
from dashboard.data.roles import Act, Role, ask_leave, checked_table, may, role_of, table_in

SECTION = "roles"  # of secrets.toml


def the_role() -> Role | None:
    """The role of this session's person; None where no login or no role is configured.

    Raises InvalidInput for roles that cannot be read.
    """
    user = st.user.to_dict()
    if user.get("is_logged_in") is not True:
        return None
    table = _table(default_folder())
    return None if table is None else role_of(user, table)


def check_roles() -> None:
    """Stop the page where the roles cannot be read: nobody knows then who may do what."""
    try:
        the_role()
    except StepscopeError as error:
        st.error("The roles are configured, but not wholly: the pages stay closed.")
        st.text(str(error))
        st.caption("docs/login.md says what [roles] of secrets.toml, or roles.toml, may hold.")
        st.stop()


def allowed(act: Act) -> bool:
    """Whether this session's person may do something; for what is offered on a page."""
    return may(the_role(), act)


def must(act: Act) -> None:
    """Called by what acts. Raises NotAllowed where this session's person may not."""
    ask_leave(the_role(), act)


def _table(folder: Path) -> dict[str, Role] | None:
    """The roles of secrets.toml, else those of the store; None where neither says any."""
    if st.secrets.load_if_toml_exists() and SECTION in st.secrets:
        return checked_table(dict(st.secrets[SECTION]))
    return table_in(folder)
