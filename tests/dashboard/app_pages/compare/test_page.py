"""The Compare page on an empty store, small runs of every kind, and stale links."""

import json
from functools import partial

import pytest

from engine.chain import manifests
from engine.image import stored as image_stored
from engine.image.keys import image_chain
from engine.text.keys import text_chain
from engine.text.spec import CorruptionSpec
from tests.dashboard import pages
from tests.dashboard.conftest import (
    FINGERPRINT,
    IMAGE_SPEC,
    SPEC,
    _manifest,
    image_steps,
    keep_text,
)
from tests.dashboard.pages import player

FIRST, SECOND, PARTIAL = (
    text_chain(SPEC.but(seed=seed), FINGERPRINT).run[:12] for seed in (0, 1, 2)
)


open_page = partial(pages.open_page, "compare")


def said(at):
    kinds = (at.warning, at.info, at.error, at.caption, at.markdown, at.text)
    return " ".join(element.value for kind in kinds for element in kind)


def figures(at):
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def keep_image(store, seed):
    spec = IMAGE_SPEC.but(seed=seed)
    chain = image_chain(spec, FINGERPRINT)
    for key, step in zip(chain.step_keys, image_steps(), strict=True):
        store.put(key, image_stored.image_payload(step, provenance={"layout": f"seed {seed}"}))
    manifests.put(store, _manifest(spec.facts(), chain))
    return chain.run[:12]


def test_an_empty_store_offers_a_way_on(empty_store):
    at = open_page()
    assert not at.exception
    assert at.button(key="compute-demo")


def test_two_newest_runs_are_compared_without_a_link(small_store):
    at = open_page()
    assert not at.exception
    assert not at.error
    assert len(at.multiselect(key="compared-text").value) == 2
    assert len(at.query_params["runs"][0].split(",")) == 2 or "," in at.query_params["runs"]


def test_a_link_opens_its_runs_at_its_step(small_store):
    at = open_page(runs=f"{FIRST},{SECOND}", step="3")
    assert not at.exception
    assert not at.warning
    assert player(at)["step"] == 3
    assert [panel["label"] for panel in player(at)["panels"]] == ["seed 0", "seed 1"]
    assert "They share the start (the same key) and no step after it." in said(at)
    leaves, table = (each.value for each in at.dataframe)
    assert leaves.iloc[0].tolist() == ["seed 1", "step 1", "never"]
    assert list(table.index) == ["seed"]
    assert list(table.loc["seed"]) == ["0", "1"]
    assert len(figures(at)) == 2  # the curves, the positions


def test_the_runs_swap_places_for_the_others_are_compared_to_the_first(small_store):
    at = open_page(runs=f"{FIRST},{SECOND}")
    assert at.button(key="compared-turn").label == "Swap"
    at.button(key="compared-turn").click().run()
    assert not at.exception
    assert [panel["label"] for panel in player(at)["panels"]] == ["seed 1", "seed 0"]
    assert at.query_params["runs"] in (f"{SECOND},{FIRST}", [f"{SECOND},{FIRST}"])

    at = open_page(runs=f"{FIRST},{SECOND},{PARTIAL}")
    assert at.button(key="compared-turn").label == "Next one first"
    at.button(key="compared-turn").click().run()
    assert [panel["label"] for panel in player(at)["panels"]] == ["seed 1", "seed 2", "seed 0"]
    at.multiselect(key="compared-text").set_value([]).run()
    assert not [button for button in at.button if button.key == "compared-turn"]


@pytest.mark.parametrize(("stood", "stands"), [("2", 5), ("1", 1)])
def test_who_stood_at_the_end_stands_at_the_end_of_longer_runs(small_store, stood, stands):
    short = keep_text(small_store, SPEC.but(seed=3), 3)[:12]
    at = open_page(runs=f"{PARTIAL},{short}", step=stood)
    assert player(at)["last"] == 2
    whole = [text_chain(SPEC.but(seed=seed), FINGERPRINT).run for seed in (0, 1)]
    at.multiselect(key="compared-text").set_value(whole).run()
    assert not at.exception
    assert player(at)["last"] == 5
    assert player(at)["step"] == stands


def test_the_box_calls_runs_by_their_settings_first(small_store):
    at = open_page(runs=f"{FIRST},{SECOND}")
    called = "seed 0, 5 steps, temperature 1.2, top-k 5  ·  the <b>sea</b> is calm."
    assert f"{called}  ·  {FIRST[:6]}" in at.multiselect(key="compared-text").options


def test_a_partial_run_goes_by_step_or_by_share(small_store):
    at = open_page(runs=f"{FIRST},{PARTIAL}", step="4")
    assert not at.exception
    assert "Some of these runs are partial" in said(at)
    assert [panel["at"] for panel in player(at)["panels"]] == [
        [0, 1, 2, 3, 4, 5],
        [0, 1, 2, 2, 2, 2],
    ]
    at = open_page(runs=f"{FIRST},{PARTIAL}", step="5", sync="share")
    assert not at.exception
    assert at.dataframe[0].value.iloc[0, 2] == "20% of the way"
    assert figures(at)[0]["layout"]["xaxis"]["title"]["text"] == "share of the way (%)"


def test_pictures_are_compared_with_maps_and_curves(small_store):
    first, second = (keep_image(small_store, seed) for seed in (7, 8))
    at = open_page(runs=f"{first},{second}", step="2", shown="latents")
    assert not at.exception
    words = said(at)
    assert "They share no step" in words
    assert at.dataframe[0].value.iloc[0].tolist() == ["seed 8", "the start", "never"]
    assert "RMS difference pixels 0.000 of 1, latents 0.000 standard deviations" in words
    assert list(at.dataframe[1].value.index) == ["seed", "made by: layout"]
    lines, maps = figures(at)
    assert len(maps["data"]) == 2
    assert len(lines["data"]) == 4
    at.session_state["sheet-figure"] = True  # drawn when it is looked at
    assert len(figures(at.run())[2]["layout"]["images"]) > 2


def test_the_start_has_no_predicted_x0_and_that_is_said(small_store):
    first, second = (keep_image(small_store, seed) for seed in (7, 8))
    at = open_page(runs=f"{first},{second}", step="0")
    assert not at.exception
    assert all(panel["rows"][1]["frames"][0] is None for panel in player(at)["panels"])
    assert len(figures(at)) == 1


def test_the_best_picture_of_each_is_shown_and_how_it_was_made_is_said(small_store):
    decoded = image_chain(IMAGE_SPEC, FINGERPRINT).run[:12]  # its last picture is decoded
    at = open_page(runs=f"{decoded},{keep_image(small_store, 7)}", step="4", shown="latents")
    assert not at.exception
    ends = [panel["rows"][0]["frames"][-1][1] for panel in player(at)["panels"]]
    assert ends == ["decode", "preview"]


def test_corruptions_are_compared(small_store):
    from tests.dashboard.app_pages.new_run.test_page import keep_finished

    other = keep_finished(small_store, CorruptionSpec(text="the sea is calm.", steps=4, seed=1))
    first = next(m.run for m in manifests.listed(small_store, kind="corruption") if m.run != other)
    at = open_page(runs=f"{first[:12]},{other[:12]}", step="2")
    assert not at.exception
    assert "These runs are of different weights" in said(at)
    assert len(figures(at)) == 2


def test_a_stale_link_names_what_is_not_here(small_store):
    at = open_page(runs=f"0123456789ab,{FIRST},zzz")
    assert not at.exception
    assert "0123456789ab, zzz are not in this store" in at.warning[0].value
    assert "Choose two to sixteen runs" in said(at)
    at.multiselect(key="compared-text").set_value(
        [m.run for m in manifests.listed(small_store, kind="text")][:2]
    ).run()
    assert not at.exception
    assert not at.warning or "partial" in at.warning[0].value
    assert figures(at)


def test_runs_of_another_kind_are_left_out_and_named(small_store):
    image = image_chain(IMAGE_SPEC, FINGERPRINT).run[:12]
    at = open_page(runs=f"{FIRST},{image},{SECOND}")
    assert not at.exception
    assert f"left out: {image} (image)" in at.warning[0].value
    assert len(figures(at)) == 2


def test_a_link_of_too_many_runs_is_cut_and_that_is_said(empty_store):
    runs = [keep_text(empty_store, SPEC.but(seed=seed), 6)[:12] for seed in range(17)]
    at = open_page(runs=",".join(runs))
    assert not at.exception
    assert "names 17 runs; the first 16 are compared" in at.warning[0].value


@pytest.mark.parametrize("sync", ["sideways", ""])
def test_a_bad_sync_in_a_link_is_named(small_store, sync):
    at = open_page(runs=f"{FIRST},{PARTIAL}", sync=sync)
    assert not at.exception
    assert any("The link asks for sync" in warning.value for warning in at.warning)


def test_a_token_is_text_and_never_markup(small_store):
    at = open_page(runs=f"{FIRST},{SECOND}", step="5")
    labels = json.dumps(figures(at))
    assert "&lt;b&gt;sea&lt;/b&gt;" in labels
    assert "<b>sea" not in labels.replace("\\u003c", "<")
