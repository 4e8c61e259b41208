"""Samplers by name: diffusers schedulers, built fresh from a model's scheduler config.

A scheduler that remembers earlier steps has its memory written beside every step and read back
before the next, so that going on and resuming are one path.
"""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import torch
from torch import Tensor

from cache.errors import InvalidInput
from engine.image.keys import evaluations
from engine.models.scheduler_config import SamplerName

Arrays = dict[str, np.ndarray]
# what diffusers' schedulers raise for configs they cannot be built on or step with
REFUSALS = (
    ValueError,
    TypeError,
    NotImplementedError,
    RuntimeError,
    AttributeError,
    KeyError,
    IndexError,
    ImportError,
    ArithmeticError,
    AssertionError,
)
PREFIX = "history."
LEAST_ALPHA_BAR = 2.0**-24  # as diffusers: a schedule of zero terminal SNR has sigma = inf


@dataclass(frozen=True, slots=True)
class Sampler:
    """A diffusers scheduler class, what its config is to say, and what it remembers."""

    scheduler: str
    overrides: Mapping[str, Any]
    memory: tuple[str, ...] = ()


def _dpm(algorithm: str, *, karras: bool) -> Sampler:
    """DPM-Solver++ of second order (Lu et al. 2022, 2211.01095), its ODE or its SDE."""
    settings = {"algorithm_type": algorithm, "solver_order": 2, "use_karras_sigmas": karras}
    if karras:  # the name says which sigmas, whatever others a config asks for
        settings |= {"use_exponential_sigmas": False, "use_beta_sigmas": False}
    return Sampler("DPMSolverMultistepScheduler", settings, ("model_outputs", "lower_order_nums"))


SAMPLERS: dict[str, Sampler] = {
    "ddim": Sampler("DDIMScheduler", {}),
    "ddpm": Sampler("DDPMScheduler", {}),
    "pndm": Sampler("PNDMScheduler", {"skip_prk_steps": True}, ("counter", "cur_sample", "ets")),
    "euler": Sampler("EulerDiscreteScheduler", {}),
    "euler-a": Sampler("EulerAncestralDiscreteScheduler", {}),
    "heun": Sampler("HeunDiscreteScheduler", {}, ("prev_derivative", "dt", "sample")),
    "dpm++": _dpm("dpmsolver++", karras=False),
    "dpm++-karras": _dpm("dpmsolver++", karras=True),
    "dpm++-sde": _dpm("sde-dpmsolver++", karras=False),
    "dpm++-sde-karras": _dpm("sde-dpmsolver++", karras=True),
    "unipc": Sampler(
        "UniPCMultistepScheduler",
        {},
        ("model_outputs", "timestep_list", "lower_order_nums", "last_sample", "this_order"),
    ),
    "lcm": Sampler("LCMScheduler", {}),
}
assert set(SAMPLERS) == set(get_args(SamplerName))


def build_scheduler(
    sampler: str, config: Mapping[str, Any], steps: int, *, skipped: int = 0, device: str = "cpu"
) -> Any:
    """A scheduler set to its timesteps, ``skipped`` evaluations into them.

    Raises InvalidInput for an unknown sampler and for what the scheduler refuses.
    """
    import diffusers

    if sampler not in SAMPLERS:
        raise InvalidInput(f"unknown sampler {sampler!r}; choose from {', '.join(SAMPLERS)}")
    wanted = SAMPLERS[sampler]
    kind = getattr(diffusers, wanted.scheduler)
    try:
        scheduler = kind.from_config(dict(config), **wanted.overrides)
    except REFUSALS as error:
        raise InvalidInput(
            f"sampler {sampler} cannot be built on this model's scheduler config: {_refusal(error)}"
        ) from error
    try:
        scheduler.set_timesteps(steps, device=device)
    except REFUSALS as error:
        raise InvalidInput(
            f"sampler {sampler} cannot take {steps} steps: {_refusal(error)}"
        ) from error
    if len(scheduler.timesteps) != evaluations(sampler, steps):
        taken = len(scheduler.timesteps)
        raise InvalidInput(
            f"sampler {sampler} takes {taken} evaluations for {steps} steps of this model's "
            f"schedule, not {evaluations(sampler, steps)}; choose another number of steps"
        )
    if skipped and hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(skipped)
    return scheduler


def try_scheduler(prototype: Any, sampler: str, *, evaluation: int, channels: int) -> None:
    """Let a sampler take one step of zeros; raises InvalidInput for what it would break on.

    ``evaluation`` is the first one that will be taken, ``channels`` those of the latents.
    """
    scheduler = recall(prototype, sampler, {})
    timestep = scheduler.timesteps[evaluation - 1]
    latents = torch.zeros(1, channels, 8, 8, device=scheduler.timesteps.device)
    generator = torch.Generator().manual_seed(0)
    accepted = inspect.signature(scheduler.step).parameters
    more = {"generator": generator} if "generator" in accepted else {}
    try:
        scaled = scheduler.scale_model_input(latents, timestep)
        after = scheduler.step(torch.zeros_like(scaled), timestep, latents, **more).prev_sample
    except REFUSALS as error:
        raise InvalidInput(
            f"sampler {sampler} cannot take a step with this model's scheduler config: "
            f"{_refusal(error)}"
        ) from error
    if after.shape != latents.shape:
        raise InvalidInput(f"sampler {sampler} makes other latents than it is given")


def _refusal(error: BaseException) -> str:
    """What a library says of its refusal, in one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:300]


def recall(prototype: Any, sampler: str, memory: Mapping[str, Any]) -> Any:
    """A scheduler of its own for one run's next step, which shares no memory with the prototype.

    ``memory`` is what ``memory_of`` gave after the step before; {} at the start of a run.
    """
    scheduler = copy.copy(prototype)
    for name in _remembered(prototype, sampler):
        value = memory.get(name, getattr(prototype, name, None))
        setattr(scheduler, name, list(value) if isinstance(value, list) else value)
    return scheduler


def memory_of(scheduler: Any, sampler: str) -> dict[str, Any]:
    """What a scheduler remembers, by attribute."""
    return {name: getattr(scheduler, name, None) for name in _remembered(scheduler, sampler)}


def pack(memory: Mapping[str, Any]) -> tuple[Arrays, dict[str, Any]]:
    """A scheduler's memory as named arrays and JSON."""
    arrays: Arrays = {}
    layout: dict[str, Any] = {}
    for name, value in memory.items():
        if isinstance(value, list):
            layout[name] = [_pack_one(arrays, f"{name}.{i}", item) for i, item in enumerate(value)]
        else:
            layout[name] = _pack_one(arrays, name, value)
    return {PREFIX + name: array for name, array in arrays.items()}, layout


def unpack(arrays: Mapping[str, np.ndarray], layout: Mapping[str, Any], device: str) -> Any:
    """A scheduler's memory from what ``pack`` made of it."""

    def one(entry: Any) -> Any:
        if not isinstance(entry, dict):
            return entry
        if "scalar" in entry:
            return torch.tensor(entry["scalar"], dtype=getattr(torch, entry["dtype"]))
        tensor = torch.from_numpy(arrays[PREFIX + entry["array"]].copy()).to(device)
        return relaid(tensor, entry["channels_last"])

    return {
        name: [one(item) for item in entry] if isinstance(entry, list) else one(entry)
        for name, entry in layout.items()
    }


def is_channels_last(tensor: Tensor) -> bool:
    """Whether a tensor lies channels last in memory, as what comes from an encoded picture does.

    Convolutions choose their kernels by it, so it is part of the state: other layout, other bits.
    """
    last = torch.channels_last
    return tensor.ndim == 4 and tensor.is_contiguous(memory_format=last) > tensor.is_contiguous()


def relaid(tensor: Tensor, channels_last: bool) -> Tensor:
    """A tensor in the memory layout that ``is_channels_last`` told of."""
    return tensor.contiguous(memory_format=torch.channels_last) if channels_last else tensor


def noise_level(scheduler: Any, evaluation: int) -> tuple[float, float]:
    """(sigma, alpha_bar) of the latents that an evaluation (from 1) starts from."""
    if hasattr(scheduler, "sigmas"):
        sigma = float(scheduler.sigmas[evaluation - 1])
        return sigma, 1.0 / (1.0 + sigma * sigma)
    alpha_bar = float(scheduler.alphas_cumprod[int(scheduler.timesteps[evaluation - 1])])
    alpha_bar = max(alpha_bar, LEAST_ALPHA_BAR)
    return math.sqrt((1 - alpha_bar) / alpha_bar), alpha_bar


def unit_scale(scheduler: Any, sampler: str, evaluation: int) -> float:
    """What latents after an evaluation (0: the start) are multiplied by to have unit variance.

    1 for samplers that keep the variance; 1 / sqrt(1 + sigma^2) for Euler's family, whose
    latents are signal plus sigma times noise.
    """
    if sampler not in ("euler", "euler-a", "heun"):
        return 1.0
    sigma = float(scheduler.sigmas[evaluation])
    return 1.0 / math.sqrt(1.0 + sigma * sigma)


def predicted_x0(
    scheduler: Any, answer: Any, guided: Tensor, latents: Tensor, alpha_bar: float
) -> Tensor:
    """The clean latents a step believes in: the scheduler's own where it gives them.

    Where it does not (DPM-Solver++, UniPC, PNDM), from the guided prediction at ``alpha_bar``:
    x0 = (x - sqrt(1 - alpha_bar) eps) / sqrt(alpha_bar) (DDIM, Song et al. 2020, eq. 12).
    """
    for name in ("pred_original_sample", "denoised"):
        given = getattr(answer, name, None)
        if given is not None:
            return torch.as_tensor(given)
    alpha, noise = math.sqrt(alpha_bar), math.sqrt(1 - alpha_bar)
    kind = scheduler.config.prediction_type
    if kind == "v_prediction":
        return alpha * latents - noise * guided
    if kind == "sample":
        return guided
    return (latents - noise * guided) / alpha


def _remembered(scheduler: Any, sampler: str) -> tuple[str, ...]:
    place = ("_step_index",) if hasattr(scheduler, "_step_index") else ()
    return SAMPLERS[sampler].memory + place


def _pack_one(arrays: Arrays, name: str, value: Any) -> Any:
    if not isinstance(value, Tensor):
        return value
    if value.ndim == 0:
        return {"scalar": value.item(), "dtype": str(value.dtype).removeprefix("torch.")}
    arrays[name] = value.detach().cpu().numpy()
    return {"array": name, "channels_last": is_channels_last(value)}
