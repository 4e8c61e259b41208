"""A phone: a finger on a figure scrolls the page, and a tap chooses what lies under it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_player import opened, settled

SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"
PLOT = "document.querySelector('.js-plotly-plot')"
WHOLE = """() => {
  const plot = document.querySelector('.js-plotly-plot');
  const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
  return {x: box.left + xaxis._offset, y: box.top + yaxis._offset,
    wide: xaxis._length, high: yaxis._length, from: xaxis.range[0], to: xaxis.range[1]};
}"""


@pytest.fixture
def phone(browser):
    context = browser.new_context(
        viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True,
        user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148",
    )  # fmt: skip
    yield context.new_page()
    context.close()


def test_a_tap_on_a_cell_shows_that_cell_and_no_earlier_one(two_runs, phone):
    address, run, _ = two_runs
    opened(phone, f"{address}/text_unmasking?run={run[:12]}&step=5&view=Heatmap")
    plot = phone.locator(".js-plotly-plot").first
    expect(plot).to_be_visible()
    cells = phone.evaluate(f"() => ({PLOT}).data.at(-1).customdata")
    rows = len({position for _, position in cells})
    assert len(cells) > 4
    for step, position in (cells[0], cells[-1], cells[len(cells) // 2]):
        plot.scroll_into_view_if_needed()
        at = phone.evaluate(WHOLE)
        x = at["x"] + at["wide"] * (step - at["from"]) / (at["to"] - at["from"])
        phone.touchscreen.tap(x, at["y"] + at["high"] * (position + 0.5) / rows)
        phone.wait_for_url(re.compile(rf"cell-0={step}%2C{position}\b"))
        expect(phone.get_by_text(f"for position {position} before step {step}")).to_be_visible()
        expect(phone.get_by_text(f"Before step {step}, position {position} was")).to_be_visible()


def test_a_swipe_over_a_figure_scrolls_the_page_and_leaves_the_figure(two_runs, phone):
    address, _, picture = two_runs
    opened(phone, f"{address}/image_denoising?run={picture[:12]}&step=2")
    drag = phone.locator(".st-key-figure-latent-trajectory .nsewdrag").first
    drag.scroll_into_view_if_needed()
    box, before = drag.bounding_box(), phone.evaluate(SCROLLED)
    x, y = box["x"] + box["width"] / 2, min(box["y"] + box["height"] / 2, 500)
    finger = phone.context.new_cdp_session(phone)

    def touch(kind, *points):
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": x, "y": y})
    for part in range(1, 11):
        touch("touchMove", {"x": x, "y": y - 15 * part})
        phone.evaluate("new Promise(requestAnimationFrame)")
    touch("touchEnd")
    phone.wait_for_function(f"{SCROLLED} > {before} + 60")
    assert phone.locator(".select-outline").count() == 0


def test_runs_are_chosen_one_by_one_with_the_bar_out_of_the_way(two_runs, phone):
    address, *_ = two_runs
    phone.goto(f"{address}/library")
    settled(phone)
    boxes = phone.locator("[class*=st-key-select-] [data-testid=stCheckbox]")
    expect(boxes.first).to_be_visible()
    boxes.nth(0).tap()
    bar = phone.locator(".st-key-library-actions")
    expect(bar).to_be_visible()
    assert bar.bounding_box()["height"] < 90
    boxes.nth(1).tap()
    expect(bar.get_by_role("button", name="Open")).to_be_disabled()  # of two there is no one
    settled(phone)  # the bar is drawn anew with the second run
    bar.get_by_role("button", name="More").tap()
    expect(phone.get_by_role("button", name="Delete")).to_be_visible()


def test_what_is_said_of_a_word_is_in_sight(two_runs, phone):
    address, run, _ = two_runs
    opened(phone, f"{address}/text_unmasking?run={run[:12]}&step=5")
    phone.locator(".row .word").nth(2).tap()
    said = phone.get_by_text("best candidates for position 2")
    expect(said).to_be_in_viewport()
