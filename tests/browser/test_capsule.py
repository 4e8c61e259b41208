"""A run leaves one store and opens in another; a page leaves as one zip."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from cache.store import Store
from dashboard.data import render
from tests.browser.conftest import serving
from tests.browser.test_first_start import settled
from tests.dashboard.conftest import SPEC, keep_image, keep_text


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> tuple[Path, str, str]:
    """A folder with a store, and the text run and the picture in it."""
    folder = tmp_path_factory.mktemp("full")
    with Store.open(folder / "store") as store:
        return folder, keep_text(store, SPEC, 6), keep_image(store)


def download(page, name: str) -> bytes:
    """What a button gives, once the page has been drawn: its old buttons go with every run."""
    page.get_by_role("button", name=name, exact=True).first.wait_for()
    settled(page)
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name=name, exact=True).first.click()
    return Path(waiting.value.path()).read_bytes()


def test_a_run_travels_and_opens_by_its_link(full, tmp_path, page):
    folder, run, _ = full
    with serving(folder) as address:
        page.goto(f"{address}/text_unmasking?run={run[:12]}&step=3")
        page.get_by_text("Step 3 of 5 reveals").wait_for()
        page.get_by_text("About this run").click()
        capsule = download(page, "Capsule")
    file = tmp_path / "capsule.zip"
    with serving(tmp_path) as address:
        page.goto(f"{address}/library")
        page.get_by_role("button", name="Import a capsule").click()
        file.write_bytes(capsule[:-1])
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_text("This capsule was refused, and nothing of it was imported.").wait_for()
        file.write_bytes(capsule)
        # through the dialog: an input that has a file of this name already hears of no change
        with page.expect_file_chooser() as chooser:
            page.get_by_test_id("stFileUploader").get_by_role("button", name="add").click()
        chooser.value.set_files(file)
        # where it was dropped, and to stay: not in a toast, whose script may come too late
        page.get_by_text("1 run new, 0 already here.").wait_for()
        page.get_by_text("1 of 1 runs.").wait_for()
        assert page.get_by_text("1 run new, 0 already here.").is_visible()
        page.goto(f"{address}/text_unmasking?run={run[:12]}&step=3")
        page.get_by_text("Step 3 of 5 reveals").wait_for()
        assert page.get_by_text("is not in this store").count() == 0


def test_a_page_is_one_zip_and_a_run_its_frames(full, page):
    folder, _, run = full
    with serving(folder) as address:
        page.goto(f"{address}/image_denoising?run={run[:12]}&step=2")
        page.get_by_role("button", name="Export all of this page").click()
        with zipfile.ZipFile(io.BytesIO(download(page, "Download the zip"))) as archive:
            assert archive.testzip() is None
            names = set(archive.namelist())
            readme = archive.read("README.md").decode()
            html = archive.read("filmstrip.html").decode()
            if render.browser() is not None:
                assert archive.read("filmstrip.png").startswith(b"\x89PNG")
                assert archive.read("alpha-bar.svg").startswith(b"<svg")
        assert {"filmstrip.csv", "alpha-bar.html", "runs.json", "plotly.min.js"} <= names
        for said in (f"{address}/image_denoising?", f"run={run[:12]}", "step=2", run):
            assert said in readme
        assert 'src="plotly.min.js"' in html
        page.keyboard.press("Escape")
        page.get_by_test_id("stPopoverBody").wait_for(state="detached")
        page.get_by_text("About this run").click()
        with zipfile.ZipFile(io.BytesIO(download(page, "Frames as PNG"))) as archive:
            assert "predicted-x0/step-004.png" in archive.namelist()
        assert download(page, "Animated WebP")[8:12] == b"WEBP"
