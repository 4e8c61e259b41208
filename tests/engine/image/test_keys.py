import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.errors import InvalidInput
from engine.chain.keys import Chain
from engine.image.keys import evaluations, first_evaluation, image_chain, position_of
from engine.image.schedulers import SAMPLERS, build_scheduler
from engine.image.spec import ImageSpec
from tests.tiny_pipelines import SCHEDULE

BASE = ImageSpec(prompt="a sea", steps=6, width=64, height=64)


def chain(spec: ImageSpec, model: str = "m") -> Chain:
    return image_chain(spec, model)


def shared(first: Chain, second: Chain) -> int:
    pairs = zip(first.step_keys, second.step_keys, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), len(first.step_keys))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"prompt": ""}, "prompt must not be empty"),
        ({"steps": 0}, "steps must be 1 to 200, got 0"),
        ({"guidance": 0}, "guidance must be 1 to 50, got 0"),
        ({"guidance": 51.0}, "guidance must be 1 to 50, got 51"),
        (
            {"guidance": math.nan},
            "guidance must be a number 1 to 50, or one for each step, got nan",
        ),
        ({"guidance": math.inf}, "guidance must be a number 1 to 50"),
        ({"guidance": "high"}, "guidance must be a number 1 to 50"),
        ({"guidance": (1.0, None)}, "guidance must be a number 1 to 50"),
        ({"guidance": (7.0,)}, "one for each of 6 steps, got 1"),
        ({"guidance_interval": (3, 2)}, "guidance_interval must be two steps of 1 to 6, got 3, 2"),
        ({"guidance_interval": (0, 2)}, "two steps of 1 to 6"),
        ({"guidance_interval": (1,)}, "must be two steps, the first and the last, got (1,)"),
        ({"init_image": "zz", "strength": 0.5}, "init_image must be 64 hexadecimal characters"),
        ({"width": 0}, "width must be 16 to 2048, got 0"),
        ({"height": 100}, "height must be a multiple of 8, got 100"),
        ({"sampler": "eular"}, "unknown sampler 'eular'; choose from ddim, ddpm, pndm"),
        ({"eta": 5.0}, "eta must be 0 to 1, got 5.0"),
        ({"eta": 0.5, "sampler": "euler"}, "eta is for the sampler ddim"),
        ({"steps": 51, "sampler": "lcm"}, "steps must be 1 to 50 with lcm, got 51"),
        ({"strength": 0.5}, "init_image and strength belong together"),
        ({"init_image": "a" * 64}, "init_image and strength belong together"),
        ({"init_image": "a" * 64, "strength": 0.0}, "strength must be above 0 and at most 1"),
        ({"init_image": "a" * 64, "strength": 0.1}, "strength must be at least 0.166667 for 6"),
        ({"seed": -1}, "seed must be 0 to"),
        ({"negative_prompt": "x" * 4001}, "negative_prompt must be at most 4000 characters"),
    ],
)
def test_bad_value_names_field_bound_and_value(fields, message):
    with pytest.raises(InvalidInput) as caught:
        BASE.but(**fields)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_spec_survives_json():
    spec = BASE.but(guidance=(7.0, 6.0, 5.0, 4.0, 3.0, 2.0), guidance_interval=(2, 4))
    assert ImageSpec.parse(spec.facts()) == spec


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"prompt": "a hill"},
        {"width": 128},
        {"sampler": "euler"},
        {"steps": 7},
        {"precision": "float16"},
        {"exact": True},
        {"attention_slicing": True},
        {"accelerator": "tome"},
    ],
)
def test_what_every_step_depends_on_shares_nothing(change):
    assert shared(chain(BASE), chain(BASE.but(**change))) == 0


@pytest.mark.parametrize("change", [{"guidance": 5.0}, {"negative_prompt": "rain"}, {"eta": 0.5}])
def test_what_steps_alone_depend_on_shares_the_start(change):
    assert shared(chain(BASE), chain(BASE.but(**change))) == 1


def test_another_model_shares_nothing():
    assert shared(chain(BASE), chain(BASE, "n")) == 0


def test_without_guidance_the_negative_prompt_changes_nothing():
    plain = BASE.but(guidance=1.0)
    first, second = chain(plain), chain(plain.but(negative_prompt="rain"))
    assert first.step_keys == second.step_keys
    assert first.run != second.run


@given(first=st.integers(1, 6), last=st.integers(1, 6))
def test_an_interval_shares_with_no_guidance_what_comes_before_it(first, last):
    first, last = sorted((first, last))
    guided = BASE.but(guidance_interval=(first, last))
    assert shared(chain(BASE.but(guidance=1.0)), chain(guided)) == first


def test_a_list_and_one_number_that_say_the_same_share_everything():
    assert chain(BASE.but(guidance=(7.5,) * 6)).step_keys == chain(BASE).step_keys


def test_strengths_with_the_same_start_share_everything():
    init = BASE.but(init_image="a" * 64, strength=0.5)
    assert chain(init).step_keys == chain(init.but(strength=0.6)).step_keys
    assert shared(chain(init), chain(init.but(strength=0.7))) == 0


@pytest.mark.parametrize("steps", [1, 2, 3, 25])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_evaluations_are_as_many_as_the_scheduler_takes(sampler, steps):
    scheduler = build_scheduler(sampler, SCHEDULE, steps)
    assert len(scheduler.timesteps) == evaluations(sampler, steps)
    positions = [position_of(sampler, e) for e in range(1, evaluations(sampler, steps) + 1)]
    assert positions == sorted(positions)
    assert set(positions) == set(range(1, steps + 1))


@given(
    steps=st.integers(1, 60), strength=st.floats(0.05, 1.0), sampler=st.sampled_from([*SAMPLERS])
)
def test_a_chain_has_the_evaluations_that_strength_leaves(steps, strength, sampler):
    if int(steps * strength) < 1 or (sampler == "lcm" and steps > 50):
        return
    spec = BASE.but(steps=steps, sampler=sampler, init_image="a" * 64, strength=strength)
    wanted = evaluations(sampler, steps) - first_evaluation(spec)
    assert chain(spec).step_count == wanted >= 1


def test_an_unknown_sampler_names_the_choices():
    with pytest.raises(InvalidInput, match="choose from ddim, ddpm"):
        build_scheduler("plms", SCHEDULE, 5)


def test_planning_and_reading_import_no_torch():
    modules = (
        "engine.requests.computing, engine.image.stored, engine.image.previews, engine.metrics"
    )
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules or 'diffusers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
