"""Point of no return: what is continued, and how alike the continuations are found to be."""

import math
from typing import get_args

import numpy as np
import pytest

from cache.errors import InvalidInput
from cache.store import Store
from engine.chain import manifests
from engine.experiments.no_return import (
    Decided,
    continuations,
    decided,
    decided_by,
    parse_steps,
    point_of_no_return,
    steps_to_try,
)
from engine.image.spec import (
    ImageSpec,
)
from engine.metrics.bootstrap import Interval
from engine.models.scheduler_config import SamplerName
from engine.requests.computing import compute
from engine.requests.planner import predict
from engine.requests.plans import plan
from engine.text.spec import TextSpec


@pytest.fixture
def text(tiny_bert):
    return TextSpec(model=tiny_bert, length=6, steps=6, top_k=5, temperature=2.0, exact=True)


@pytest.fixture
def image(tiny_sd):
    return ImageSpec(model=tiny_sd, prompt="a sea at dusk", steps=4)


def made(store, spec):
    return manifests.load(store, compute(store, [spec]).runs[0])


def listed(spec):
    """The manifest of a run that is not computed."""
    chain = plan(spec).chain
    return manifests.new_manifest(
        run=chain.run,
        spec=spec.facts(),
        fingerprint="-",
        step_keys=chain.step_keys,
        shared_keys=(),
    )


def test_steps_to_try_begin_at_the_start_and_never_reach_the_end(text):
    tried = {steps: steps_to_try(listed(text.but(steps=steps, length=25))) for steps in (1, 3, 25)}
    assert tried == {1: [0], 3: [0, 1, 2], 25: [0, 4, 8, 12, 16, 20]}
    assert steps_to_try(listed(text.but(steps=12, length=12))) == [0, 2, 4, 6, 8, 10]


@pytest.mark.parametrize("sampler", get_args(SamplerName))
def test_runs_of_every_sampler_can_be_continued_from_the_steps_that_are_offered(
    tmp_path, image, sampler
):
    spec = image.but(sampler=sampler, steps=3, guidance=1.0)
    with Store.open(tmp_path / "s") as store:
        manifest = made(store, spec)
        tried = [continuations(store, manifest, at, 2) for at in steps_to_try(manifest)]
        compute(store, [spec for each in tried for spec in each.specs])
        rows = decided(store, manifest, tried)
    assert [row.at for row in rows] == [each.at for each in tried]
    assert len(tried) > 1
    assert rows[0].among.mean < 0.9999  # something is drawn


def test_the_middle_of_a_step_is_not_offered(image):
    assert steps_to_try(listed(image.but(sampler="heun", steps=4))) == [0, 2, 4, 6]
    assert steps_to_try(listed(image.but(sampler="pndm", steps=4))) == [0, 2, 3, 4]


def test_steps_are_read_in_order_and_once():
    assert parse_steps("8, 0 4,4", 11) == [0, 4, 8]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "steps must be 1 to 12 numbers, got 0"),
        (",".join(map(str, range(13))), "steps must be 1 to 12 numbers, got 13"),
        ("12", "steps must be 0 to 11, got '12'"),
        ("-1", "steps must be 0 to 11, got '-1'"),
        ("two", "steps must be 0 to 11, got 'two'"),
    ],
)
def test_bad_steps_are_named(text, told):
    with pytest.raises(InvalidInput) as caught:
        parse_steps(text, 11)
    assert str(caught.value) == told


def test_only_what_draws_nothing_is_loosened(text, image):
    assert text.loosened() == {}
    assert text.but(top_k=None).loosened() == {"top_k": 5}
    assert image.loosened() == {"eta": 1.0}
    assert image.but(eta=0.3).loosened() == {}
    assert image.but(sampler="heun").loosened() == {"sampler": "euler-a"}
    assert image.but(sampler="unipc").loosened() == {"sampler": "dpm++-sde"}
    assert image.but(sampler="dpm++-sde-karras").loosened() == {}


def test_continuations_cost_their_new_steps_only_and_all_differ_in_the_seed(tmp_path, text):
    with Store.open(tmp_path / "s") as store:
        manifest = made(store, text)
        tried = [continuations(store, manifest, at, 3) for at in (0, 4)]
        specs = [spec for each in tried for spec in each.specs]
        assert [spec.changes[0].seed for spec in specs] == [1, 2, 3, 1, 2, 3]
        expected = predict(store, specs)
        computed = compute(store, specs)
        assert computed.model_calls == expected.model_calls
        assert computed.steps_computed == 3 * 6 + 3 * 2
        assert [run for each in tried for run in each.runs] == list(computed.runs)


def test_later_continuations_of_a_text_share_at_least_what_was_revealed(tmp_path, text):
    with Store.open(tmp_path / "s") as store:
        manifest = made(store, text)
        tried = [continuations(store, manifest, at, 6) for at in (0, 5)]
        assert decided(store, manifest, tried) == []
        compute(store, [spec for each in tried for spec in each.specs])
        rows = {(row.at, row.measure): row for row in decided(store, manifest, tried)}
        assert set(rows) == {(at, m) for at in (0, 5) for m in ("tokens", "masked tokens")}
        assert rows[0, "tokens"] == Decided(
            0, "tokens", rows[0, "masked tokens"].among, rows[0, "masked tokens"].with_run, 6
        )
        assert rows[5, "tokens"].among.mean >= 5 / 6
        assert rows[5, "tokens"].among.mean > rows[0, "tokens"].among.mean
        assert rows[5, "tokens"].with_run.count == 6


def test_pictures_are_compared_by_their_latents_and_the_missing_are_not_counted(tmp_path, image):
    with Store.open(tmp_path / "s") as store:
        manifest = made(store, image)
        tried = [continuations(store, manifest, at, 3) for at in (0, 3)]
        compute(store, tried[1].specs[:2])
        (row,) = decided(store, manifest, tried)
        assert (row.at, row.measure, row.asked) == (3, "latents", 3)
        assert row.with_run.count == 2
        assert 0.9 < row.with_run.mean <= 1
        assert math.isnan(row.among.low)


def test_a_fork_is_continued_with_what_it_changed(tmp_path, text):
    with Store.open(tmp_path / "s") as store:
        manifest = made(store, text)
        forked = continuations(store, manifest, 2, 2).specs[0]
        child = made(store, forked)
        (spec, _) = continuations(store, child, 4, 2).specs
        assert [(change.at, change.seed) for change in spec.changes] == [(2, 1), (4, 2)]


def test_bad_input_names_the_bound(tmp_path, text, image):
    with Store.open(tmp_path / "s") as store:
        manifest, picture = made(store, text), made(store, image)
        with pytest.raises(InvalidInput, match="forks must be 2 to 32, got 1"):
            continuations(store, manifest, 0, 1)
        with pytest.raises(InvalidInput, match="at must be 0 to 5, got 6"):
            continuations(store, manifest, 6, 4)
        with pytest.raises(InvalidInput, match="draws no noise after the start"):
            continuations(store, picture, 1, 4, {})
        greedy = made(store, text.but(top_k=None))
        with pytest.raises(InvalidInput, match="nothing is drawn after the step"):
            continuations(store, greedy, 1, 4, {"temperature": 0.5})


def test_the_run_is_told_from_its_continuations():
    table = np.array([[1.0, 0.2, 0.4], [0.2, 1.0, 0.8], [0.4, 0.8, 1.0]])
    row = decided_by(3, "tokens", table, asked=2)
    assert row.with_run.mean == pytest.approx(0.3)
    assert row.among.mean == pytest.approx(0.8)


def test_the_point_of_no_return_is_where_it_stays_decided():
    def row(at, low):
        return Decided(at, "tokens", Interval(low, low, 1.0, 4), Interval(low, low, 1.0, 4), 4)

    assert point_of_no_return([row(0, 0.1), row(4, 0.95), row(8, 0.99)], "tokens") == 4
    assert point_of_no_return([row(0, 0.95), row(4, 0.5), row(8, 0.99)], "tokens") == 8
    assert point_of_no_return([row(0, 0.95), row(4, 0.5)], "tokens") is None
    assert point_of_no_return([row(0, float("nan"))], "tokens") is None
    assert point_of_no_return([row(0, 0.95)], "latents") is None
