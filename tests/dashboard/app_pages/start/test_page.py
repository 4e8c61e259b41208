"""The first page: what it is, what plays, and the ways on; and the tour it begins."""

from dashboard.app_pages.start.data import a_text
from dashboard.data.glossary import GLOSSARY, TERMS_OF
from dashboard.ui.stores import the_shelf, the_store
from dashboard.ui.tour import SAID
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image, keep_text
from tests.dashboard.pages import open_page, player


def links(at):
    return {element.proto.label: element.proto.query_string for element in at.get("page_link")}


def test_an_empty_store_says_what_this_is_and_offers_the_demo(empty_store):
    at = open_page("start")
    assert not at.exception
    assert at.title[0].value == "See how diffusion samples"
    assert at.button(key="compute-demo")
    assert "**Take the tour**" not in links(at)


def test_a_link_from_when_the_library_was_here_opens_it(small_store):
    at = open_page("start", kind=["text", "image"], view="Table")
    assert not at.exception
    assert at.title[0].value == "Library"
    assert at.query_params["kind"] == ["text", "image"]


def test_a_sentence_and_a_picture_play_together(small_store):
    at = open_page("start")
    assert not at.exception
    shown = player(at)
    assert shown["plays"]
    assert [panel["kind"] for panel in shown["panels"]] == ["sentence", "pictures"]
    assert [panel["at"][-1] for panel in shown["panels"]] == [5, 4]
    assert {"**Make your own**", "**Sweep settings**", "**Take the tour**"} <= set(links(at))


def test_the_tour_leads_from_stop_to_stop(empty_store):
    keep_text(empty_store, SPEC, 6)
    for seed in (0, 1):
        keep_image(empty_store, spec=IMAGE_SPEC.but(seed=seed))
    at = open_page("start")
    query = links(at)["**Take the tour**"]
    seen = []
    for number in range(1, len(SAID) + 1):
        asked = dict(part.split("=") for part in query.split("&"))
        page = "image_denoising" if number == 4 else "compare" if number == 5 else "text_unmasking"
        for name in list(at.query_params):
            del at.query_params[name]
        for name, value in asked.items():
            at.query_params[name] = value.replace("%2C", ",")
        at.switch_page(f"app_pages/{page}/page.py").run()
        assert not at.exception
        seen += [m.value for m in at.markdown if m.value.startswith(f"{number} of ")]
        query = links(at).get("Next", "")
    assert len(seen) == len(SAID)
    assert query == ""


def test_a_stop_that_is_none_shows_nothing(small_store):
    for wrong in ("0", "99", "x"):
        at = open_page("text_unmasking", tour=wrong)
        assert not at.exception
        assert not any(f" of {len(SAID)}. " in m.value for m in at.markdown)


def test_every_word_of_a_page_is_in_the_glossary():
    assert {word for words in TERMS_OF.values() for word in words} <= set(GLOSSARY)


def test_a_run_of_another_way_is_shown_only_where_no_other_is(empty_store):
    store, shelf = the_store(), the_shelf()
    odd = keep_text(empty_store, SPEC.but(rule="threshold", threshold=0.5), 6)
    assert a_text(store, shelf).run == odd
    usual = keep_text(empty_store, SPEC, 6)
    keep_text(empty_store, SPEC.but(rule="threshold", threshold=0.6), 6)
    assert a_text(store, shelf).run == usual


def test_a_run_of_all_its_steps_is_shown_before_a_newer_one_of_fewer(empty_store):
    store, shelf = the_store(), the_shelf()
    every_step = keep_text(empty_store, SPEC.but(steps=5), 6)
    keep_text(empty_store, SPEC.but(steps=24), 6)
    assert a_text(store, shelf).run == every_step


def test_a_link_to_a_moment_stays_there(small_store):
    at = open_page("start", step="2")
    assert not at.exception
    assert not player(at)["plays"]
    assert player(at)["step"] == 2
