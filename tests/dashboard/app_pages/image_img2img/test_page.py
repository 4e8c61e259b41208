"""The img2img page: the form, the sheet, the schedule, distances, links."""

import io
import json
from functools import partial

import numpy as np
import pytest
from PIL import Image

from dashboard.data.img2img import comparisons
from engine.chain import manifests
from engine.image import stored as image_stored
from engine.image.keys import picture_key
from tests.dashboard import pages
from tests.dashboard.comparisons import BASE, embed_everything, keep_img2img, keep_run, pixels_of

open_page = partial(pages.open_page, "image_img2img")


def said(at):
    kinds = (at.warning, at.info, at.error, at.caption, at.text)
    return " ".join(element.value for kind in kinds for element in kind)


def charts(at):
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def test_an_empty_store_says_what_to_do(cluster):
    at = open_page()
    assert not at.exception
    assert "No picture was made from a picture yet" in said(at)
    assert "No run has a finished picture yet: upload one." in said(at)


def test_a_stored_result_becomes_the_original_of_new_runs(cluster, empty_store):
    keep_run(empty_store, BASE, pixels_of(0, 1))
    at = open_page()
    assert not at.exception
    at.text_input(key="img2img-strength").set_value("0.3, 0.9").run()
    at.button(key="compute-img2img").click().run()
    assert not at.exception
    (job,) = cluster.book.all()
    assert {(spec["strength"], spec["seed"]) for spec in job.specs} == {
        (strength, seed) for strength in (0.3, 0.9) for seed in range(3)
    }
    (original,) = {spec["init_image"] for spec in job.specs}
    assert np.array_equal(
        image_stored.picture_pixels(image_stored.load_picture(empty_store, original)),
        pixels_of(0, 1),
    )


@pytest.mark.parametrize(
    ("typed", "message"),
    [("0.01, 0.5", "strength must be at least 0.04"), ("0.5, 2", "strength must be above 0")],
)
def test_a_strength_that_cannot_be_is_named(cluster, empty_store, typed, message):
    keep_run(empty_store, BASE, pixels_of(0, 1))
    at = open_page()
    at.text_input(key="img2img-strength").set_value(typed).run()
    assert not at.exception
    assert message in said(at)


def upload(data, name="picture.png"):
    at = open_page()
    at.segmented_control(key="img2img-source").set_value("an upload").run()
    return at.file_uploader(key="img2img-upload").set_value((name, data, "image/png")).run()


def test_an_upload_is_kept_and_found_again_by_its_link(cluster, empty_store):
    data = io.BytesIO()
    Image.new("RGB", (24, 16), "red").save(data, "PNG")
    at = upload(data.getvalue())
    assert not at.exception
    kept = at.query_params["init"]
    kept = kept[0] if isinstance(kept, list) else kept
    assert empty_store.has(picture_key(kept))
    assert at.button(key="compute-img2img")


def test_an_upload_that_is_no_picture_is_named(cluster):
    at = upload(b"no picture at all")
    assert not at.exception
    assert "picture must be a PNG, JPEG or WebP file that can be read" in said(at)


def test_a_group_shows_its_sheet_its_schedule_and_its_distances(cluster, empty_store):
    keep_img2img(empty_store)
    at = open_page()
    assert not at.exception
    assert not at.warning
    sheet, schedule, starts, distances = charts(at)
    assert len(sheet["layout"]["images"]) == 2 * 3
    assert sheet["layout"]["xaxis"]["ticktext"][1] == "strength 0.5<br>from step 3 of 4"
    assert schedule["data"][1]["x"] != []
    assert len(starts["layout"]["images"]) == 4
    assert len(distances["data"]) == 2
    at.button(key="compute-embed").click().run()
    (job,) = cluster.book.all()
    # four results and the original
    assert len(job.specs[0]["pictures"]) == 5


def test_with_embeddings_there_are_three_distances(cluster, empty_store):
    from engine.models.registry import find_model
    from tests.dashboard.comparisons import remember

    embed_everything(empty_store, keep_img2img(empty_store))
    (group,) = comparisons(manifests.listed(empty_store, kind="image"))
    clip = find_model("builtin-clip").fingerprint
    original = {"picture": group.shared["init_image"]}
    remember(empty_store, clip, original, np.eye(8, dtype=np.float32)[1])
    at = open_page()
    assert not at.exception
    assert "Measured by builtin-clip" in said(at)
    assert len(charts(at)[3]["data"]) == 6


def test_an_original_that_is_gone_is_said_to_be(cluster, empty_store):
    keep_img2img(empty_store)
    (group,) = comparisons(manifests.listed(empty_store, kind="image"))
    empty_store.delete([picture_key(group.shared["init_image"])])
    at = open_page()
    assert not at.exception
    assert "The original picture is not in this store" in said(at)
    assert len(charts(at)[0]["layout"]["images"]) == 4


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"group": "0123456789ab"}, "group 0123456789ab, are not in this store"),
        ({"picture": "0123456789ab"}, "run 0123456789ab, is not in this comparison"),
    ],
)
def test_a_stale_link_says_so(cluster, empty_store, query, message):
    keep_img2img(empty_store)
    at = open_page(**query)
    assert not at.exception
    assert message in " ".join(warning.value for warning in at.warning)


def test_a_group_of_nothing_but_starts_is_still_a_page(cluster, empty_store):
    original = image_stored.keep_pixels(empty_store, np.zeros((16, 16, 3), np.uint8))
    keep_run(empty_store, BASE.but(init_image=original, strength=0.5), None)
    at = open_page()
    assert not at.exception
    assert "0 finished pictures" in said(at)
