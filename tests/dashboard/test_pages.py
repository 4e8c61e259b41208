"""Every page on an empty store, a small run, and a stale link."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.data.shelf import Shelf
from engine.chain.manifests import load as load_manifest
from engine.image.spec import ImageSpec
from engine.image.stored import decode_spec
from engine.requests.computing import compute
from engine.requests.plans import keep_manifest, plan
from engine.text.spec import TextSpec
from tests.dashboard.conftest import FINGERPRINT, SPEC, keep_text
from tests.dashboard.pages import open_page, player, stand
from tests.dashboard.stub_cluster import StubCluster

PAGES = ["library", "text_unmasking", "text_corruption", "image_denoising"]


def said(at):
    return " ".join(
        element.value
        for kind in (at.warning, at.info, at.error, at.caption, at.markdown)
        for element in kind
    )


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_store_offers_a_way_on(empty_store, page):
    at = open_page(page)
    assert not at.exception
    assert at.button(key="compute-demo").label == "Make the demo runs"
    assert "python -m engine" in at.code[0].value


@pytest.mark.parametrize("page", PAGES)
def test_a_small_store_shows(small_store, page):
    at = open_page(page)
    assert not at.exception
    assert not at.warning
    assert not at.error


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_stale_link_says_so_and_shows_another_run(small_store, page):
    at = open_page(page, run="0123456789ab")
    assert not at.exception
    assert "The run of this link, 0123456789ab, is not in this store" in said(at)


@pytest.mark.parametrize("page", PAGES[1:])
def test_a_bad_step_in_a_link_is_named(small_store, page):
    at = open_page(page, step="99")
    assert not at.exception
    assert "The link asks for step '99'" in said(at)


def test_a_bad_view_in_a_link_is_named(small_store):
    at = open_page("text_unmasking", view="Sideways")
    assert not at.exception
    assert "The link asks for view 'Sideways'" in said(at)


def test_the_library_lists_every_run_and_filters(small_store):
    at = open_page("library", view="Table")
    assert len(at.dataframe[0].value) == 5
    assert "2 of 5" in list(at.dataframe[0].value["steps"])
    at.text_input(key="find").set_value("CALM greedy").run()
    assert not at.exception
    assert len(at.dataframe) == 0
    assert "No run has all of this" in said(at)
    at.text_input(key="find").set_value("calm top-k").run()
    assert len(at.dataframe[0].value) == 2
    at.text_input(key="find").set_value("nowhere").run()
    assert not at.exception
    assert len(at.dataframe) == 0


def test_a_link_opens_its_run_at_its_step_beside_another(small_store):
    from engine.text.keys import text_chain

    first = text_chain(SPEC, FINGERPRINT).run
    second = text_chain(SPEC.but(seed=1), FINGERPRINT).run
    at = open_page("text_unmasking", run=first[:12], beside=second[:12], step="2", view="Heatmap")
    assert not at.exception
    assert not at.warning
    shown = player(at)
    assert shown["step"] == 2
    assert [panel["label"] for panel in shown["panels"]] == ["seed 0", "seed 1"]
    assert all("Step 2 of 5 reveals" in panel["lines"][2] for panel in shown["panels"])
    assert len(at.get("plotly_chart")) == 2


def test_moving_the_step_moves_the_figures_and_the_link_and_not_the_player(small_store):
    at = open_page("text_unmasking", step="1")
    before, held = at.get("plotly_chart")[0].proto.spec, player(at)
    stand(at, 4)
    assert not at.exception
    assert at.get("plotly_chart")[0].proto.spec != before
    assert at.query_params["step"] == "4"
    assert player(at)["scene"] == held["scene"]


def test_a_chosen_word_shows_what_else_was_likely_and_a_way_to_force_it(small_store):
    at = open_page("text_unmasking", step="5", word="4")
    assert not at.exception
    assert "best candidates for position 4" in said(at)
    assert any("Force another token at position 4" in e.proto.label for e in at.get("page_link"))
    at = open_page("text_unmasking", step="5", word="99")
    assert "has no position 99" in said(at)


def test_every_view_shows(small_store):
    from dashboard.app_pages.text_unmasking.view import VIEWS

    for view in VIEWS:
        at = open_page("text_unmasking", view=view, step="3")
        assert not at.exception, view
        assert len(at.get("plotly_chart")) == 1, view
    # the last one asks what guidance or control would do: a run without them shows the first
    assert {"figure-confidence-over-steps-0"} == {chart.key for chart in at.get("plotly_chart")}


def test_a_token_is_text_and_never_markup(small_store):
    at = open_page("text_unmasking", step="5")
    assert "<b>sea</b>" in player(at)["panels"][0]["words"]  # set as text, never as markup
    labels = at.get("plotly_chart")[0].proto.spec
    assert "&lt;b&gt;sea&lt;/b&gt;" in json.dumps(json.loads(labels))
    assert "<b>sea" not in labels.replace("\\u003c", "<")


def test_a_partial_run_of_a_model_that_is_not_here_is_said_to_be_so(empty_store):
    run = keep_text(empty_store, SPEC, 3)
    at = open_page("text_unmasking", run=run)
    assert f"Run {run[:12]} is not finished, and cannot go on here" in said(at)


def test_a_partial_run_can_go_on_where_it_is_looked_at(empty_store):
    planned = plan(TextSpec(length=5, steps=5))
    keep_manifest(empty_store, planned)
    run = planned.chain.run
    assert "No step of this run is stored yet." in said(open_page("text_unmasking", run=run))
    compute(empty_store, [TextSpec(length=5, steps=5)])
    empty_store.delete(planned.chain.step_keys[3:])
    at = open_page("text_unmasking", run=run)
    assert not at.exception
    assert f"Run {run[:12]} is not finished: it can go on" in said(at)
    assert "1 run: 2 steps cached, 0 shared with other runs, 3 new" in said(at)
    assert "Go on with it" in [button.label for button in at.button]


def test_a_store_that_cannot_be_opened_is_a_clear_message(private_store):
    private_store.write_text("a file where the folder should be")
    at = open_page("library")
    assert not at.exception
    assert at.error[0].value == "This store cannot be opened."
    assert any(str(private_store) in text.value for text in at.text)


def test_the_demo_button_submits_the_demo_and_the_page_fills(empty_store, monkeypatch):
    cluster = StubCluster(empty_store)
    monkeypatch.setattr("dashboard.ui.jobs._cluster", lambda _: cluster)
    at = open_page("library")
    at.button(key="compute-demo").click().run()
    assert not at.exception
    (job,) = cluster.book.all()
    assert {spec["kind"] for spec in job.specs} == {
        "text",
        "corruption",
        "embed",
        "image",
        "decode",
    }
    keep_text(empty_store, SPEC, 6)
    at.run()
    assert not at.exception
    assert len(at.get("page_link")) == 1


def test_deleting_asks_first_and_spares_pinned_runs(small_store):
    def page():
        from dashboard.ui.library_actions import offer_actions
        from dashboard.ui.stores import the_shelf, the_store

        shelf, store = the_shelf(), the_store()
        offer_actions(shelf.entries(store, shelf.cards(store))[:2])

    runs = [card.run for card in Shelf().cards(small_store)]
    small_store.pin(runs[0])
    at = AppTest.from_function(page, default_timeout=60).run()
    at.button(key="delete").click().run()
    assert not at.exception
    assert "1 of them pinned: they stay." in said(at)
    assert len(Shelf().cards(small_store)) == 5


@pytest.mark.parametrize(("page", "wrong"), [("text_unmasking", 0), ("text_corruption", 1)])
def test_a_link_to_a_run_of_another_kind_says_so(small_store, page, wrong):
    run = Shelf().cards(small_store)[wrong].run
    at = open_page(page, run=run)
    assert not at.exception
    assert "Open it from the Library" in said(at)


@pytest.mark.parametrize("page", PAGES[1:])
def test_the_shown_run_is_in_the_url(small_store, page):
    at = open_page(page)
    shown = at.query_params["run"]
    assert len(shown if isinstance(shown, str) else shown[0]) == 12


@pytest.mark.parametrize("step", ["²", "-1", "9" * 5000, "NaN"])
def test_a_hostile_step_in_a_link_is_named(small_store, step):
    at = open_page("text_unmasking", step=step)
    assert not at.exception
    assert "it must be 0 to 5" in said(at)


def test_a_run_without_any_step_says_so(empty_store):
    run = keep_text(empty_store, SPEC, 0)
    at = open_page("text_unmasking", run=run)
    assert not at.exception
    assert "No step of this run is stored yet" in said(at)


def test_the_denoising_page_says_where_each_picture_comes_from(small_store):
    at = open_page("image_denoising", step="4")
    assert not at.exception
    (panel,) = player(at)["panels"]
    rows = {row["name"]: [frame and frame[1] for frame in row["frames"]] for row in panel["rows"]}
    assert rows["latents"] == ["preview"] * 4 + ["decode"]
    assert rows["predicted_x0"] == [None] + ["preview"] * 4
    assert "without a model call" in said(at)
    at.slider(key="what-if").set_value(9.0).run()
    assert not at.exception
    assert at.query_params["what-if"] == "9.0"
    stand(at, 0)
    assert not at.exception
    assert "Needs a step with two noise predictions" in said(at)


def test_an_image_run_without_any_picture_says_so(empty_store):
    from tests.dashboard.conftest import keep_image

    keep_image(empty_store, pictures=False)
    at = open_page("image_denoising")
    assert not at.exception
    assert "No picture of this run was decoded" in said(at)


def test_pictures_that_are_previews_can_be_decoded(empty_store):
    spec = ImageSpec(prompt="a calm sea", steps=2, guidance=2.0)
    run = compute(empty_store, [spec]).runs[0]
    at = open_page("image_denoising", run=run)
    assert not at.exception
    (offered,) = [e for e in at.expander if "Decode the steps" in e.label]
    assert offered.label == "Decode the steps (3 of 5 pictures)"
    assert at.button(key="compute-decodes").label == "Decode 3 pictures"
    manifest = load_manifest(empty_store, run)
    compute(empty_store, [decode_spec(manifest, shows) for shows in ("latents", "predicted_x0")])
    at = open_page("image_denoising", run=run)
    assert not any("Decode the steps" in e.label for e in at.expander)


@pytest.mark.parametrize("steps", [1, 2])
def test_a_run_of_few_steps_shows_on_every_page(empty_store, steps):
    specs = [ImageSpec(prompt="a calm sea", steps=steps), TextSpec(length=3, steps=steps)]
    image, text = compute(empty_store, specs).runs
    for name, run in (
        ("image_denoising", image),
        ("text_unmasking", text),
        *((name, run) for name in ("fork", "no_return", "why") for run in (image, text)),
    ):
        assert not open_page(name, run=run).exception, name


def test_previews_of_a_model_that_is_not_here_stay_so(small_store):
    at = open_page("image_denoising")
    assert not at.exception
    assert "cannot be decoded here" in said(at)
