"""A meeting: opened by its link, stepped by keys, left by Escape."""

import re
from contextlib import suppress

from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from tests.browser.test_unmasking import server, settled

__all__ = ["server"]  # a fixture
SLOW = 60_000


def press_until_heard(page, key, said):
    """Press a key; once more where it came before the browser listened, on a busy machine."""
    for _ in range(3):
        page.keyboard.press(key)
        with suppress(PlaywrightTimeout):
            page.get_by_text(said).wait_for(timeout=SLOW)
            return
    raise AssertionError(f"{key} was never heard")


def test_a_meeting_is_stepped_and_left_by_keys(server, page):
    page.goto(f"{server}/text_unmasking?meeting=1&step=2")
    page.get_by_text("Step 2 of 5 reveals").wait_for(timeout=SLOW)
    settled(page)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    press_until_heard(page, "ArrowRight", "Step 3 of 5 reveals")
    page.keyboard.press("ArrowLeft")
    page.get_by_text("Step 2 of 5 reveals").wait_for(timeout=SLOW)
    # on the slider itself a key moves by one step, not by two
    page.get_by_role("slider").first.press("ArrowRight")
    page.get_by_text("Step 3 of 5 reveals").wait_for(timeout=SLOW)
    settled(page)
    page.get_by_text("Step 3 of 5 reveals").wait_for(timeout=SLOW)
    page.get_by_role("heading", name="Unmasking").click()
    page.keyboard.press("Space")
    page.get_by_text("Step 5 of 5 reveals").wait_for(timeout=SLOW)
    settled(page)
    page.wait_for_url(re.compile("meeting=1"))
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stSidebar")).to_be_visible(timeout=SLOW)
    assert "meeting" not in page.url
    page.wait_for_url(re.compile("step=5"))


def test_the_last_move_before_a_meeting_is_left_is_heard(server, page):
    page.goto(f"{server}/text_unmasking?meeting=1&step=2")
    page.get_by_text("Step 2 of 5 reveals").wait_for(timeout=SLOW)
    settled(page)
    press_until_heard(page, "ArrowRight", "Step 3 of 5 reveals")
    page.wait_for_url(re.compile("step=3"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")  # before the link has followed the hand
    expect(page.get_by_test_id("stSidebar")).to_be_visible(timeout=SLOW)
    page.wait_for_url(re.compile("step=4"))
    page.get_by_text("Step 4 of 5 reveals").wait_for(timeout=SLOW)


def test_space_on_the_focused_button_toggles_once(server, page):
    page.goto(f"{server}/text_unmasking?meeting=1&step=0")
    page.get_by_text("Before the first step").wait_for(timeout=SLOW)
    settled(page)
    page.get_by_role("button", name=re.compile("^Play")).focus()
    page.keyboard.press("Space")
    # where it lands, not what it passes for a moment: toggled twice, it would never get there
    page.get_by_text("Step 5 of 5 reveals").wait_for(timeout=SLOW)


def test_no_key_of_many_is_lost(server, page):
    page.goto(f"{server}/text_unmasking?meeting=1&step=0")
    page.get_by_text("Before the first step").wait_for(timeout=SLOW)
    settled(page)
    press_until_heard(page, "ArrowRight", "Step 1 of 5 reveals")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
    page.get_by_text("Step 5 of 5 reveals").wait_for(timeout=SLOW)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(100)
    page.get_by_text("Step 2 of 5 reveals").wait_for(timeout=SLOW)
    page.keyboard.press("Space")
    page.get_by_text("Step 5 of 5 reveals").wait_for(timeout=SLOW)
