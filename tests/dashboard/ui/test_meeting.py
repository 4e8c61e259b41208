"""Meeting mode: from the link or the sidebar, larger figures, and out again."""

import json

from tests.dashboard.app_pages.library.test_page import opened
from tests.dashboard.test_pages import open_page


def size_of(at):
    figure = json.loads(at.get("plotly_chart")[0].proto.spec)
    return figure["layout"]["template"]["layout"]["font"]["size"]


def keys(at):
    return {button.key for button in at.button}


def test_a_link_opens_a_meeting_and_the_button_leaves_it(small_store):
    at = opened(meeting="1")
    at.switch_page("app_pages/text_unmasking/page.py").run()
    assert not at.exception
    assert "enter-meeting" not in keys(at)
    assert at.query_params["meeting"] in ("1", ["1"])
    large = size_of(at)
    at.button(key="leave-meeting").click().run()
    assert not at.exception
    assert "meeting" not in at.query_params
    assert size_of(at) < large


def test_the_sidebar_has_the_way_in_and_every_page_stays_in(small_store):
    at = open_page("text_unmasking")
    assert "leave-meeting" not in keys(at)
    at.button(key="enter-meeting").click().run()
    assert "leave-meeting" in keys(at)
    at.switch_page("app_pages/image_denoising/page.py").run()
    assert not at.exception
    assert "leave-meeting" in keys(at)
    assert not any(key.startswith(("html-", "page-zip")) for key in keys(at) if key)


def test_another_value_in_the_link_is_no_meeting(small_store):
    at = opened(meeting="yes")
    assert not at.exception
    assert "leave-meeting" not in keys(at)
    assert "meeting" not in at.query_params
