"""Roles: who has which, what each may, and what is refused in the words of a line."""

import pytest

from cache.errors import InvalidInput, NotAllowed
from dashboard.data.roles import (
    ROLES,
    act_of,
    ask_leave,
    checked_table,
    may,
    role_of,
    table_in,
)

TABLE = checked_table({"default": "viewer", "@team.org": "reviewer", "Anna@Team.org": "owner"})


@pytest.mark.parametrize(
    ("person", "role"),
    [
        ({"email": "anna@team.ORG"}, "owner"),
        ({"email": "boris@team.org"}, "reviewer"),
        ({"email": "eve@team.org.evil"}, "viewer"),
        ({"email": "eve@evil.org"}, "viewer"),
        ({"email": "anna@team.org", "email_verified": False}, "viewer"),
        ({"name": "anna@team.org"}, "viewer"),
        ({"email": "default"}, "viewer"),
    ],
)
def test_an_address_counts_before_its_domain_and_that_before_the_default(person, role):
    assert role_of(person, TABLE) == role


def test_without_a_default_people_are_viewers_and_without_a_login_nothing_is_refused():
    assert role_of({"email": "a@b.org"}, {}) == "viewer"
    assert all(may(None, act) for act in ("judge", "edit", "compute", "own"))


@pytest.mark.parametrize(
    ("change", "kind", "least"),
    [
        ("add", "verdict", "reviewer"), ("add", "comment", "reviewer"),
        ("add", "decision", "editor"), ("add", "item", "editor"), ("overwrite", "run", "editor"),
        ("overwrite", "verdict", "editor"), ("overwrite", "meeting", "editor"),
        ("add", "pin", "editor"), ("delete", "pin", "editor"), ("add", "picture", "editor"),
        ("delete", "run", "owner"), ("delete", "verdict", "owner"), ("clean up", "", "owner"),
    ],
)  # fmt: skip
def test_what_a_change_of_the_store_asks_for(change, kind, least):
    act = act_of(change, kind)
    assert [role for role in ROLES if may(role, act)] == list(ROLES[ROLES.index(least) :])


def test_a_refusal_names_the_act_and_the_role():
    with pytest.raises(NotAllowed, match="computing and cancelling jobs is for editors and owners"):
        ask_leave("reviewer", "compute")
    with pytest.raises(NotAllowed, match="your role here is editor"):
        ask_leave("editor", "own")


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"a@b.org": "admin"}, "the role of 'a@b.org' must be one of viewer, reviewer"),
        ({"a@b.org": ["owner"]}, "must be one of"),
        ({"anna": "owner"}, "roles are of addresses, @domains or default, got 'anna'"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(table, line):
    with pytest.raises(InvalidInput, match=line):
        checked_table(table)


def test_the_stores_own_file(tmp_path):
    assert table_in(tmp_path) is None
    (tmp_path / "roles.toml").write_text('[roles]\n"a@b.org" = "editor"\n')
    assert table_in(tmp_path) == {"a@b.org": "editor"}
    (tmp_path / "roles.toml").write_text("[roles\n")
    with pytest.raises(InvalidInput, match=r"roles\.toml cannot be read"):
        table_in(tmp_path)
