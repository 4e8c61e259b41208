"""Prompts and Compare in a real Chromium: a click on a pair, a slider that moves two runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from cache.store import Store
from tests.browser.conftest import serving
from tests.browser.test_guidance import SLOW, click
from tests.dashboard.conftest import SPEC, keep_text
from tests.dashboard.prompt_sets import keep_set


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """A dashboard on a set of three prompts, a whole text run and a partial one; their ids."""
    folder = tmp_path_factory.mktemp("pages")
    with Store.open(folder / "store") as store:
        kept = [keep_set(store), keep_text(store, SPEC, 6), keep_text(store, SPEC.but(seed=1), 4)]
    with serving(folder) as address:
        yield address, [run[:12] for run in kept]


def test_a_click_on_a_cell_shows_that_pair_and_a_reload_finds_it(runs, page):
    address, (prompts, *_) = runs
    page.set_viewport_size({"width": 1400, "height": 2000})
    page.goto(f"{address}/prompts?run={prompts}", timeout=SLOW)
    expect(page.get_by_text("never saw these words in training: cat, dog")).to_be_visible(
        timeout=SLOW
    )
    click(page, 0, 5)  # the second row's third
    page.wait_for_url(re.compile(r"pair=2(,|%2C)3"), timeout=SLOW)
    page.reload()
    columns = page.get_by_role("combobox", name=re.compile("Columns"))
    expect(columns).to_have_value("3  a calm sea", timeout=SLOW)


def test_one_slider_moves_both_runs_and_the_link(runs, page):
    address, (_, *texts) = runs
    page.goto(f"{address}/compare?runs={','.join(texts)}&step=2", timeout=SLOW)
    expect(page.get_by_text("step 2 of 5", exact=True)).to_be_visible(timeout=SLOW)
    page.get_by_role("slider", name="Step").press("ArrowRight")
    expect(page.get_by_text("step 3 of 5", exact=True)).to_be_visible(timeout=SLOW)
    page.wait_for_url(re.compile(r"step=3\b"), timeout=SLOW)
    page.get_by_text("by share of the way").click()
    page.wait_for_url(re.compile("sync=share"), timeout=SLOW)
    expect(page.get_by_text("60% of the way", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(re.compile("1 of 5 positions differ from"))).to_be_visible(timeout=SLOW)
