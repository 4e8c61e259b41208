"""A file that plays: all of it inline, thinned where it must be, and nothing of a run is markup."""

import json
import re

import pytest

from cache.errors import InvalidInput
from dashboard.data import playing_page as playing
from dashboard.data import scenes
from dashboard.figures.template import GRID, PAPER, SCALE
from engine.chain import manifests
from engine.image.keys import image_chain
from engine.text import stored as text_stored
from engine.text.keys import text_chain
from tests.dashboard.conftest import FINGERPRINT, IMAGE_SPEC, SPEC

LOOK = {"scale": SCALE["light"], "paper": PAPER["light"], "fixed": GRID["light"]}


def data_of(page):
    return json.loads(re.search(rb'id="data">(.*?)</script>', page, re.S)[1])


@pytest.fixture
def pictures(small_store):
    manifest = manifests.load(small_store, image_chain(IMAGE_SPEC, FINGERPRINT).run)
    panel = scenes.image_panel(small_store, manifest, 4, "seed 0", lambda *_: "elsewhere")
    return small_store, scenes.Scene(scenes.step_labels(4), (panel,)), manifest


def test_pictures_are_in_the_file_and_no_address_is(pictures):
    store, scene, manifest = pictures
    page = playing.playing_page(store, scene, [manifest], title="<b>", step=3, view="", look=LOOK)
    data = data_of(page)
    frames = [f for row in data["panels"][0]["rows"] for f in row["frames"] if f]
    assert len(frames) == 9
    assert all(uri.startswith("data:image/") for uri, _ in frames)
    assert data["step"] == 3
    assert b"&lt;b&gt;" in page
    assert b"<b>" not in page
    assert b"connect-src data:" in page
    assert manifest.run.encode() in page


def test_a_sentence_cannot_end_the_script(small_store):
    run = text_stored.load_text_run(small_store, text_chain(SPEC, FINGERPRINT).run)
    panel = scenes.text_panel(run, "</script><b>")
    scene = scenes.Scene(scenes.step_labels(5), (panel,))
    page = playing.playing_page(
        small_store, scene, [run.manifest], title="Text", step=2, view="", look=LOOK
    )
    assert page.count(b"</script>") == 2
    assert data_of(page)["panels"][0]["label"] == "</script><b>"


def test_what_is_too_large_is_thinned_and_the_file_says_so(pictures, monkeypatch):
    store, scene, manifest = pictures
    whole = playing.playing_page(store, scene, [manifest], title="t", step=4, view="", look=LOOK)
    uris = sum(len(f[0]) for row in data_of(whole)["panels"][0]["rows"] for f in row["frames"] if f)
    monkeypatch.setattr(playing, "MOST_BYTES", uris - 1)
    monkeypatch.setattr(playing, "LEAST", 2)
    page = playing.playing_page(store, scene, [manifest], title="t", step=4, view="", look=LOOK)
    data = data_of(page)
    assert data["labels"] == ["step 0", "step 2", "step 4"]
    assert data["panels"][0]["at"] == [0, 2, 4]
    assert data["step"] == 2
    assert b"every 2. step and the last" in page
    monkeypatch.setattr(playing, "MOST_BYTES", 10)
    with pytest.raises(InvalidInput, match="too many for one file"):
        playing.playing_page(store, scene, [manifest], title="t", step=4, view="", look=LOOK)


def test_runs_without_any_picture_are_refused(pictures):
    store, scene, manifest = pictures
    rows = [{**row, "frames": [None] * 5} for row in scene.panels[0]["rows"]]
    bare = scenes.Scene(scene.labels, ({**scene.panels[0], "rows": rows},))
    with pytest.raises(InvalidInput, match="decode them first"):
        playing.playing_page(store, bare, [manifest], title="t", step=0, view="", look=LOOK)
