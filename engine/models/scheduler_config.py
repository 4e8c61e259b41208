"""Scheduler configs: which samplers they can carry, and what a correction of one changes. No torch.

How a pipeline corrects its config on loading is told by its family, in ``engine.models.families``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from cache.errors import InvalidInput

Config = dict[str, Any]
SamplerName = Literal[
    "ddim",
    "ddpm",
    "pndm",
    "euler",
    "euler-a",
    "heun",
    "dpm++",
    "dpm++-karras",
    "dpm++-sde",
    "dpm++-sde-karras",
    "unipc",
    "lcm",
]

# noise of a discrete variance-preserving schedule: any of the samplers can be built on their betas
DISCRETE = frozenset(
    {
        "DDIMScheduler",
        "DDIMParallelScheduler",
        "DDPMScheduler",
        "DDPMParallelScheduler",
        "PNDMScheduler",
        "LMSDiscreteScheduler",
        "EulerDiscreteScheduler",
        "EulerAncestralDiscreteScheduler",
        "HeunDiscreteScheduler",
        "DPMSolverMultistepScheduler",
        "DPMSolverSinglestepScheduler",
        "DPMSolverSDEScheduler",
        "KDPM2DiscreteScheduler",
        "KDPM2AncestralDiscreteScheduler",
        "DEISMultistepScheduler",
        "UniPCMultistepScheduler",
        "SASolverScheduler",
        "LCMScheduler",
        "TCDScheduler",
    }
)
PREDICTIONS = ("epsilon", "v_prediction", "sample")
BETA_SCHEDULES = ("linear", "scaled_linear", "squaredcos_cap_v2")
SIGMAS = {
    "use_karras_sigmas": "Karras",
    "use_exponential_sigmas": "exponential",
    "use_beta_sigmas": "beta",
}
TAKES_SIGMAS = ("euler", "heun", "unipc")  # as the config says; the DPM-Solver++ names say it
CLIPPING = {"ddim": True, "ddpm": True, "heun": False, "lcm": False}  # by sampler: class default
LEADING = ("ddim", "ddpm", "pndm")  # whose class default is to space timesteps that way


def changed_samplers(
    raw: Mapping[str, Any], corrected: Mapping[str, Any], samplers: tuple[SamplerName, ...]
) -> tuple[SamplerName, ...]:
    """The samplers that a correction makes compute something else than the raw config would."""
    return tuple(name for name in samplers if _effect(raw, name) != _effect(corrected, name))


def _effect(config: Mapping[str, Any], sampler: str) -> tuple[bool, int]:
    """(whether latents are clipped, the offset of the timesteps) of a sampler under a config."""
    clips = sampler in CLIPPING and bool(config.get("clip_sample", CLIPPING[sampler]))
    default = "leading" if sampler in LEADING else "linspace"
    offset = config.get("timestep_spacing", default) == "leading" and not _is_spaced(
        config, sampler
    )
    return clips, int(config.get("steps_offset", 0) or 0) if offset else 0


def _is_spaced(config: Mapping[str, Any], sampler: str) -> bool:
    """Whether a sampler's noise levels come from all of training's, and no timesteps' offset."""
    if sampler == "lcm" or sampler.endswith("-karras"):
        return True
    if sampler == "unipc":
        return any(config.get(field) for field in SIGMAS)
    others = ("use_exponential_sigmas", "use_beta_sigmas")
    return sampler.startswith("dpm++") and any(config.get(field) for field in others)


def check_scheduler(model: str, config: Mapping[str, Any]) -> None:
    """Raise InvalidInput, by name, for a noise process that the samplers here are not for."""
    name = str(config.get("_class_name"))
    if name not in DISCRETE:
        raise InvalidInput(
            f"model {model!r} is made for {name}, whose noise is not supported yet; supported are "
            "DDIM, DDPM, PNDM, LMS, Euler, Heun, DPM-Solver, DEIS, UniPC, LCM, TCD and their kin"
        )
    prediction = config.get("prediction_type", "epsilon")
    if prediction not in PREDICTIONS:
        raise InvalidInput(
            f"prediction_type of model {model!r} must be one of {', '.join(PREDICTIONS)}, "
            f"got {prediction!r}"
        )
    for field in ("use_flow_sigmas", "use_dynamic_shifting"):
        if config.get(field):
            raise InvalidInput(f"{field} of model {model!r} is flow matching: not supported yet")
    if config.get("timestep_type", "discrete") != "discrete":
        raise InvalidInput(
            f"timestep_type of model {model!r} must be discrete, got {config['timestep_type']!r}"
        )
    if len(wanted := [spacing for field, spacing in SIGMAS.items() if config.get(field)]) > 1:
        raise InvalidInput(
            f"model {model!r} asks for {' and '.join(wanted)} sigmas at once in its "
            "scheduler_config.json; leave one"
        )


def check_sampler(model: str, config: Mapping[str, Any], sampler: str) -> None:
    """Raise InvalidInput where a sampler cannot compute what the model's config asks for."""
    prediction = config.get("prediction_type", "epsilon")
    if prediction == "sample" and sampler in ("euler", "euler-a", "heun", "pndm"):
        raise InvalidInput(
            f"sampler {sampler} cannot take the prediction_type 'sample' of model {model!r}; "
            "choose ddim, ddpm, unipc, lcm or one of dpm++"
        )
    betas = str(config.get("beta_schedule", "linear"))
    if config.get("trained_betas") is None and betas not in BETA_SCHEDULES:
        known = (*BETA_SCHEDULES, *(("sigmoid",) if sampler == "ddpm" else ()))
        if betas not in known:
            raise InvalidInput(
                f"sampler {sampler} knows the beta_schedule {', '.join(known)}; "
                f"that of model {model!r} is {betas!r}"
            )


def settings_sentence(config: Mapping[str, Any], sampler: str) -> str | None:
    """What a config's spacing of sigmas means to a sampler, in a sentence; None without any."""
    asked = next((spacing for field, spacing in SIGMAS.items() if config.get(field)), None)
    if asked is None:
        return None
    said = f"the model's scheduler config asks for {asked} sigmas"
    if sampler.startswith("dpm++"):
        if sampler.endswith("-karras"):
            return None if asked == "Karras" else f"{said}; {sampler} takes Karras sigmas instead"
        if asked == "Karras":
            return f"{said}; {sampler} is without them: {sampler}-karras takes them"
        return f"{said}: {sampler} takes them"
    if sampler in TAKES_SIGMAS:
        return f"{said}: {sampler} takes them"
    return f"{said}; {sampler} has no sigmas to space and leaves them out"
