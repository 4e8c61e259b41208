"""What a hand points at is marked in the sentence and in the figures; a box chooses the strip."""

from playwright.sync_api import expect

from tests.browser.test_player import opened

FAINT = """() => [...document.querySelectorAll('.js-plotly-plot .scatterlayer .trace')]
    .filter(node => node.style.opacity === '0.15').length"""


def test_a_word_fades_the_lines_of_the_others(two_runs, page):
    address, run, _ = two_runs
    opened(page, f"{address}/text_unmasking?run={run[:12]}&step=5")
    page.locator(".js-plotly-plot .scatterlayer .trace").nth(1).wait_for(state="attached")
    assert page.evaluate(FAINT) == 0
    page.locator(".row .word").nth(2).hover()
    page.wait_for_function(f"({FAINT})() > 1")
    page.get_by_role("heading", name="Unmasking").hover()
    page.wait_for_function(f"({FAINT})() === 0")


def test_a_cell_marks_its_word_and_a_word_its_row(two_runs, page):
    address, run, _ = two_runs
    opened(page, f"{address}/text_unmasking?run={run[:12]}&step=5&view=Heatmap")
    plot = page.locator(".js-plotly-plot").first
    plot.scroll_into_view_if_needed()
    word = page.locator(".row .word").nth(3)
    word.hover()
    band = page.locator(".pointed-band")
    expect(band).to_have_count(1)
    box = band.bounding_box()
    page.get_by_role("heading", name="Unmasking").hover()
    expect(band).to_have_count(0)
    # the row that was marked: a hand on it marks the word
    at = plot.locator(".nsewdrag").bounding_box()
    page.mouse.move(at["x"] + 12, box["y"] + box["height"] / 2)
    page.mouse.move(at["x"] + 16, box["y"] + box["height"] / 2)
    expect(word).to_have_class("word marked")


def test_a_click_on_the_trajectory_goes_to_its_step(two_runs, page):
    address, _, picture = two_runs
    opened(page, f"{address}/image_denoising?run={picture[:12]}&step=4")
    plot = page.locator(".st-key-figure-latent-trajectory .js-plotly-plot")
    plot.scroll_into_view_if_needed()
    x, y = plot.evaluate("""(plot) => {
      const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
      const { x, y } = plot.calcdata[0][1];
      return [box.left + xaxis._offset + xaxis.c2p(x), box.top + yaxis._offset + yaxis.c2p(y)];
    }""")
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.locator(".hoverlayer .hovertext").wait_for(state="attached")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("output")).to_have_text("step 1 of 4")
    page.wait_for_url("**step=1**")


def test_a_box_over_the_trajectory_chooses_the_steps_of_the_strip(two_runs, page):
    address, _, picture = two_runs
    opened(page, f"{address}/image_denoising?run={picture[:12]}&step=4")
    frames = page.locator(".strip .frame")
    expect(frames).to_have_count(5)
    drag = page.locator(".st-key-figure-latent-trajectory .nsewdrag").first
    drag.scroll_into_view_if_needed()
    box = drag.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.4 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], middle, steps=4)
    page.mouse.move(box["x"] + box["width"] - 2, middle, steps=4)
    page.mouse.up()
    page.wait_for_url("**span=2-4**")
    expect(frames).to_have_count(3)
    page.get_by_role("button", name="All steps", exact=True).click()
    expect(frames).to_have_count(5)
