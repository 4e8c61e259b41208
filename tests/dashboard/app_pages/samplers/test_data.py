import numpy as np
import pandas as pd
import pytest

from cache.errors import InvalidInput
from dashboard.app_pages.samplers import form
from dashboard.app_pages.samplers.data import (
    coinciding,
    compared,
    comparison_specs,
    comparisons,
    distance_table,
    level_table,
    load_ended,
    method_of,
    own_error,
    references,
)
from dashboard.data.finished import load_finished
from engine.chain import manifests
from engine.image import stored as image_stored
from engine.image.spec import ImageSpec
from engine.requests.demo import PROMPT, demo_specs
from tests.dashboard.sampler_runs import BASE, LIMIT, keep_comparison, keep_sampled


def ended(store):
    (group,) = comparisons(manifests.listed(store, kind="image"))
    runs = (load_ended(store, run) for run in group.runs)
    return compared(run for run in runs if run is not None)


def row_of(table: pd.DataFrame, method: str, steps: int):
    (row,) = table[(table.method == method) & (table.steps == steps)].itertuples()
    return row


def test_methods_are_named_by_what_changes_them():
    assert method_of(BASE.facts()) == "ddim"
    assert method_of(BASE.but(eta=0.5).facts()) == "ddim, eta 0.5"
    assert method_of(BASE.but(accelerator="tome").facts()) == "ddim + tome"


def test_a_comparison_is_one_prompt_and_seed_by_several_samplers_or_steps(store):
    picture = image_stored.keep_pixels(store, np.zeros((16, 16, 3), np.uint8))
    keep_sampled(store, BASE, 0.1)
    keep_sampled(store, BASE.but(exact=False), 0.1)
    keep_sampled(store, BASE.but(seed=1, steps=8), 0.1)
    keep_sampled(store, BASE.but(steps=8, init_image=picture, strength=1.0), 0.1)
    keep_sampled(store, BASE.but(steps=8, guidance_interval=(1, 4)), 0.1)
    keep_sampled(store, BASE.but(steps=2, guidance=(3, 2)), 0.1)
    assert comparisons(manifests.listed(store)) == []
    keep_sampled(store, BASE.but(steps=8, exact=False), 0.1)
    (group,) = comparisons(manifests.listed(store))
    assert len(group.runs) == 3


def test_the_reference_is_the_finest_run_that_draws_no_noise(store):
    keep_comparison(store)
    keep_sampled(store, BASE.but(sampler="ddpm", steps=200), 1.0)
    keep_sampled(store, BASE.but(steps=200), 0.0, count=3)
    able = references(ended(store))
    assert [(run.method, run.steps) for run in able] == [
        ("ddim", 100),
        ("ddim", 8),
        ("heun", 4),
        ("ddim", 4),
        ("dpm++", 4),
    ]


def test_distances_are_known_by_hand(store):
    runs = keep_comparison(store)
    every = ended(store)
    reference = references(every)[0]
    pictures = {run: load_finished(store, manifests.load(store, run)) for run in runs.values()}
    table = distance_table(every, reference, pictures)
    assert len(table) == len(runs) - 1
    # AWAY is plus or minus one, so latents are `apart` away, in deviations of the reference
    spread = float(LIMIT.std())
    for method, steps, apart in (("ddim", 4, 0.4), ("heun", 4, 0.1), ("ddpm", 4, 1.0)):
        row = row_of(table, method, steps)
        assert row.latent_distance == pytest.approx(apart / spread, rel=1e-4)
        assert row.picture_distance == pytest.approx(round(100 * apart) / 255)
    own = own_error(table, reference)
    assert (own["steps"], own["latent_distance"]) == (8, pytest.approx(0.2 / spread, rel=1e-4))
    assert own_error(table[table.steps == 4], references(every)[2]) is None
    without = distance_table(every, reference, {})
    assert without.picture_distance.isna().all()


def test_methods_whose_points_lie_on_one_another_are_named():
    points = {"ddim": (0.5, 0.25), "euler": (0.505, 0.25), "unipc": (0.7, 0.3), "heun": (0.5, 0.25)}
    rows = [
        (method, steps, 20 * steps if method == "heun" else steps, *apart)
        for method, apart in points.items()
        for steps in (5, 10)
    ]
    columns = ["method", "steps", "calls", "latent_distance", "picture_distance"]
    table = pd.DataFrame(rows, columns=columns)
    assert coinciding(table, "calls") == [["ddim", "euler"]]
    assert coinciding(table, "steps") == [["ddim", "euler", "heun"]]
    assert coinciding(table[:2], "calls") == []


def test_calls_and_times_are_told_apart(store):
    keep_comparison(store)
    keep_sampled(store, BASE.but(guidance=1.0), 0.0)
    keep_sampled(store, BASE.but(guidance=1.0, steps=8), 0.0)
    groups = comparisons(manifests.listed(store))
    unguided, guided = sorted(groups, key=lambda group: group.shared["guidance"])
    assert all(load_ended(store, run).calls == run.step_count for run in unguided.runs)
    runs = compared(load_ended(store, run) for run in guided.runs)
    table = distance_table(runs, references(runs)[0], {})
    ddim, heun = row_of(table, "ddim", 8), row_of(table, "heun", 4)
    assert (ddim.evaluations, ddim.calls, ddim.whole) == (8, 16, 8)
    assert (heun.evaluations, heun.calls) == (7, 14)
    assert ddim.seconds == pytest.approx(0.8)
    assert ddim.recorded_seconds == pytest.approx(1.7)
    deep = row_of(table, "ddim + deepcache", 8)
    assert (deep.evaluations, deep.whole) == (8, 3)
    assert deep.seconds == pytest.approx(3 * 0.1 + 5 * 0.05)
    assert row_of(table, "ddpm", 4).random
    shared = row_of(table, "dpm++", 4)
    assert not shared.alone
    assert shared.measured == "cpu, 1 threads: shared batch of 8"
    assert ddim.measured == "cpu, 1 threads: one run at a time"


def test_of_two_runs_of_a_cell_the_one_computed_alone_is_taken(store):
    alone = keep_sampled(store, BASE, 0.1)
    keep_sampled(store, BASE.but(exact=False), 0.2, layout="batch of 2")
    keep_sampled(store, BASE.but(steps=8), 0.1)
    assert [run.manifest.run for run in ended(store) if run.steps == 4] == [alone]


def test_levels_are_those_of_the_runs_of_one_step_count(store):
    keep_comparison(store)
    table = level_table(ended(store), steps=4)
    assert list(dict.fromkeys(table.method)) == ["ddim", "ddpm", "dpm++", "heun"]
    ddim = table[table.method == "ddim"]
    assert ddim.alpha_bar.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert ddim.timestep.tolist() == [750, 500, 250, 0]
    assert level_table([], steps=4).empty


def test_an_unfinished_run_is_none(store):
    run = keep_sampled(store, BASE, 0.1, count=2)
    assert load_ended(store, manifests.load(store, run)) is None


FIELDS = {"prompt": "a sea", "seed": 3, "guidance": 2.0, "exact": True}


def test_the_specs_of_a_form_hold_each_run_once():
    specs = comparison_specs(
        FIELDS,
        samplers=["ddim", "heun"],
        accelerators=["deepcache"],
        steps="4, 8",
        reference=("ddim", 8),
    )
    asked = [(s.sampler, s.steps, s.accelerator) for s in specs]
    assert asked[0] == ("ddim", 8, "none")
    assert len(asked) == len(set(asked)) == 6
    assert {s.seed for s in specs} == {3}


@pytest.mark.parametrize(
    ("samplers", "steps", "most", "message"),
    [
        (["ddim"], "0", 100, "steps must be 1 to 200, got 0"),
        (["ddim"], "4.5", 100, "steps must be whole numbers as in 5, 10, 20, got '4.5'"),
        (["ddim"], "4", 999, "steps must be 1 to 200, got 999"),
        (["lcm"], "60", 100, "steps must be 1 to 50 with lcm, got 60"),
        ([], "4", 100, "runs must be 1 to 256, got 0"),
    ],
)
def test_bad_input_is_named(samplers, steps, most, message):
    with pytest.raises(InvalidInput, match=message):
        comparison_specs(
            FIELDS, samplers=samplers, accelerators=[], steps=steps, reference=("ddim", most)
        )


def test_the_demo_compares_samplers_as_the_form_does():
    asked = comparison_specs(
        {"prompt": PROMPT, "guidance": 5.0, "exact": True},
        samplers=form.SAMPLERS,
        accelerators=(),
        steps=form.STEPS,
        reference=("ddim", form.REFERENCE_STEPS),
    )
    shown = [spec for spec in demo_specs() if isinstance(spec, ImageSpec) and spec.exact]
    assert len(shown) == 14
    assert all(spec in asked for spec in shown)
