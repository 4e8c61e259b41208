"""From the form to a run, on a real worker: live progress, a reload on the way, cancelling."""

import re

from playwright.sync_api import expect

from tests.browser.test_first_start import SLOW, open_page, settled

LOADING = 4 * SLOW  # a worker imports torch before its first step


def type_into(page, field, value):
    field.fill(value)
    field.press("Enter")
    settled(page)


def test_from_the_form_to_a_run_on_its_page(server, page):
    open_page(page, server)
    page.get_by_role("link", name="New run").click()
    expect(page.get_by_role("heading", name="New run")).to_be_visible(timeout=SLOW)
    settled(page)
    seeds = page.get_by_role("textbox", name="Seeds")
    type_into(page, seeds, "0:999")
    expect(page.get_by_text("runs must be 1 to 256 from one form, got 999")).to_be_visible(
        timeout=SLOW
    )
    type_into(page, seeds, "7")
    plan = page.get_by_text("1 run: 0 steps cached, 0 shared with other runs, 12 new")
    expect(plan).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text(re.compile(r"\d+ of 12 steps are in the store"))).to_be_visible(
        timeout=SLOW
    )
    assert "job=" in page.url
    done = page.get_by_text("All of it is in the store: 1 run of 12 steps.")
    expect(done).to_be_visible(timeout=LOADING)
    page.get_by_role("link", name="Open in Unmasking").click()
    expect(page.get_by_role("heading", name="Unmasking")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Step 12 of 12 reveals")).to_be_visible(timeout=SLOW)
    fork_after(page, step=10)


def fork_after(page, *, step):
    """Go on from the Unmasking page to a fork at a step, and to the family of both."""
    slider = page.get_by_role("slider").first
    for at in range(11, step - 1, -1):
        slider.press("ArrowLeft")
        expect(page.get_by_text(f"Step {at} of 12 reveals")).to_be_visible(timeout=SLOW)
    settled(page)
    page.get_by_role("link", name=f"Fork at step {step}").click()
    expect(page.get_by_role("heading", name="Fork", exact=True)).to_be_visible(timeout=SLOW)
    assert f"at={step}" in page.url
    settled(page)
    type_into(page, page.get_by_label("Temperature (0.01 to 10)"), "3")
    shared = f"1 run: 0 steps cached, {step} shared with other runs, {12 - step} new"
    expect(page.get_by_text(shared)).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Fork here").click()
    # both futures at once, at the first step in which they differ
    expect(page.get_by_text("that the fork did not write itself, came out other")).to_be_visible(
        timeout=LOADING
    )
    expect(page.get_by_text(f"after step {step}: temperature 3").first).to_be_visible()
    expect(page.get_by_text("Both are shown.")).to_be_visible()
    expect(page.locator(".row .name")).to_have_count(2)
    assert f"step={step + 1}" in page.url


def test_a_job_is_watched_found_again_after_a_reload_and_cancelled(server, page):
    open_page(page, f"{server}/new_run?kind=text")
    for label, value in (("Tokens (1 to 62)", "60"), ("Steps (1 to 200)", "60")):
        type_into(page, page.locator(f'input[aria-label="{label}"]'), value)
    type_into(page, page.get_by_role("textbox", name="Seeds"), "0:200")
    page.get_by_text("More settings").click()
    page.get_by_text("Exact: one seed at a time").click()
    settled(page)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text(re.compile(r"^step \d+ of 60: seed \d+"))).not_to_have_count(
        0, timeout=LOADING
    )
    before = far(page)
    page.reload()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("textbox", name="Seeds")).to_have_value("0:200")
    page.wait_for_function(
        f"() => (document.body.innerText.match(/(\\d+) of 12000 steps/) || [0, 0])[1] > {before}",
        timeout=SLOW,
    )
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("This was cancelled; the steps it had made are kept.")).to_be_visible(
        timeout=SLOW
    )
    expect(page.get_by_role("button", name="Go on with it")).to_be_visible()
    expect(page.get_by_text(re.compile(r"200 runs: [1-9]\d* steps cached"))).to_be_visible()
    open_page(page, f"{server}/jobs")
    expect(page.get_by_text("No job waits or is at work.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()


def far(page):
    line = page.get_by_text(re.compile(r"^\d+ of 12000 steps are in the store$")).first
    return int(line.inner_text().split()[0])
