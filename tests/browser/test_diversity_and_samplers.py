"""From a point to what is behind it: the texts of a temperature, the picture of a sampler."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from cache.store import Store
from tests.browser.conftest import serving
from tests.dashboard.conftest import SPEC, keep_text
from tests.dashboard.sampler_runs import keep_comparison

SLOW = 60_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard on a grid of texts and a comparison of samplers."""
    folder = tmp_path_factory.mktemp("browser")
    with Store.open(folder / "store") as store:
        for heat in (0.5, 2.0):
            for seed in range(3):
                keep_text(store, SPEC.but(temperature=heat, seed=seed), 6)
        keep_comparison(store)
    with serving(folder) as address:
        yield address


def test_a_click_on_a_temperature_shows_its_texts_and_a_link_shows_them_again(server, page):
    page.goto(f"{server}/text_diversity")
    page.get_by_text("2 of 2 cells, 3 texts each").wait_for(timeout=SLOW)
    click_point(page, 1)
    page.wait_for_function("location.search.includes('cell=2')", timeout=SLOW)
    page.get_by_text("Choose a row to open its steps").wait_for(timeout=SLOW)
    assert query(page)["cell"] == ["2, top-k 5"]
    page.goto(page.url)
    page.get_by_text("Choose a row to open its steps").wait_for(timeout=SLOW)


def test_a_click_on_a_sampler_shows_its_picture(server, page):
    page.goto(f"{server}/samplers?view=Convergence")
    page.get_by_text("The reference is ddim with 100 steps").wait_for(timeout=SLOW)
    click_point(page, 0)
    page.get_by_role("button", name="Open every step of it").wait_for(timeout=SLOW)
    picture = query(page)["picture"][0]
    assert len(picture) == 12
    page.get_by_role("button", name="Open every step of it").click()
    page.wait_for_url(f"**/image_denoising?run={picture}*", timeout=SLOW)
    page.go_back()  # to what was looked at
    page.wait_for_url("**/samplers?*", timeout=SLOW)
    page.get_by_role("button", name="Close").wait_for(timeout=SLOW)
    assert query(page)["picture"] == [picture]
    page.get_by_role("button", name="Close").click()
    page.wait_for_function("!location.search.includes('picture')", timeout=SLOW)


def click_point(page, which: int) -> None:
    """A click on a marker of the first figure."""
    point = page.locator(".js-plotly-plot").first.locator(".scatterlayer .point").nth(which)
    point.wait_for(timeout=SLOW)
    # Plotly hears the mouse on the layer above its points
    box = point.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(300)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def query(page) -> dict[str, list[str]]:
    """What the page's address asks for."""
    return parse_qs(urlsplit(page.url).query)
