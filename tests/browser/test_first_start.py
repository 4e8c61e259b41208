"""What a newcomer does first: an empty store, the demo, a figure taken home, a run deleted."""

import re

from playwright.sync_api import expect

SLOW = 60_000


def settled(page):
    state = "data-test-script-state"
    expect(page.get_by_test_id("stApp")).to_have_attribute(state, "notRunning", timeout=SLOW)


def open_page(page, address):
    page.goto(address, timeout=SLOW)
    settled(page)


def test_from_an_empty_store_to_a_run_taken_home_and_one_deleted(server, page):
    open_page(page, server)
    expect(page.get_by_text("This store holds no runs yet.")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Make the demo runs").click()
    expect(page.get_by_text("steps are in the store")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("link", name="Take the tour")).to_be_visible(timeout=10 * SLOW)
    page.get_by_role("link", name="Browse all runs").click()
    counted = page.get_by_text(re.compile(r"\d+ of \d+ runs"))
    expect(counted).to_be_visible(timeout=SLOW)

    before = int(re.search(r"of (\d+) runs", counted.inner_text())[1])
    assert before > 5
    settled(page)
    page.locator('[class*="st-key-card-"] [data-testid="stCheckbox"] label').first.click()
    delete = page.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_enabled(timeout=SLOW)
    delete.click(timeout=SLOW)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Steps that other runs share stay")).to_be_visible(timeout=SLOW)
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text(f"{before - 1} of {before - 1} runs")).to_be_visible(timeout=SLOW)

    open_page(page, f"{server}/text_unmasking?step=5")
    page.get_by_role("button", name="Download").first.click()
    for label, least in (("HTML that can be hovered", 1_000_000), ("Data as CSV", 200)):
        with page.expect_download(timeout=SLOW) as download:
            page.get_by_role("button", name=label).first.click()
        assert download.value.path().stat().st_size > least

    open_page(page, f"{server}/image_denoising?step=10")
    expect(page.get_by_role("img", name="predicted x0").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("without a model call")).to_be_visible(timeout=SLOW)
    expect(page.locator("img").nth(2)).to_be_visible(timeout=SLOW)
