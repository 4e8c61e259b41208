"""The reverse process of latent diffusion, one evaluation of the U-Net at a time.

The loop of diffusers' pipelines, taken apart: what the U-Net is to see (``rows``), and what the
scheduler makes of its answer (``advance``). Between the two, rows of many runs share a batch.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cache.errors import NonFiniteLatents
from engine.image.families.family import Condition, Row
from engine.image.keys import position_of
from engine.image.records import ImageStep, Latents
from engine.image.schedulers import noise_level, predicted_x0, unit_scale
from engine.image.spec import ImageSpec


@dataclass
class ImageRunner:
    """Where one run stands: its latents, its scheduler and generator, the next step's index."""

    spec: ImageSpec
    latents: Tensor  # [1, C, h, w]
    scheduler: Any
    generator: torch.Generator | None
    next_index: int
    evaluation: int  # of the sampler's schedule, from 1, that the next step is
    state: str  # names the latents the next step starts from: equal name, equal bits

    @property
    def guidance(self) -> float:
        """The guidance scale of the next step."""
        return self.spec.guidance_at(position_of(self.spec.sampler, self.evaluation))

    def rows(
        self, condition: Condition, negative: Condition | None, *, embedded: float | None = None
    ) -> list[Row]:
        """What the U-Net is to see: [unconditional, conditional], or only the latter.

        ``embedded`` is the guidance scale for models that take it as an input.
        """
        timestep = self.scheduler.timesteps[self.evaluation - 1]
        scaled = self.scheduler.scale_model_input(self.latents, timestep)
        conditions = [condition] if negative is None else [negative, condition]
        return [Row(scaled, timestep, each, self.state, embedded) for each in conditions]

    def advance(self, predictions: list[Tensor], seconds: float) -> ImageStep:
        """The step that the U-Net's answers to ``rows`` lead to.

        Raises NonFiniteLatents when a prediction or the new latents hold nan or inf.
        """
        spec, evaluation, guidance = self.spec, self.evaluation, self.guidance
        cond = predictions[-1]
        uncond = predictions[0] if len(predictions) > 1 else None
        # classifier-free guidance (Ho and Salimans 2022, 2207.12598)
        guided = cond if uncond is None else uncond + guidance * (cond - uncond)
        timestep = self.scheduler.timesteps[evaluation - 1]
        answer = self.scheduler.step(guided, timestep, self.latents, **self._step_arguments())
        sigma, alpha_bar = noise_level(self.scheduler, evaluation)
        clean = predicted_x0(self.scheduler, answer, guided, self.latents, alpha_bar)
        self.latents = answer.prev_sample
        self._check_finite(guided, clean)
        step = ImageStep(
            index=self.next_index,
            latents=as_array(self.latents),
            noise_cond=as_array(cond),
            noise_uncond=None if uncond is None else as_array(uncond),
            predicted_x0=as_array(clean),
            timestep=float(timestep),
            sigma=sigma,
            alpha_bar=alpha_bar,
            guidance=guidance,
            position=position_of(spec.sampler, evaluation),
            latents_scale=unit_scale(self.scheduler, spec.sampler, evaluation),
            norms=norms(self.latents, cond, uncond, guided, clean),
            seconds=seconds,
        )
        self.next_index, self.evaluation = self.next_index + 1, evaluation + 1
        return step

    def _step_arguments(self) -> dict[str, Any]:
        accepted = inspect.signature(self.scheduler.step).parameters
        given = {"eta": self.spec.eta, "generator": self.generator}
        return {name: value for name, value in given.items() if name in accepted}

    def _check_finite(self, *more: Tensor) -> None:
        if all(bool(torch.isfinite(tensor).all()) for tensor in (self.latents, *more)):
            return
        raise NonFiniteLatents(
            f"step {self.next_index} of seed {self.spec.seed}, guidance {self.guidance:g}, gave "
            "latents that are not finite; it was not stored. A lower guidance scale or float32 "
            "may help."
        )


def start_step(latents: Tensor, *, scale: float) -> ImageStep:
    """Step 0: the initial latents."""
    norm = {"latents": float(latents.float().norm())}
    return ImageStep(index=0, latents=as_array(latents), latents_scale=scale, norms=norm)


def norms(
    latents: Tensor, cond: Tensor, uncond: Tensor | None, guided: Tensor, clean: Tensor
) -> dict[str, float]:
    """L2 norms of a step's tensors; ``guidance_direction`` is that of cond - uncond."""
    tensors = {
        "latents": latents,
        "noise_cond": cond,
        "noise_guided": guided,
        "predicted_x0": clean,
    }
    if uncond is not None:
        tensors |= {"noise_uncond": uncond, "guidance_direction": cond - uncond}
    return {name: float(tensor.float().norm()) for name, tensor in tensors.items()}


def as_array(tensor: Tensor) -> Latents:
    """[C, h, w] of a tensor [1, C, h, w], on the CPU, in its own dtype."""
    array: Latents = np.ascontiguousarray(tensor[0].detach().cpu().numpy())
    return array
