"""The config that is read without torch is the one that the loaded pipeline has."""

import json
import shutil
import warnings

import diffusers
import numpy as np
import pytest

from cache.errors import InvalidInput
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.schedulers import SAMPLERS, build_scheduler
from engine.image.spec import ImageSpec
from engine.models.families import sdxl, stable_diffusion
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import find_model
from engine.models.scheduler_config import (
    changed_samplers,
    check_sampler,
    check_scheduler,
    settings_sentence,
)
from engine.requests.computing import compute
from engine.requests.plans import plan
from tests.engine.image.conftest import run_pipeline

BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
RIGHT = BETAS | {"clip_sample": False, "steps_offset": 1, "timestep_spacing": "leading"}
NAMES = tuple(SAMPLERS)
OFFSET = [name for name in NAMES if name != "lcm" and not name.endswith("-karras")]


def copied(source, folder, **config):
    shutil.copytree(source, folder)
    path = folder / "scheduler" / "scheduler_config.json"
    written = json.loads(path.read_text()) | config
    path.write_text(json.dumps({k: v for k, v in written.items() if v != "left out"}))
    index = json.loads((folder / "model_index.json").read_text())
    index["scheduler"] = ["diffusers", written["_class_name"]]
    (folder / "model_index.json").write_text(json.dumps(index))
    return str(folder)


@pytest.mark.parametrize(
    "config",
    [
        {"_class_name": "DPMSolverMultistepScheduler", "steps_offset": "left out"},
        {"_class_name": "PNDMScheduler", "steps_offset": 0},
        {"_class_name": "DDIMScheduler", "clip_sample": True},
    ],
)
@pytest.mark.parametrize("sampler", ["ddim", "ddpm", "euler"])
def test_an_old_config_draws_as_its_pipelines_constructor_corrects_it(
    store, tiny_sd, tmp_path, config, sampler
):
    name = copied(tiny_sd, tmp_path / "old", timestep_spacing="leading", **config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipe = diffusers.StableDiffusionPipeline.from_pretrained(
            name, safety_checker=None, requires_safety_checker=False
        )
    read = pipeline_facts(find_model(name)).scheduler
    for field in ("clip_sample", "steps_offset"):
        if field in dict(pipe.scheduler.config):
            assert read[field] == pipe.scheduler.config[field]
    spec = ImageSpec(model=name, prompt="a sea", steps=4, sampler=sampler, exact=True)
    wanted, _ = run_pipeline(pipe, spec)
    run = image_stored.load_image_run(store, compute(store, [spec]).runs[0])
    for mine, theirs in zip(run.steps[1:], wanted, strict=True):
        assert np.abs(mine.latents - theirs).max() <= (1e-5 if sampler == "ddpm" else 0)


def test_keys_change_for_the_samplers_that_were_wrong_and_for_no_others(tiny_sd, tmp_path):
    name = copied(tiny_sd, tmp_path / "old", clip_sample="left out")
    right = copied(tiny_sd, tmp_path / "right", clip_sample=False)
    spec = ImageSpec(model=name, prompt="a sea", steps=4)
    for sampler in NAMES:
        old, now = plan(spec.but(sampler=sampler)), spec.but(sampler=sampler, width=32, height=32)
        unchanged = image_keys.image_chain(now, old.model.fingerprint)
        changed = old.chain.step_keys != unchanged.step_keys
        assert changed == (sampler in ("ddim", "ddpm"))
        assert changed == (old.chain.run != unchanged.run)
        assert changed == ("corrected" in old.spec.facts())
    assert plan(spec.but(model=right)).spec.corrected == ()


def test_the_built_in_model_needs_no_correction():
    assert plan(ImageSpec(prompt="a sea")).spec.corrected == ()


def test_a_fork_to_a_sampler_that_was_wrong_shares_what_was_right(tiny_sd, tmp_path):
    name = copied(tiny_sd, tmp_path / "old", clip_sample="left out")
    spec = ImageSpec(model=name, prompt="a sea", steps=6, sampler="dpm++")
    base = plan(spec)
    fork = plan(spec.but(changes=({"at": 3, "sampler": "ddim"},)))
    assert fork.chain.step_keys[:4] == base.chain.step_keys[:4]
    assert fork.spec.facts()["corrected"] == ["ddim"]
    again = ImageSpec.parse(fork.spec.facts())
    assert image_keys.image_chain(again, fork.model.fingerprint) == fork.chain


@pytest.mark.parametrize(
    ("raw", "family", "changed"),
    [
        (RIGHT, "sd", []),
        (RIGHT, "sdxl", []),
        ({k: v for k, v in RIGHT.items() if k != "clip_sample"}, "sd", ["ddim", "ddpm"]),
        ({k: v for k, v in RIGHT.items() if k != "clip_sample"}, "sdxl", ["ddim", "ddpm"]),
        (RIGHT | {"clip_sample": True}, "sdxl", []),
        (RIGHT | {"clip_sample": True}, "sd", ["ddim", "ddpm", "heun", "lcm"]),
        (RIGHT | {"steps_offset": 0}, "sd", OFFSET),
        (
            RIGHT | {"steps_offset": 0, "use_karras_sigmas": True},
            "sd",
            [n for n in OFFSET if n != "unipc"],
        ),
        (
            RIGHT | {"steps_offset": 0, "use_exponential_sigmas": True},
            "sd",
            ["ddim", "ddpm", "pndm", "euler", "euler-a", "heun"],
        ),
        (RIGHT | {"steps_offset": 0}, "sdxl", []),
        (RIGHT | {"steps_offset": 0, "timestep_spacing": "trailing"}, "sd", []),
    ],
)
def test_what_a_correction_changes_is_what_the_schedulers_make_of_it(raw, family, changed):
    corrected = {"sd": stable_diffusion, "sdxl": sdxl}[family].RULES.corrected_config(raw)
    assert list(changed_samplers(raw, corrected, NAMES)) == changed
    for sampler in NAMES:
        before = build_scheduler(sampler, raw, 5)
        after = build_scheduler(sampler, corrected, 5)
        same = before.timesteps.tolist() == after.timesteps.tolist()
        clips = [bool(getattr(each.config, "clip_sample", False)) for each in (before, after)]
        if sampler not in ("ddim", "ddpm", "heun", "lcm"):
            clips = [False, False]  # kept in their configs, and never looked at
        assert (not same or clips[0] != clips[1]) == (sampler in changed)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"_class_name": "EDMDPMSolverMultistepScheduler"}, "EDMDPMSolverMultistepScheduler"),
        ({"_class_name": "FlowMatchEulerDiscreteScheduler"}, "FlowMatchEulerDiscreteScheduler"),
        ({"prediction_type": "flow_prediction"}, "'flow_prediction'"),
        ({"use_flow_sigmas": True}, "use_flow_sigmas"),
        ({"timestep_type": "continuous"}, "timestep_type"),
        ({"use_karras_sigmas": True, "use_beta_sigmas": True}, "Karras and beta sigmas at once"),
    ],
)
def test_another_noise_process_is_refused_by_name(config, message):
    with pytest.raises(InvalidInput, match=message):
        check_scheduler("m", {"_class_name": "DDIMScheduler"} | config)


@pytest.mark.parametrize(
    ("config", "sampler", "message"),
    [
        ({"prediction_type": "sample"}, "euler", "prediction_type 'sample'"),
        ({"beta_schedule": "sigmoid"}, "dpm++", "'sigmoid'"),
    ],
)
def test_a_sampler_that_cannot_do_what_a_config_asks_is_refused(config, sampler, message):
    with pytest.raises(InvalidInput, match=message):
        check_sampler("m", config, sampler)
    check_sampler("m", config, "ddpm")


@pytest.mark.parametrize(
    ("field", "sampler", "told"),
    [
        ("use_karras_sigmas", "euler", "asks for Karras sigmas: euler takes them"),
        ("use_karras_sigmas", "ddim", "leaves them out"),
        ("use_karras_sigmas", "dpm++", "dpm++-karras takes them"),
        ("use_karras_sigmas", "dpm++-karras", None),
        ("use_exponential_sigmas", "dpm++", "asks for exponential sigmas: dpm++ takes them"),
        ("use_exponential_sigmas", "dpm++-karras", "takes Karras sigmas instead"),
        ("use_beta_sigmas", "unipc", "asks for beta sigmas: unipc takes them"),
    ],
)
def test_a_configs_sigmas_do_what_is_said_of_them(field, sampler, told):
    config = RIGHT | {field: True, "timestep_spacing": "linspace"}
    found = settings_sentence(config, sampler)
    assert found is None if told is None else told in found
    plain = build_scheduler(sampler, RIGHT | {"timestep_spacing": "linspace"}, 5)
    asked = build_scheduler(sampler, config, 5)
    if hasattr(plain, "sigmas"):
        same = np.allclose(plain.sigmas, asked.sigmas)
        takes = found is not None and f"{sampler} takes them" in found
        assert same != takes


def test_a_scheduler_that_cannot_step_is_refused_before_anything_is_stored(
    store, tiny_sd, tmp_path
):
    name = copied(tiny_sd, tmp_path / "learned", variance_type="learned_range")
    for sampler in ("ddpm", "dpm++"):
        with pytest.raises(InvalidInput, match="cannot take a step"):
            compute(store, [ImageSpec(model=name, prompt="a sea", steps=2, sampler=sampler)])
    assert not list(store.scan("step:"))
