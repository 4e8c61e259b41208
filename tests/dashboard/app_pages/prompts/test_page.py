"""The Prompts page on an empty store, stored sets, pictures, and stale links."""

import json
from functools import partial

import pytest

from dashboard.ui.page_record import NOTED
from engine.image import stored as image_stored
from engine.requests.demo import PROMPTS
from tests.dashboard import pages
from tests.dashboard.prompt_sets import (
    CAT,
    DOG,
    SEA,
    finished_run,
    keep_set,
    kept_picture,
    remember_text,
)

open_page = partial(pages.open_page, "prompts")


def said(at):
    kinds = (at.warning, at.info, at.error, at.caption, at.markdown, at.text)
    return " ".join(element.value for kind in kinds for element in kind)


def figures(at):
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def compute_button(at):
    return next(button for button in at.button if button.key == "compute-prompts")


def test_an_empty_store_has_four_prompts_to_embed(cluster):
    at = open_page()
    assert not at.exception
    assert at.text_area(key="prompts-text").value == "\n".join(PROMPTS)
    assert not figures(at)
    assert compute_button(at).label == "Embed 4 prompts"
    compute_button(at).click().run()
    (job,) = cluster.book.all()
    assert job.specs[0]["texts"] == list(PROMPTS)


def test_a_link_opens_its_set_and_says_which_clip_and_what_it_never_saw(cluster, empty_store):
    run = keep_set(empty_store)
    at = open_page(run=run[:12], pair="2,3")
    assert not at.exception
    assert not at.warning
    assert at.text_area(key="prompts-text").value == f"{CAT}\n{DOG}\n{SEA}"
    words = said(at)
    assert "Measured by builtin-clip." in words
    assert "builtin-clip never saw these words in training: cat, dog" in words
    assert "it can hardly tell prompts 1 and 2 (0.995) apart" in words
    assert at.selectbox(key="prompts-first").value == 1
    similarity, tokens = figures(at)
    assert len(similarity["layout"]["annotations"]) == 9
    assert "⟨start⟩" in tokens["layout"]["xaxis"]["ticktext"]
    assert "compute-prompts" not in [button.key for button in at.button]


def test_a_stored_set_can_be_opened(cluster, empty_store):
    run = keep_set(empty_store, texts=(DOG, SEA))
    at = open_page()
    at.selectbox(key="prompts-set").set_value(run).run()
    assert not at.exception
    assert at.text_area(key="prompts-text").value == f"{DOG}\n{SEA}"
    assert at.query_params["run"] in (run[:12], [run[:12]])
    assert len(figures(at)) == 2


def test_an_edit_shows_what_is_known_and_offers_the_rest(cluster, empty_store):
    remember_text(empty_store, CAT)
    remember_text(empty_store, SEA)
    run = keep_set(empty_store)
    at = open_page(run=run[:12])
    at.text_area(key="prompts-text").set_value(f"{CAT}\n{SEA}\na new one").run()
    assert not at.exception
    assert "2 of 3 are embedded already and shown below." in said(at)
    assert compute_button(at).label == "Embed 1 prompt"
    assert "run" not in at.query_params
    assert len(figures(at)[0]["layout"]["annotations"]) == 4
    at.text_area(key="prompts-text").set_value(f"{CAT}\n{SEA}").run()
    assert compute_button(at).label == "Keep this set, so that a link opens it"


def test_pictures_stand_beside_prompts(cluster, small_store):
    digest = image_stored.keep_result(small_store, finished_run(small_store))
    other = kept_picture(small_store)
    run = keep_set(small_store, pictures=[digest, other])
    at = open_page(run=run[:12], fit="share")
    assert not at.exception
    assert at.multiselect(key="prompts-pictures").value == [digest, other]
    *_, fit = figures(at)
    assert len(fit["layout"]["images"]) == 2
    assert "a <b>calm</b> sea" in " ".join(text.value for text in at.text)
    assert "each picture's shares add up to 1" in said(at)
    shares = [note["text"] for note in fit["layout"]["annotations"]]
    assert shares == ["0.00", "0.00", "0.00", "0.00", "1.00", "1.00"]


def test_runs_that_are_only_offered_are_not_shown(cluster, small_store):
    made = finished_run(small_store)
    digest = image_stored.keep_result(small_store, made)
    without, beside = keep_set(small_store), keep_set(small_store, pictures=[digest])
    assert open_page(run=without[:12]).session_state[NOTED] == [without]
    assert set(open_page(run=beside[:12]).session_state[NOTED]) == {made, beside}


def test_a_picture_that_is_not_here_is_left_out_and_that_is_said(cluster, empty_store):
    run = keep_set(empty_store, pictures=["ab" * 32])
    at = open_page(run=run[:12])
    assert not at.exception
    assert "1 of 1 pictures are not in this store" in said(at)
    assert "Embed 3" in compute_button(at).label


@pytest.mark.parametrize("link", ["0123456789ab", "not-hex", "<b>x"])
def test_a_stale_link_says_so_and_shows_the_form(cluster, link):
    at = open_page(run=link)
    assert not at.exception
    assert "is not in this store" in at.warning[0].value
    assert at.text_area(key="prompts-text").value == "\n".join(PROMPTS)


def test_a_link_to_a_run_of_another_kind_says_so(cluster, small_store):
    at = open_page(run=finished_run(small_store)[:12])
    assert not at.exception
    assert "is of kind image, not embed" in at.warning[0].value


@pytest.mark.parametrize("pair", ["x", "1", "1,2,3", "²,1", "0,1", "9,9"])
def test_a_bad_pair_in_a_link_is_named(cluster, empty_store, pair):
    at = open_page(run=keep_set(empty_store)[:12], pair=pair)
    assert not at.exception
    assert "pair" in at.warning[0].value
    assert len(figures(at)) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "texts and pictures must be 1 to 1024 together, got 0"),
        ("a" * 4001, "texts must be at most 4000 characters, got 4001"),
        ("\n".join(map(str, range(1025))), "must be 1 to 1024 together, got 1025"),
    ],
)
def test_what_is_out_of_bounds_is_named_in_place(cluster, text, message):
    at = open_page()
    at.text_area(key="prompts-text").set_value(text).run()
    assert not at.exception
    assert at.error[0].value == "These prompts cannot be embedded."
    assert message in said(at)


def test_one_prompt_asks_for_a_second(cluster, empty_store):
    at = open_page(run=keep_set(empty_store, texts=("a <i>sea</i>",))[:12])
    assert not at.exception
    assert "write a second one" in said(at)
    assert not figures(at)
