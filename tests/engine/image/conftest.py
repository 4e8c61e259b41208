"""Fixtures of the image engine: diffusers' own pipelines over the tiny folders."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

from engine.image.schedulers import SAMPLERS
from engine.image.spec import ImageSpec

Reference = Callable[..., tuple[list[np.ndarray], np.ndarray]]


@pytest.fixture(scope="session")
def spec(tiny_sd: str) -> ImageSpec:
    return ImageSpec(model=tiny_sd, prompt="a sea at dusk", steps=5, seed=3, exact=True)


@pytest.fixture(scope="session")
def reference(tiny_sd: str) -> Reference:
    """latents after every step and the picture [H, W, 3] of diffusers' own pipeline."""
    options: Any = {"safety_checker": None, "feature_extractor": None}
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(
        tiny_sd, **options, requires_safety_checker=False
    )
    return lambda spec, **more: run_pipeline(pipe, spec, **more)


def with_sampler(pipe: Any, spec: ImageSpec) -> Any:
    """A pipeline whose sampler went through its class' constructor, which corrects configs."""
    sampler = SAMPLERS[spec.sampler]
    config = json.loads((Path(spec.model) / "scheduler" / "scheduler_config.json").read_text())
    more: dict[str, Any] = dict(sampler.overrides)
    options: dict[str, Any] = {"requires_safety_checker": False}
    if "XL" in type(pipe).__name__:  # whose constructor leaves other classes' defaults as they are
        more.setdefault("clip_sample", config.get("clip_sample", False))
        options = {"add_watermarker": False}
    scheduler = getattr(diffusers, sampler.scheduler).from_config(config, **more)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it corrects them is what is wanted
        made = type(pipe)(**{**pipe.components, "scheduler": scheduler}, **options)
    made.set_progress_bar_config(disable=True)
    return made


def run_pipeline(pipe: Any, spec: ImageSpec, **more: Any) -> tuple[list[np.ndarray], np.ndarray]:
    pipe = with_sampler(pipe, spec)
    latents: list[np.ndarray] = []

    def collect(_pipe: Any, _index: int, _timestep: Any, kept: dict[str, Any]) -> dict[str, Any]:
        latents.append(kept["latents"][0].float().cpu().numpy().copy())
        return {}

    result = pipe(
        spec.prompt,
        negative_prompt=spec.negative_prompt or None,
        num_inference_steps=spec.steps,
        guidance_scale=spec.guidance,
        eta=spec.eta,
        generator=torch.Generator().manual_seed(spec.seed),
        callback_on_step_end=collect,
        output_type="np",
        **more,
    )
    return latents, (result.images[0] * 255).round().astype(np.uint8)
