"""The login: no page before it, closed when it is misconfigured, and who may enter.

``AppTest`` seeds the secrets and the user; the redirect to a provider and back is Streamlit's own.
"""

import pytest
import streamlit as st
from streamlit.errors import StreamlitAuthError
from streamlit.testing.v1 import AppTest

from dashboard.ui.login import may_enter, providers
from tests.dashboard.pages import APP

WHOLE = {"client_id": "a", "client_secret": "b", "server_metadata_url": "https://x.org/.well-known"}
AUTH = {"redirect_uri": "http://localhost:8501/oauth2callback", "cookie_secret": "c" * 32}
ANNA = {"is_logged_in": True, "email": "Anna@Team.org", "email_verified": True}


def opened(auth, user, people=None):
    at = AppTest.from_file(APP, default_timeout=60)
    at.secrets["auth"] = auth
    if people is not None:
        at.secrets["stepscope"] = {"people": people}
    at.user = user
    return at.run()


def closed(at):
    assert not at.exception
    titles = {title.value for title in at.title}  # the login's own is no page's
    return not at.dataframe and not at.metric and titles <= {"Stepscope"}


def test_without_a_login_the_pages_are_open(small_store):
    at = AppTest.from_file(APP, default_timeout=60).run()
    assert not closed(at)
    assert "log-out" not in {button.key for button in at.button}


def test_no_page_before_the_login(small_store, monkeypatch):
    asked = []
    monkeypatch.setattr(st, "login", lambda *provider: asked.append(provider))
    at = opened({**AUTH, **WHOLE}, {"is_logged_in": False})
    assert closed(at)
    at.button(key="log-in-default").click().run()
    assert asked == [()]
    for page in ("system", "text_unmasking"):
        at.switch_page(f"app_pages/{page}/page.py").run()
        assert closed(at)


def test_named_providers_have_a_button_each(small_store, monkeypatch):
    asked = []
    monkeypatch.setattr(st, "login", lambda *provider: asked.append(provider))
    at = opened({**AUTH, "google": WHOLE, "okta": WHOLE, "half": {"client_id": "a"}}, {})
    assert [button.label for button in at.button] == ["Log in with Google", "Log in with Okta"]
    at.button(key="log-in-okta").click().run()
    assert asked == [("okta",)]


def test_a_person_who_is_logged_in_sees_the_pages_and_the_way_out(small_store):
    at = opened({**AUTH, **WHOLE}, ANNA, people=["@team.org"])
    assert not closed(at)
    assert at.button(key="log-out").label == "Log out"
    assert "Anna@Team.org" in [text.value for text in at.sidebar.text]


def test_somebody_else_is_kept_out_and_may_log_out(small_store):
    at = opened({**AUTH, **WHOLE}, ANNA, people=["bert@team.org"])
    assert closed(at)
    assert "may not see this dashboard" in at.error[0].value
    assert at.button(key="log-out").label == "Log out"


def test_half_a_configuration_keeps_the_pages_closed(small_store):
    at = opened({**AUTH, "client_id": "a"}, {})
    assert closed(at)
    assert "nobody can log in" in at.error[0].value


def test_what_the_login_says_is_shown_as_text(small_store, monkeypatch):
    def refuse():
        raise StreamlitAuthError("no <b>Authlib</b>")

    monkeypatch.setattr(st, "login", refuse)
    at = opened({**AUTH, **WHOLE}, {})
    at.button(key="log-in-default").click().run()
    assert closed(at)
    assert any("no <b>Authlib</b>" in text.value for text in at.text)


def test_secrets_that_cannot_be_read_keep_the_pages_closed(small_store, tmp_path, monkeypatch):
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\n")
    option = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda name: [str(broken)] if name == "secrets.files" else option(name)
    )
    at = AppTest.from_file(APP, default_timeout=60).run()
    assert closed(at)
    assert "cannot be read" in at.error[0].value


@pytest.mark.parametrize(
    ("person", "people", "may"),
    [
        (ANNA, None, True),
        (ANNA, ["anna@team.org"], True),
        (ANNA, ["@team.org"], True),
        (ANNA, [], False),
        (ANNA, ["team.org", "@eam.org", "a@team.org"], False),
        ({**ANNA, "email_verified": False}, ["@team.org"], False),
        ({"email": "evil@x.org@team.org.x"}, ["@team.org"], False),
        ({"name": "Anna"}, ["@team.org"], False),
        ({"email": "anna"}, ["anna"], False),
    ],
)
def test_who_may_enter(person, people, may):
    assert may_enter(person, people) is may


def test_providers_are_those_that_are_whole():
    assert providers({**AUTH, **WHOLE}) == [None]
    assert providers({**AUTH, **WHOLE, "google": WHOLE}) == [None, "google"]
    assert providers({**AUTH, "google": {**WHOLE, "client_secret": ""}}) == []
