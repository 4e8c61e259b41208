"""Who may do what, where a login is configured: four roles, each may all that those before it may.

A table maps addresses and @domains to roles; ``default`` is that of everybody else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from cache.errors import InvalidInput, NotAllowed
from cache.guarded import Change

Role = Literal["viewer", "reviewer", "editor", "owner"]
Act = Literal["judge", "edit", "compute", "own"]
ROLES: tuple[Role, ...] = get_args(Role)
LEAST: dict[Act, Role] = {
    "judge": "reviewer",
    "edit": "editor",
    "compute": "editor",
    "own": "owner",
}
IN_WORDS: dict[Act, str] = {
    "judge": "judging and commenting",
    "edit": "tagging, pinning, importing, and making, leading or deciding a board",
    "compute": "computing and cancelling jobs",
    "own": "deleting runs and cleaning up the store",
}
SAID = ("verdict", "comment")  # kinds of entries that a reviewer adds
DEFAULT, FILE = "default", "roles.toml"


def checked_table(table: Mapping[str, Any]) -> dict[str, Role]:
    """Addresses, @domains and ``default`` with their roles. Raises InvalidInput for another one."""
    checked: dict[str, Role] = {}
    for name, role in table.items():
        if role not in ROLES:
            raise InvalidInput(
                f"the role of {name!r:.80} must be one of {', '.join(ROLES)}, got {role!r:.40}"
            )
        address = str(name).strip().lower()
        if address != DEFAULT and "@" not in address:
            raise InvalidInput(f"roles are of addresses, @domains or default, got {name!r:.80}")
        checked[address] = role
    return checked


def table_in(folder: Path) -> dict[str, Role] | None:
    """The roles in a store's ``roles.toml``; None where there is none. Raises InvalidInput."""
    path = folder / FILE
    try:
        if path.is_symlink() or not path.is_file():
            return None
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}"[:300]) from error
    return checked_table(table.get("roles", table))


def role_of(person: Mapping[str, Any], table: Mapping[str, Role]) -> Role:
    """The role of somebody who is logged in: of the address, else its domain, else the default.

    An address that the provider calls unverified has the default role, and without a default
    everybody who is not named is a viewer.
    """
    usual = table.get(DEFAULT, "viewer")
    email = str(person.get("email") or "").strip().lower()
    if "@" not in email or person.get("email_verified") is False:
        return usual
    return table.get(email) or table.get("@" + email.rpartition("@")[2]) or usual


def may(role: Role | None, act: Act) -> bool:
    """Whether a role is enough for an act; None is nobody's role: there is no login."""
    return role is None or ROLES.index(role) >= ROLES.index(LEAST[act])


def ask_leave(role: Role | None, act: Act) -> None:
    """Raises NotAllowed where a role is not enough."""
    if not may(role, act):
        raise NotAllowed(
            f"{IN_WORDS[act]} is for {LEAST[act]}s{' and owners' if act != 'own' else ''}; "
            f"your role here is {role}"
        )


def act_of(change: Change, kind: str) -> Act:
    """What a change of the store is an act of."""
    if change == "clean up" or (change == "delete" and kind not in ("pin", "imported")):
        return "own"
    return "judge" if change == "add" and kind in SAID else "edit"
