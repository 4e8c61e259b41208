"""Guidance in a real Chromium: clicks on a point and a picture, the sheet and the page at home."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

from cache.store import Store
from dashboard.data import render
from tests.browser.conftest import serving
from tests.browser.test_capsule import download
from tests.dashboard.comparisons import SIDE, embed_everything, keep_guidance

SLOW = 60_000


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict]]:
    """A dashboard on three scales and four seeds with their embeddings; (scale, seed) to run."""
    folder = tmp_path_factory.mktemp("guidance")
    with Store.open(folder / "store") as store:
        run_of = keep_guidance(store)
        embed_everything(store, run_of)
    with serving(folder) as address:
        yield address, run_of


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
    address, run_of = runs
    page.set_viewport_size({"width": 1400, "height": 2000})
    page.goto(f"{address}/image_guidance", timeout=SLOW)
    click(page, 1, 2)
    page.wait_for_url(re.compile(r"scale=15\b"), timeout=SLOW)
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=SLOW)
    click(page, 0, 6)  # the second row's third: guidance 5, seed 2
    page.wait_for_url(re.compile("picture=" + run_of[5.0, 2][:12]), timeout=SLOW)
    expect(page.get_by_text(f"run {run_of[5.0, 2][:12]}")).to_be_visible(timeout=SLOW)
    page.reload()
    expect(page.get_by_text(f"run {run_of[5.0, 2][:12]}")).to_be_visible(timeout=SLOW)
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


def test_the_page_is_taken_home_as_one_zip_that_opens_offline(runs, page, browser, tmp_path):
    address, run_of = runs
    page.goto(f"{address}/image_guidance?scale=5", timeout=SLOW)
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=SLOW)
    page.get_by_role("button", name="Export all of this page").click()
    with zipfile.ZipFile(io.BytesIO(download(page, "Download the zip"))) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    figures = {"guidance-sheet", "guidance-frontier", "guidance-big"}
    assert {path.stem for path in tmp_path.glob("*.html")} == figures | {"index"}

    readme = (tmp_path / "README.md").read_text()
    for said in (f"{address}/image_guidance?", "scale=5", *figures, *run_of.values()):
        assert said in readme
    specs = json.loads((tmp_path / "runs.json").read_text())
    assert {each["run"] for each in specs} == set(run_of.values())

    sheet = pd.read_csv(tmp_path / "guidance-sheet.csv")
    assert run_of == {(row.guidance, row.seed): row.run for row in sheet.itertuples()}
    measured = pd.read_csv(tmp_path / "guidance-frontier.csv")
    scored = measured[measured["measure"] == "clip_score"]
    assert sorted(scored["guidance"]) == sorted({scale for scale, _ in run_of})

    for name in figures if render.browser() else ():
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert min(picture.size) > 200
    alone = browser.new_context(offline=True).new_page()
    alone.goto((tmp_path / "guidance-sheet.html").as_uri())
    expect(alone.locator(".js-plotly-plot .imagelayer image")).to_have_count(len(run_of))
    alone.context.close()
