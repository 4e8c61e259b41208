import numpy as np
import pytest

from dashboard.app_pages.image_guidance.data import (
    by_scale,
    common_seeds,
    comparisons,
    measures,
    well_covered,
    wide,
)
from dashboard.data.embeddings import MOST_PICTURES, clip_models, embed_specs, stored_embeddings
from dashboard.data.finished import load_finished
from engine.chain import manifests
from engine.metrics.image_diversity import ssim
from engine.metrics.similarity import cosine_table
from engine.metrics.vendi import vendi_score
from tests.dashboard.comparisons import (
    BASE,
    embed_everything,
    keep_guidance,
    keep_img2img,
    keep_run,
    pixels_of,
)

SCALES = [1.0, 5.0, 15.0]


def loaded(store):
    (group,) = comparisons(manifests.listed(store, kind="image"))
    finished = {run.run: load_finished(store, run) for run in group.runs}
    return group, by_scale(group, {run: one for run, one in finished.items() if one is not None})


def value(table, scale, measure):
    rows = table[(table.guidance == scale) & (table.measure == measure)]
    (row,) = rows.itertuples()
    return row


def test_only_two_scales_of_one_prompt_are_a_comparison(store):
    keep_run(store, BASE.but(guidance=3), pixels_of(0, 1))
    keep_run(store, BASE.but(guidance=(3, 3, 2, 2)), pixels_of(0, 1))
    keep_img2img(store)
    assert comparisons(manifests.listed(store)) == []
    keep_run(store, BASE.but(guidance=4), pixels_of(0, 1))
    (group,) = comparisons(manifests.listed(store))
    assert group.values("guidance") == [3, 4]


def test_seeds_are_common_when_every_scale_finished_them(store):
    keep_guidance(store)
    keep_run(store, BASE.but(guidance=5, seed=9), None)
    keep_run(store, BASE.but(guidance=7, seed=1), pixels_of(1, 7))
    _, pictures = loaded(store)
    assert well_covered(pictures) == SCALES
    assert common_seeds(pictures, SCALES) == [0, 1, 2, 3]
    assert common_seeds(pictures, [1.0, 7.0]) == [1]
    assert common_seeds(pictures, []) == []
    assert 9 not in pictures[5.0]


def test_pixels_alone_tell_of_diversity(store):
    keep_guidance(store)
    _, pictures = loaded(store)
    table = measures(pictures, SCALES, prompt=BASE.prompt, embeddings=None)
    assert set(table.measure) == {"ssim_difference", "pixel_distance"}
    apart = [value(table, scale, "pixel_distance").mean for scale in SCALES]
    assert apart == sorted(apart, reverse=True)
    pairs = [1 - ssim(pixels_of(a, 5.0), pixels_of(b, 5.0)) for a in range(4) for b in range(a)]
    assert value(table, 5.0, "ssim_difference").mean == pytest.approx(np.mean(pairs))
    first = pixels_of(0, 1.0) / 255
    second = pixels_of(1, 1.0) / 255
    two = measures({1.0: {s: pictures[1.0][s] for s in (0, 1)}}, [1.0], prompt="", embeddings=None)
    rms = float(np.sqrt(((first - second) ** 2).mean()))
    assert value(two, 1.0, "pixel_distance").mean == pytest.approx(rms)
    assert np.isnan(value(two, 1.0, "pixel_distance").low)


def test_embeddings_give_score_and_diversity(store):
    embed_everything(store, keep_guidance(store))
    _, pictures = loaded(store)
    (clip,) = (model for model in clip_models(store) if model.name == "builtin-clip")
    digests = [picture.digest for seeds in pictures.values() for picture in seeds.values()]
    specs = embed_specs(clip.name, [BASE.prompt], digests)
    embeddings = stored_embeddings(store, specs, clip.fingerprint)
    assert embeddings.has([BASE.prompt], digests)
    table = measures(pictures, SCALES, prompt=BASE.prompt, embeddings=embeddings)
    score = value(table, 5.0, "clip_score")
    assert score.mean == pytest.approx(100 * 5 / 26**0.5)
    assert score.seeds == 4
    vectors = embeddings.of_pictures([p.digest for p in pictures[15.0].values()])
    vendi = value(table, 15.0, "vendi")
    assert vendi.mean == pytest.approx(vendi_score(cosine_table(vectors, vectors)))
    assert vendi.low <= vendi.mean <= vendi.high
    assert value(table, 1.0, "clip_distance").mean == pytest.approx(0.5)
    assert value(table, 5.0, "clip_distance").mean == pytest.approx(1 / 26)
    shown = wide(table, {"clip_score": "score", "vendi": "Vendi"})
    assert list(shown.columns) == ["guidance", "seeds", "score", "Vendi"]
    assert shown.guidance.tolist() == SCALES
    assert shown.score[1].startswith("98.1")


def test_one_seed_cannot_be_measured(store):
    keep_guidance(store, seeds=(3,))
    _, pictures = loaded(store)
    assert measures(pictures, SCALES, prompt="", embeddings=None).empty


def test_many_pictures_become_several_requests_and_none_is_asked_twice():
    digests = [f"{i:064x}" for i in range(MOST_PICTURES + 1)]
    specs = embed_specs("builtin-clip", ["a sea"], [*digests, digests[0]])
    assert [len(spec.pictures) for spec in specs] == [MOST_PICTURES, 1]
    assert all(spec.texts == ("a sea",) for spec in specs)
