"""Guidance in a real Chromium: a click on a point, one on a picture, the sheet taken home."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

from cache.store import Store
from tests.browser.conftest import serving
from tests.dashboard.comparisons import SIDE, embed_everything, keep_guidance

SLOW = 60_000


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict]]:
    """A dashboard on three scales and four seeds with their embeddings; (scale, seed) to run."""
    folder = tmp_path_factory.mktemp("guidance")
    with Store.open(folder / "store") as store:
        found = keep_guidance(store)
        embed_everything(store, found)
    with serving(folder) as address:
        yield address, found


def click(page, plot, point):
    """Click the middle of a figure's point; both by their place on the page."""
    marks = page.locator(".js-plotly-plot").nth(plot).locator(".scatterlayer path.point")
    marks.nth(point).wait_for(state="attached", timeout=SLOW)
    state = "data-test-script-state"
    expect(page.get_by_test_id("stApp")).to_have_attribute(state, "notRunning", timeout=SLOW)
    marks.nth(point).scroll_into_view_if_needed()
    box = marks.nth(point).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    page.mouse.click(x, y)


def test_a_point_shows_its_pictures_and_a_picture_its_run(runs, page):
    address, found = runs
    page.set_viewport_size({"width": 1400, "height": 2000})
    page.goto(f"{address}/image_guidance", timeout=SLOW)
    click(page, 1, 2)
    page.wait_for_url(re.compile(r"scale=15\b"), timeout=SLOW)
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=SLOW)
    click(page, 0, 6)  # the second row's third: guidance 5, seed 2
    page.wait_for_url(re.compile("picture=" + found[5.0, 2][:12]), timeout=SLOW)
    expect(page.get_by_text(f"run {found[5.0, 2][:12]}")).to_be_visible(timeout=SLOW)
    page.reload()
    expect(page.get_by_text(f"run {found[5.0, 2][:12]}")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Open every step of it").click()
    expect(page.get_by_role("heading", name="Denoising")).to_be_visible(timeout=SLOW)


def test_the_whole_sheet_is_taken_home(runs, page):
    page.goto(f"{runs[0]}/image_guidance", timeout=SLOW)
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name="Whole contact sheet as PNG").click(timeout=SLOW)
    with Image.open(download.value.path()) as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > 4 * SIDE
        assert sheet.height > 3 * SIDE


def test_the_page_is_taken_home_as_one_zip(runs, page):
    address, found = runs
    page.goto(f"{address}/image_guidance?scale=5", timeout=SLOW)
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=SLOW)
    state = "data-test-script-state"
    expect(page.get_by_test_id("stApp")).to_have_attribute(state, "notRunning", timeout=SLOW)
    page.get_by_role("button", name="Export all of this page").click()
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name="Download the zip").click(timeout=SLOW)
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        assert {"guidance-sheet.html", "guidance-frontier.html", "guidance-big.html"} <= names
        readme = archive.read("README.md").decode()
        table = pd.read_csv(io.BytesIO(archive.read("guidance-frontier.csv")))
    assert f"{address}/image_guidance?" in readme
    assert "scale=5" in readme
    assert all(run in readme for run in found.values())
    assert sorted(set(table["guidance"])) == sorted({scale for scale, _ in found})
