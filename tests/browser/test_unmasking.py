"""A person's way through the pages, in a real Chromium, with nothing leaving the machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cache.store import Store
from tests.dashboard.conftest import SPEC, keep_corruption, keep_text

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard on a store with two seeds and a corruption."""
    folder = tmp_path_factory.mktemp("browser") / "store"
    with Store.open(folder) as store:
        for seed in (0, 1):
            keep_text(store, SPEC.but(seed=seed), 6)
        keep_corruption(store)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.port", str(port), "--server.headless", "true"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", *options],
        cwd=ROOT,
        env=os.environ | {"STEPSCOPE_STORE": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(address, process)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the server answers; fail when it ends or takes three minutes."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address + "/_stcore/health", timeout=30):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the dashboard did not start")


def settled(page) -> None:
    """Wait until the page's script has run."""
    from playwright.sync_api import expect

    state = expect(page.get_by_test_id("stApp"))
    state.to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)


def test_the_library_opens_and_leads_to_the_unmasking_page(server, page):
    page.goto(f"{server}/library")
    page.get_by_role("heading", name="Library").wait_for()
    page.get_by_text("3 of 3 runs.").wait_for()
    page.get_by_role("link", name="Unmasking").click()
    page.get_by_text("Step 5 of 5 reveals").wait_for()


def test_moving_the_slider_moves_the_url_and_the_sentence(server, page):
    page.goto(f"{server}/text_unmasking?step=2")
    page.get_by_text("Step 2 of 5 reveals").wait_for()
    page.get_by_role("slider").press("ArrowRight")
    page.get_by_text("Step 3 of 5 reveals").wait_for()
    page.wait_for_url("**step=3**")
    page.reload()
    page.get_by_text("Step 3 of 5 reveals").wait_for()


def test_play_walks_to_the_last_step_and_stops(server, page):
    page.goto(f"{server}/text_unmasking?step=2")
    page.get_by_text("Step 2 of 5 reveals").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("Step 5 of 5 reveals").wait_for()
    page.get_by_role("button", name="Play", exact=True).wait_for()
    page.wait_for_url("**step=5**")


def test_a_click_on_a_cell_shows_its_candidates(server, page):
    page.goto(f"{server}/text_unmasking?step=1&view=Heatmap")
    plot = page.locator(".js-plotly-plot").first
    plot.locator(".heatmaplayer image").wait_for(state="attached")
    settled(page)
    # the last drawn marker is the cell of step 5 and position 4
    cell = plot.locator(".scatterlayer .trace").nth(1).locator("path.point").last.bounding_box()
    page.mouse.move(cell["x"] + 4, cell["y"] + 4)
    page.mouse.click(cell["x"] + 4, cell["y"] + 4)
    page.get_by_text("The 16 best candidates for position 4 before step 5").wait_for()


def test_a_token_is_never_an_element(server, page):
    page.goto(f"{server}/text_unmasking?step=5")
    page.get_by_text("<b>sea</b>", exact=True).first.wait_for()
    assert page.locator("b", has_text="sea").count() == 0


def test_a_stale_link_says_so(server, page):
    page.goto(f"{server}/text_unmasking?run=0123456789ab")
    page.get_by_text("0123456789ab, is not in this store").wait_for()
