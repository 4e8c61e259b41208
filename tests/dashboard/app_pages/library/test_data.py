"""The Library's order, its names and its measures."""

import numpy as np
import pytest

from cache.payload import Payload
from dashboard.app_pages.library.data import in_order, sortable
from dashboard.app_pages.library.figures import parallel
from dashboard.app_pages.library.measures import CLIP, CONFIDENCE, COST, Measures
from dashboard.data.finished import load_finished
from dashboard.data.shelf import Shelf
from engine.chain import manifests
from engine.embed.keys import embed_chain, embedding_key
from engine.embed.spec import EmbedSpec
from engine.image.spec import ImageSpec
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image
from tests.dashboard.data.test_probes import cards

SEVERAL = [
    IMAGE_SPEC.but(seed=2),
    SPEC.but(seed=0),
    IMAGE_SPEC.but(seed=1, guidance=7.5),
    IMAGE_SPEC.but(seed=1, guidance=(1.0, 1.0, 1.0, 5.0)),
]


def test_runs_are_sorted_by_a_setting_and_those_without_it_come_last():
    several = cards(SEVERAL)
    order = [several.index(card) for card in in_order(several, "guidance", up=True)]
    assert order == [1, 3, 0, 2]  # a text is guided by 0
    for up in (True, False):
        assert in_order(several, "sampler", up=up)[-1] == several[1]
    order = [several.index(card) for card in in_order(several, "guidance", up=False)]
    assert order == [2, 0, 3, 1]
    assert in_order(several, "made", up=True) == several[::-1]
    measured = {several[1].run: 0.5, several[0].run: 0.1}
    order = [several.index(c) for c in in_order(several, "cost", up=True, measured=measured)]
    assert order == [0, 1, 2, 3]


def test_only_settings_that_differ_can_be_sorted_by():
    assert sortable(cards([IMAGE_SPEC.but(seed=s) for s in (0, 1)])) == ["seed"]
    assert {"guidance", "seed", "kind", "model", "steps"} <= set(sortable(cards(SEVERAL)))
    assert "prompt" not in sortable(cards([ImageSpec(prompt="a"), ImageSpec(prompt="b")]))


def test_measures_are_read_from_one_step_of_each_run(small_store, monkeypatch):
    shelf, measures = Shelf(), Measures()
    several = shelf.cards(small_store)
    told = measures.of(small_store, shelf, several)
    texts = [card.run for card in several if card.kind == "text"]
    # the third is not finished
    assert told[CONFIDENCE] == {run: pytest.approx(0.9) for run in texts[:2]}
    assert told[COST][texts[0]] == pytest.approx(0.05)
    read = []
    find = small_store.find
    monkeypatch.setattr(small_store, "find", lambda key: read.append(key) or find(key))
    measures.of(small_store, shelf, several)
    unfinished = [manifests.load(small_store, texts[2]).step_keys[-1]]
    assert [key for key in read if key.startswith("step:")] == unfinished


def test_parallel_coordinates_have_an_axis_for_what_differs():
    figure = parallel(
        [("seed", [0, 1, 2]), ("steps", [4, 4, 4]), ("sampler", ["<b>", "ddim", "ddim"]),
         ("cost", [1.0, None, 3.0])],
        "light",
    )  # fmt: skip
    axes = figure.data[0].dimensions
    assert [axis.label for axis in axes] == ["seed", "sampler", "cost"]
    assert axes[1].ticktext == ("&lt;b&gt;", "ddim")
    assert axes[2]["values"][1] < 1.0
    assert axes[2].range[0] == axes[2]["values"][1]
    assert parallel([("seed", [0, 1])], "light") is None


def test_a_clip_score_is_read_where_embeddings_are_stored_and_never_made(empty_store):
    run = keep_image(empty_store)
    shelf = Shelf()
    assert CLIP not in Measures().of(empty_store, shelf, shelf.cards(empty_store))
    manifest = manifests.load(empty_store, run)
    digest = load_finished(empty_store, manifest).digest
    spec = EmbedSpec(texts=(IMAGE_SPEC.prompt,), pictures=(digest,))
    chain = embed_chain(spec, "c" * 64)
    manifests.put(empty_store, manifests.new_manifest(
        run=chain.run, spec=spec.facts(), fingerprint="c" * 64, step_keys=chain.step_keys,
        shared_keys=[],
    ))  # fmt: skip
    for facts, vector in (({"text": IMAGE_SPEC.prompt}, [1.0, 0.0]), ({"picture": digest}, [3, 4])):
        pooled = np.array(vector, np.float32)
        empty_store.put(embedding_key("c" * 64, facts), Payload(arrays={"pooled": pooled}, meta={}))
    told = Measures().of(empty_store, shelf, shelf.cards(empty_store))
    assert told[CLIP] == {run: pytest.approx(60.0)}
