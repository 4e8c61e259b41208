"""The guidance page: the form of an empty store, sheets, measures, links, embeddings to come."""

import json
from functools import partial

import pytest

from engine.chain import manifests
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from tests.dashboard import pages
from tests.dashboard.comparisons import BASE, embed_everything, keep_guidance, keep_run, pixels_of

open_page = partial(pages.open_page, "image_guidance")


def said(at):
    kinds = (at.warning, at.info, at.error, at.caption, at.text)
    return " ".join(element.value for kind in kinds for element in kind)


def charts(at):
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def asked(at, name):
    value = at.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def test_an_empty_store_has_a_form_that_computes_the_comparison(cluster):
    at = open_page()
    assert not at.exception
    assert "Nothing to compare yet" in said(at)
    at.text_input(key="guidance-seeds").set_value("0:2").run()
    at.button(key="compute-guidance").click().run()
    assert not at.exception
    (job,) = cluster.book.all()
    asked_for = {(spec["guidance"], spec["seed"]) for spec in job.specs}
    assert asked_for == {(g, s) for g in (1, 5, 7.5, 15) for s in (0, 1)}


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("guidance", "1, 60", "guidance must be 1 to 50, got 60"),
        ("guidance", "much", "guidance must be numbers"),
        ("guidance", "[[1]]", "guidance must be numbers"),
        ("seeds", "0:64:0", "seeds must be"),
        ("seeds", "0:4000", "runs must be 1 to 1024, got 16000"),
    ],
)
def test_what_cannot_be_computed_is_named(cluster, field, typed, message):
    at = open_page()
    at.text_input(key=f"guidance-{field}").set_value(typed).run()
    assert not at.exception
    assert message in said(at)
    assert not [b for b in at.button if b.key == "compute-guidance"]


def test_words_the_model_never_saw_are_named(cluster):
    at = open_page()
    at.text_area(key="guidance-prompt").set_value("a quokka over the ocean").run()
    assert "never saw these words in training: quokka" in said(at)


def test_without_embeddings_pixels_tell_and_clip_is_offered(cluster, empty_store):
    runs = keep_guidance(empty_store)
    at = open_page()
    assert not at.exception
    assert not at.warning
    assert "12 finished pictures" in said(at)
    assert "The frontier needs CLIP" in said(at)
    sheet, curves, big = charts(at)
    assert len(sheet["layout"]["images"]) == 12
    assert at.selectbox(key="scale").value == "5"  # the middle one, and no link says so
    assert "scale" not in at.query_params
    assert len(big["layout"]["images"]) == 4
    assert len(curves["data"]) == 4
    at.button(key="compute-embed").click().run()
    assert not at.exception
    (job,) = cluster.book.all()
    (spec,) = job.specs
    assert spec["texts"] == [BASE.prompt]
    png = image_stored.find_result(empty_store, manifests.load(empty_store, runs[1.0, 0])).png
    digest = image_stored.picture_digest(image_stored.picture_pixels(png))
    assert digest in spec["pictures"]
    # a worker finds every picture it is to embed
    assert all(empty_store.present([image_keys.picture_key(d) for d in spec["pictures"]]))


def test_with_embeddings_there_is_a_frontier_and_who_measured_it(cluster, empty_store):
    embed_everything(empty_store, keep_guidance(empty_store))
    at = open_page(scale="5")
    assert not at.exception
    words = said(at)
    assert "Measured by builtin-clip" in words
    assert "its score flatters the pictures" in words
    _, frontier, big = charts(at)
    assert frontier["data"][0]["customdata"] == [1.0, 5.0, 15.0]
    assert len(big["layout"]["images"]) == 4
    assert at.selectbox(key="scale").value == "5"
    at.selectbox(key="scale").set_value("15").run()
    assert asked(at, "scale") == "15"


def test_every_view_shows(cluster, empty_store):
    embed_everything(empty_store, keep_guidance(empty_store))
    at = open_page(view="Against the scale")
    assert not at.exception
    assert len(charts(at)[1]["data"]) == 10
    at = open_page(view="Table")
    (table,) = at.dataframe
    assert list(table.value["guidance"]) == [1.0, 5.0, 15.0]
    assert list(table.value.columns[2:4]) == ["CLIP score", "Vendi score"]


def test_a_link_opens_the_same_picture_and_scales(cluster, empty_store):
    runs = keep_guidance(empty_store)
    at = open_page(scales="1,5", picture=runs[5.0, 2][:12])
    assert not at.exception
    assert not at.warning
    sheet = charts(at)[0]
    assert len(sheet["layout"]["images"]) == 8
    (marked,) = sheet["layout"]["shapes"]
    assert (marked["x0"] + marked["x1"], marked["y0"] + marked["y1"]) == (4, 2)
    assert any(f"run {runs[5.0, 2][:12]}" in text.value for text in at.text)
    at.button(key="close-picture").click().run()
    assert "shapes" not in charts(at)[0]["layout"]
    assert asked(at, "picture") is None


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"group": "0123456789ab"}, "group 0123456789ab, are not in this store"),
        ({"group": "![x](//y)"}, "group (none), are not in this store"),
        ({"picture": "0123456789ab"}, "run 0123456789ab, is not in this comparison"),
        ({"scales": "1,5,99"}, "asks for 1 guidance scales that are not here"),
        ({"scale": "99"}, "The link asks for scale '99'"),
        ({"view": "Sideways"}, "The link asks for view 'Sideways'"),
    ],
)
def test_a_stale_link_says_so(cluster, empty_store, query, message):
    keep_guidance(empty_store)
    at = open_page(**query)
    assert not at.exception
    assert message in " ".join(warning.value for warning in at.warning)


def test_cells_that_are_missing_or_partial_are_blank_and_counted(cluster, empty_store):
    keep_guidance(empty_store, scales=(1.0, 5.0), seeds=range(3))
    keep_run(empty_store, BASE.but(guidance=5, seed=3), None)
    at = open_page()
    assert not at.exception
    assert "6 finished pictures" in said(at)
    assert "2 cells empty" in said(at)
    sheet = charts(at)[0]
    assert len(sheet["layout"]["shapes"]) == 2
    hovers = sheet["data"][0]["text"]
    assert "guidance 1, seed 3<br>not computed" in hovers
    assert "guidance 5, seed 3<br>not finished: the same request resumes it" in hovers


def test_choosing_no_scale_says_what_to_do(cluster, empty_store):
    keep_guidance(empty_store, scales=(1.0, 5.0), seeds=range(2))
    at = open_page()
    at.multiselect[0].set_value([]).run()
    assert not at.exception
    assert "Choose a scale" in said(at)


def test_many_seeds_come_a_page_at_a_time(cluster, empty_store):
    keep_guidance(empty_store, scales=(1.0, 5.0), seeds=range(30))
    at = open_page(page="3")
    assert not at.exception
    sheet = charts(at)[0]
    assert len(sheet["layout"]["images"]) == 12
    assert sheet["layout"]["xaxis"]["ticktext"][0] == "seed 24"
    assert "Measures take the 30 seeds" in said(at)


def test_a_damaged_picture_is_left_out_and_told_of(cluster, empty_store, monkeypatch):
    from cache.errors import PayloadDamaged

    runs = keep_guidance(empty_store, scales=(1.0, 5.0), seeds=range(3))
    loaded = image_stored.find_result

    def find_result(store, manifest):
        if manifest.run == runs[1.0, 0]:
            raise PayloadDamaged("decode:" + "0" * 64, "by hand")
        return loaded(store, manifest)

    monkeypatch.setattr("dashboard.data.finished.image_stored.find_result", find_result)
    at = open_page()
    assert not at.exception
    assert "1 pictures are damaged" in said(at)


def test_a_prompt_is_never_markup(cluster, empty_store):
    keep_guidance(empty_store, scales=(1.0, 5.0), seeds=range(2))
    at = open_page()
    assert not [m for m in at.markdown if "<b>" in m.value]
    assert not [c for c in at.caption if "<b>" in c.value]


def test_a_comparison_of_the_form_that_is_here_can_be_shown(cluster, empty_store):
    keep_run(empty_store, BASE.but(guidance=1), pixels_of(0, 1))
    at = open_page()
    assert not at.exception
    assert not [b for b in at.button if b.key == "show-group"]
