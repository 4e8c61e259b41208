"""The player in a real browser: no key is lost, nothing is asked while a hand moves."""

import re
import time

import pytest
from playwright.sync_api import expect

from cache.store import Store
from tests.browser.conftest import serving
from tests.browser.test_unmasking import settled
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image, keep_text


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a dashboard on two seeds of a text and two of a picture."""
    folder = tmp_path_factory.mktemp("browser")
    with Store.open(folder / "store") as store:
        runs = [keep_text(store, SPEC.but(seed=seed), 6) for seed in (0, 1)]
        pictures = [keep_image(store, spec=IMAGE_SPEC.but(seed=seed)) for seed in (7, 8)]
    with serving(folder) as address:
        yield address, runs, pictures


def at_step(page, step, last):
    return page.get_by_text(f"step {step} of {last}", exact=True)


def opened(page, address):
    page.goto(address)
    page.get_by_role("slider", name="Step").first.wait_for()
    settled(page)
    return page


def test_twenty_presses_in_two_seconds_are_twenty_steps(server, page):
    address, runs, _ = server
    opened(page, f"{address}/text_unmasking?run={runs[0][:12]}&step=0")
    at_step(page, 0, 5).wait_for()
    there_and_back = ["ArrowRight"] * 5 + ["ArrowLeft"] * 5
    began = time.monotonic()
    for key in there_and_back + there_and_back[:8] + ["ArrowRight"] * 2:
        page.keyboard.press(key)
        page.wait_for_timeout(60)
    assert time.monotonic() - began < 20  # twenty presses; two seconds on a machine at rest
    # 5 forth, 5 back, 5 forth, 3 back, 2 forth
    expect(at_step(page, 4, 5)).to_be_visible()
    page.wait_for_url(re.compile("step=4"))


def test_home_end_space_and_the_link_in_another_browser(server, page, browser):
    address, runs, _ = server
    opened(page, f"{address}/text_unmasking?run={runs[0][:12]}&step=3")
    page.keyboard.press("Home")
    expect(at_step(page, 0, 5)).to_be_visible()
    page.keyboard.press("End")
    expect(at_step(page, 5, 5)).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile("step=4"))
    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(at_step(other, 4, 5)).to_be_visible()
    other.context.close()
    page.keyboard.press("Space")
    expect(at_step(page, 5, 5)).to_be_visible()


def test_nothing_is_sent_while_the_hand_moves(server, page):
    address, runs, _ = server
    sent = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: sent.append(frame)))
    opened(page, f"{address}/text_unmasking?run={runs[0][:12]}&step=0")
    at_step(page, 0, 5).wait_for()
    before = len(sent)
    page.evaluate("""() => {
      for (let i = 0; i < 5; i++) {
        window.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
      }
    }""")
    assert len(sent) == before
    expect(at_step(page, 5, 5)).to_be_visible()
    page.wait_for_url(re.compile("step=5"))
    assert len(sent) == before + 1  # one message, of where the hand came to rest


def test_a_word_that_is_clicked_shows_its_candidates_and_marks_its_column(server, page):
    address, runs, _ = server
    ids = ",".join(run[:12] for run in runs)
    opened(page, f"{address}/compare?runs={ids}&step=5")
    words = page.locator(".row .word[data-position='2']")
    expect(words).to_have_count(2)
    words.first.hover()
    expect(words.last).to_have_class(re.compile("marked"))
    opened(page, f"{address}/text_unmasking?run={runs[0][:12]}&step=5")
    page.locator(".row .word[data-position='4']").click()
    page.get_by_text("best candidates for position 4").wait_for()
    page.wait_for_url(re.compile("word=4"))


def test_two_pictures_are_wiped_and_the_link_says_so(server, page):
    address, _, pictures = server
    ids = ",".join(run[:12] for run in pictures)
    opened(page, f"{address}/compare?runs={ids}&step=2")
    page.get_by_label("How pictures are compared").select_option("wipe")
    page.get_by_text("Left seed 7, right seed 8: drag the line.").wait_for()
    page.wait_for_url(re.compile("look=.*wipe"))
    box = page.locator("figure canvas").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.8, box["y"] + 20)
    page.wait_for_url(re.compile("look=.*wipe~0~1~80"))
    page.reload()
    page.get_by_text("Left seed 7, right seed 8: drag the line.").wait_for()
    page.get_by_label("How pictures are compared").select_option("blink")
    page.get_by_text("Now seed 7.").wait_for()
    page.locator("figcaption").first.click()
    page.keyboard.press("b")
    page.get_by_text("Now seed 8.").wait_for()
    page.get_by_label("How pictures are compared").select_option("difference")
    page.get_by_text("black is none").wait_for()


def test_the_file_plays_from_disk_without_a_network(server, page, browser, tmp_path):
    address, _, pictures = server
    ids = ",".join(run[:12] for run in pictures)
    opened(page, f"{address}/compare?runs={ids}&step=2")
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="HTML file that plays").click()
    file = tmp_path / "plays.html"
    downloaded.value.save_as(file)
    context = browser.new_context(offline=True)
    alone, said = context.new_page(), []
    alone.on("console", lambda message: said.append(message.text))
    alone.on("pageerror", lambda error: said.append(str(error)))
    alone.on("request", lambda request: said.append(request.url))
    alone.goto(file.as_uri())
    expect(at_step(alone, 2, 4)).to_be_visible()
    alone.keyboard.press("ArrowRight")
    expect(at_step(alone, 3, 4)).to_be_visible()
    expect(alone.get_by_text("step 3 · linear preview").first).to_be_visible()
    drawn = "canvas => canvas.getContext('2d').getImageData(9, 9, 1, 1).data[3]"
    alone.wait_for_function(f"() => ({drawn})(document.querySelector('figure canvas')) > 0")
    context.close()
    assert [each for each in said if not each.startswith(("file:", "data:", "blob:"))] == []


def test_a_click_on_a_curve_goes_to_its_step(server, page):
    address, runs, _ = server
    opened(page, f"{address}/text_unmasking?run={runs[0][:12]}&step=5&view=Entropy")
    points = page.locator(".js-plotly-plot .scatterlayer path.point")
    points.first.wait_for(state="attached")
    settled(page)
    points.nth(1).scroll_into_view_if_needed()
    box = points.nth(1).bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile("step=2"))
    expect(at_step(page, 2, 5)).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(at_step(page, 3, 5)).to_be_visible()
    page.wait_for_url(re.compile("step=3"))
