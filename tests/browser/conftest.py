"""A real server on a store of its own, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cache.store import Store
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image, keep_text

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in BROWSERS if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium here: install chromium"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard on an empty store."""
    with serving(tmp_path_factory.mktemp("browser")) as address:
        yield address


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """The address of a dashboard on a store with a text and a picture, and the ids of both."""
    folder = tmp_path_factory.mktemp("browser")
    with Store.open(folder / "store") as store:
        run, picture = keep_text(store, SPEC, 6), keep_image(store, spec=IMAGE_SPEC)
    with serving(folder) as address:
        yield address, run, picture


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a dashboard on the store in a folder's ``store``; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"STEPSCOPE_STORE": str(folder / "store"), "HOME": str(folder)}
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    options = ["--server.port", str(port), "--server.headless", "true"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *options], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 180
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=30):
                break
        except OSError:
            time.sleep(0.2)
    try:
        yield address
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)  # a fact is waited for as long as a busy machine takes
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def profile(browser) -> Iterator[object]:
    """What the pages of a file share: the cached scripts of the dashboard, some megabytes."""
    opened = browser.new_context(viewport={"width": 1400, "height": 1200}, reduced_motion="reduce")
    yield opened
    opened.close()


@pytest.fixture
def page(profile) -> Iterator[object]:
    """A page that notes every request; none may leave this machine."""
    opened = profile.new_page()
    opened.set_default_timeout(60_000)
    strangers: list[str] = []

    def note(request) -> None:
        address = urlsplit(request.url)
        local = address.hostname in ("127.0.0.1", "localhost")
        if not local and address.scheme not in ("data", "blob"):
            strangers.append(request.url)

    opened.on("request", note)
    yield opened
    opened.close()
    assert strangers == []
