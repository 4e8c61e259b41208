"""Roles on the pages: what acts refuses, whatever is shown; without a login nothing changes."""

import pytest
from streamlit.testing.v1 import AppTest

from engine.reviews import boards, meetings, voices
from engine.reviews.records import Question, person
from tests.dashboard.pages import APP
from tests.dashboard.ui.test_login import AUTH, WHOLE

OWNER = person("o@x.org", login=True)
TABLE = {"default": "viewer", "r@x.org": "reviewer", "e@x.org": "editor", "o@x.org": "owner"}
PAGES = (
    "library boards board compare text_unmasking prompts image_img2img jobs system sweep".split()
)


def opened(email, page=None, table=TABLE, **query):
    at = AppTest.from_file(APP, default_timeout=60)
    at.secrets["auth"] = {**AUTH, **WHOLE}
    if table is not None:
        at.secrets["roles"] = table
    at.user = {"is_logged_in": True, "email": email, "email_verified": True}
    at.run()
    for name, value in query.items():
        at.query_params[name] = value
    return at.switch_page(f"app_pages/{page}/page.py").run() if page else at


@pytest.fixture
def board(small_store):
    made = boards.make_board(small_store, "Room", by=OWNER)
    items = [{"title": "one", "question": Question(kind="stars")}]
    boards.add_items(small_store, made, items, by=OWNER)
    return made


def keys(at):
    return {button.key for button in at.button}


@pytest.mark.parametrize("email", ["v@x.org", "r@x.org"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_seen_by_who_may_only_look(small_store, board, cluster, email, page):
    at = opened(email, page)
    assert not at.exception
    errors = " ".join(error.value for error in at.error)
    assert "cannot be read" not in errors
    assert "Your role does not let you" not in errors


def test_a_viewer_is_offered_nothing_to_say_and_may_follow(small_store, board):
    meetings.begin_meeting(small_store, board, by=OWNER)
    at = opened("v@x.org", "board", board=board[:16])
    assert not {"answer-5", "comment-go", "decide-accepted", "reveal"} & keys(at)
    assert "Your role is viewer" in " ".join(info.value for info in at.info)
    at.button(key="meet-join").click().run()
    assert {"meet-look", "meet-leave"} <= keys(at)
    assert "meet-take" not in keys(at)


def test_a_reviewer_judges_and_comments_and_decides_nothing(small_store, board):
    at = opened("r@x.org", "board", board=board[:16])
    assert "decide-accepted" not in keys(at)
    at.button(key="answer-5").click().run()
    item = boards.load_board(small_store, board).items[0]
    at.text_area(key=f"comment-{item.id[16:28]}").set_value("seen").run()
    at.button(key="comment-go").click().run()
    (verdict,) = voices.verdicts(small_store, board)
    (thread,) = voices.threads(small_store, board)
    assert (verdict.by.name, thread.first.by.how) == ("r@x.org", "login")
    agenda = opened("r@x.org", "board", board=board[:16], view="agenda")
    assert not [key for key in keys(agenda) if key and key.startswith(("up-", "off-", "rename"))]


def test_an_editor_decides_and_an_owner_deletes(small_store, board):
    at = opened("e@x.org", "board", board=board[:16])
    at.button(key="decide-accepted").click().run()
    assert len(voices.decisions(small_store, board)) == 1
    assert not at.exception


def acting(email, table=TABLE):
    """What a person's own store does with each act, asked in a session of theirs."""

    def script():
        import streamlit as st

        from cache import upkeep
        from cache.errors import StepscopeError
        from cache.payload import Payload
        from dashboard.ui.roles import must
        from dashboard.ui.stores import the_store

        store = the_store()
        run = next(key for key in store.scan("run:"))
        acts = {
            "judge": lambda: store.put("comment:" + "a" * 64, Payload()),
            "tag": lambda: store.replace(run, store.get(run)),
            "pin": lambda: store.pin("b" * 64),
            "compute": lambda: must("compute"),
            "delete": lambda: upkeep.delete_runs(store, [run[4:]], dry_run=False),
            "clean up": lambda: upkeep.gc(store, dry_run=False),
        }
        done = []
        for name, act in acts.items():
            try:
                act()
                done.append(name)
            except StepscopeError as error:
                assert "your role here is" in str(error), error
        st.session_state["done"] = done

    at = AppTest.from_function(script, default_timeout=60)
    if email is not None:
        at.user = {"is_logged_in": True, "email": email, "email_verified": True}
    if table is not None:
        at.secrets["roles"] = table
    at.run()
    assert not at.exception
    return at.session_state["done"]


ALL = ["judge", "tag", "pin", "compute", "delete", "clean up"]


@pytest.mark.parametrize(
    ("email", "table", "may"),
    [
        ("v@x.org", TABLE, []),
        ("r@x.org", TABLE, ALL[:1]),
        ("e@x.org", TABLE, ALL[:4]),
        ("o@x.org", TABLE, ALL),
        ("v@x.org", None, ALL),
        (None, TABLE, ALL),
    ],
)
def test_what_acts_refuses_what_a_role_does_not_allow(small_store, email, table, may):
    assert acting(email, table) == may


def test_a_file_in_the_store_gives_roles_too(small_store):
    (small_store.folder / "roles.toml").write_text('default = "reviewer"\n')
    assert acting("anybody@x.org", None) == ["judge"]


def test_roles_that_cannot_be_meant_keep_the_pages_closed(small_store):
    at = opened("o@x.org", table={"o@x.org": "king"})
    assert not at.exception
    assert "The roles are configured, but not wholly" in at.error[0].value
    assert not at.dataframe


def test_the_way_out_says_which_role_one_has(small_store):
    at = opened("e@x.org")
    assert "e@x.org, editor" in [text.value for text in at.sidebar.text]
