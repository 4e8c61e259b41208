"""A sweep in a browser: its cells' pictures under the pointer, its neighbours by quick keys."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from cache.store import Store
from dashboard.app_pages.sweep.data import sweep_of
from engine.requests.computing import compute
from engine.requests.demo import PROMPT
from tests.browser.conftest import serving
from tests.browser.test_player import opened

AXES = "seed=0:4\nguidance=1,4\nsteps=2\nwidth=64\nheight=64"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    fields = {"model": "builtin-sd", "prompt": PROMPT}
    sweep = sweep_of("image", fields, AXES, "")
    with Store.open(folder / "store") as store:
        compute(store, sweep.specs)
    with serving(folder) as address:
        yield f"{address}/sweep?kind=image&axes={quote(AXES)}", sweep


def test_a_hand_on_the_metric_sees_the_picture_of_the_cell(server, page):
    address, _ = server
    page.goto(address)
    plot = page.locator(".js-plotly-plot", has=page.locator(".heatmaplayer")).last
    plot.scroll_into_view_if_needed()
    at = plot.locator(".nsewdrag").bounding_box()
    picture = page.locator("img.hover-picture")
    for away in (10, 14):  # a hover begins with a move
        page.mouse.move(at["x"] + at["width"] / 4 + away, at["y"] + at["height"] / 8)
    expect(picture).to_be_visible()
    assert page.evaluate("() => document.querySelector('img.hover-picture').naturalWidth") == 64
    page.mouse.move(at["x"] + at["width"] / 2, 5)
    expect(picture).to_have_count(0)


def test_quick_keys_go_on_from_one_another(server, page):
    address, sweep = server
    runs = [planned.chain.run[:12] for planned in sweep.plans]
    opened(page, f"{address}&cell={runs[0]}")
    page.get_by_role("heading", name="Sweep").click()
    for _ in range(3):  # columns are seeds: three to the right, faster than the page is drawn
        page.keyboard.press("Shift+ArrowRight")
    page.wait_for_url(re.compile(f"cell={runs[6]}"))
