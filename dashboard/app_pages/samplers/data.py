"""Samplers compared: how far each is from a converged reference, for how many model calls."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cache.errors import InvalidInput
from cache.store import Store
from dashboard.data.finished import Finished, pixel_rms
from dashboard.data.groups import Group, groups
from engine.chain.axis_values import parse_values, shown
from engine.chain.records import Floats, Manifest
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.precisions import auto_precision
from engine.image.records import ImageStep
from engine.image.spec import ImageSpec
from engine.metrics.latent_trajectory import rms
from engine.requests.sweeps import expand

VARYING = ("sampler", "steps", "eta", "accelerator", "exact")
ENOUGH = 100  # steps of a reference below which it is not called converged
MOST_RUNS = 256
ALIKE = 0.02  # lines whose points are within that of one another look like one
LEVELS = ("evaluation", "timestep", "sigma", "alpha_bar")


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """What a finished run leaves to compare: its last latents, its way there, and its times."""

    manifest: Manifest
    latents: Floats  # [C, h, w] of unit variance
    levels: NDArray[np.float64]  # [evaluation, LEVELS]
    calls: int  # samples the U-Net was run on: two an evaluation where guidance is above 1
    whole: int  # evaluations of the whole U-Net; DeepCache makes only every third one
    seconds: float  # see ``_seconds``
    recorded_seconds: float  # the sum of what the steps recorded
    alone: bool  # whether every step was computed by itself, so that times compare
    measured: str  # device, threads and batch layouts

    @property
    def method(self) -> str:
        """The sampler with what changes it."""
        return method_of(self.manifest.spec)

    @property
    def steps(self) -> int:
        """The steps that were asked for."""
        return int(self.manifest.spec["steps"])

    @property
    def evaluations(self) -> int:
        """How often the sampler evaluated the model."""
        return self.manifest.step_count

    @property
    def random(self) -> bool:
        """Whether its steps draw fresh noise: it comes near no reference, however many steps."""
        return image_stored.image_spec(self.manifest).stochastic


def method_of(spec: Mapping[str, Any]) -> str:
    """A sampler, its eta and its accelerator as a name."""
    eta = f", eta {spec['eta']:g}" if spec.get("eta") else ""
    fast = "" if spec.get("accelerator", "none") == "none" else f" + {spec['accelerator']}"
    return f"{spec['sampler']}{eta}{fast}"


def comparisons(runs: Iterable[Manifest]) -> list[Group]:
    """The groups of one prompt and seed with two samplers or step counts or more, newest first.

    Left out: forks, pictures from pictures, and guidance that varies over the steps.
    """
    plain = (
        m
        for m in runs
        if not m.spec.get("changes")
        and m.spec.get("init_image") is None
        and m.spec.get("guidance_interval") is None
        and isinstance(m.spec["guidance"], int | float)
    )
    return [
        each
        for each in groups(plain, varying=VARYING)
        if len({(method_of(m.spec), m.spec["steps"]) for m in each.runs}) > 1
    ]


def load_ended(store: Store, manifest: Manifest) -> Ended | None:
    """A finished run read for comparing; None while a step is missing. Raises PayloadDamaged."""
    run = image_stored.load_image_run(store, manifest.run)
    if not run.complete or len(run.steps) < 2:
        return None
    steps, last = run.steps[1:], run.steps[-1]
    spec = image_stored.image_spec(manifest)
    deep = spec.accelerator == "deepcache"
    whole = [
        not deep or image_keys.last_whole_pass(spec, step.index) == step.index for step in steps
    ]
    return Ended(
        manifest=manifest,
        latents=last.unit_latents(),
        levels=np.array([[s.index, s.timestep, s.sigma, s.alpha_bar] for s in steps], np.float64),
        calls=sum(1 if step.noise_uncond is None else 2 for step in steps),
        whole=sum(whole),
        seconds=_seconds(steps, whole),
        recorded_seconds=sum(step.seconds for step in steps),
        alone=all(step.meta.get("layout") == "exact" for step in steps),
        measured=_measured(steps),
    )


def compared(runs: Iterable[Ended]) -> list[Ended]:
    """One run a method and step count, in order: the one computed alone where there is one."""
    best: dict[tuple[str, int], Ended] = {}
    for ended in runs:
        name = (ended.method, ended.steps)
        if name not in best or (ended.alone and not best[name].alone):
            best[name] = ended
    return [best[name] for name in sorted(best)]


def references(runs: Sequence[Ended]) -> list[Ended]:
    """The runs that may be the reference, the best first: no fresh noise, not accelerated.

    The most steps first, then the most evaluations of the model.
    """
    able = [e for e in runs if not e.random and e.manifest.spec["accelerator"] == "none"]
    return sorted(able, key=lambda e: (-e.steps, -e.evaluations, e.method))


def latent_distance(run: Ended, reference: Ended) -> float:
    """RMS difference of the last latents in standard deviations of the reference's.

    0 for the same, about 1.4 for unrelated ones.
    """
    apart = run.latents.astype(np.float64) - reference.latents.astype(np.float64)
    spread = float(reference.latents.astype(np.float64).std())
    return float(rms(apart)) / spread if spread else float("nan")


def distance_table(
    runs: Sequence[Ended], reference: Ended, pictures: Mapping[str, Finished]
) -> pd.DataFrame:
    """One row a run other than the reference: its distances to it, its calls, its times.

    ``latent_distance`` as above; ``picture_distance`` RMS of pixels, 0 to 1, nan where a picture
    is missing.
    """
    goal = pictures.get(reference.manifest.run)
    rows = []
    for run in runs:
        if run.manifest.run == reference.manifest.run:
            continue
        picture = pictures.get(run.manifest.run)
        rows.append(
            {
                "method": run.method,
                "steps": run.steps,
                "evaluations": run.evaluations,
                "calls": run.calls,
                "whole": run.whole,
                "latent_distance": latent_distance(run, reference),
                "picture_distance": float("nan")
                if picture is None or goal is None
                else pixel_rms(picture.small, goal.small),
                "seconds": run.seconds,
                "recorded_seconds": run.recorded_seconds,
                "alone": run.alone,
                "random": run.random,
                "measured": run.measured,
                "run": run.manifest.run,
            }
        )
    return pd.DataFrame(rows)


def own_error(table: pd.DataFrame, reference: Ended) -> pd.Series[Any] | None:
    """The row of the reference's own sampler with the next fewer steps; None without one.

    Its distances say about how far the reference itself may be from where it goes.
    """
    fewer = table[(table["method"] == reference.method) & (table["steps"] < reference.steps)]
    return None if fewer.empty else fewer.sort_values("steps").iloc[-1]


def coinciding(table: pd.DataFrame, cost: str) -> list[list[str]]:
    """Methods whose points of ``distance_table`` lie on one another in both distances, together."""
    measures = [cost, "latent_distance", "picture_distance"]
    found: list[tuple[NDArray[np.float64], list[str]]] = []
    for method, part in table.groupby("method", sort=False):
        points = part.sort_values(cost)[measures].to_numpy(np.float64)
        for known, methods in found:
            if known.shape == points.shape and np.allclose(
                known, points, rtol=ALIKE, atol=0, equal_nan=True
            ):
                methods.append(str(method))
                break
        else:
            found.append((points, [str(method)]))
    return [methods for _, methods in found if len(methods) > 1]


def level_table(runs: Sequence[Ended], *, steps: int) -> pd.DataFrame:
    """Where the evaluations of the runs with so many steps fall: a row an evaluation."""
    parts = [
        pd.DataFrame(run.levels, columns=list(LEVELS)).assign(method=run.method)
        for run in runs
        if run.steps == steps
    ]
    if not parts:
        return pd.DataFrame(columns=[*LEVELS, "method"])
    return pd.concat(parts, ignore_index=True)


def comparison_specs(
    fields: Mapping[str, Any],
    *,
    samplers: Sequence[str],
    accelerators: Sequence[str],
    steps: str,
    reference: tuple[str, int],
) -> list[ImageSpec]:
    """The runs of a comparison: the reference, samplers x steps, accelerators on ddim x steps.

    Raises InvalidInput.
    """
    typed = parse_values(steps.replace(" ", ""), name="steps")
    if not all(type(count) is int for count in typed):
        raise InvalidInput(f"steps must be whole numbers as in 5, 10, 20, got {shown(steps)}")
    counts = list(dict.fromkeys(typed))
    if not 1 <= len(counts) * (len(samplers) + len(accelerators)) <= MOST_RUNS:
        wanted = len(counts) * (len(samplers) + len(accelerators))
        raise InvalidInput(f"runs must be 1 to {MOST_RUNS}, got {wanted}")
    sampler, most = reference
    base = ImageSpec(**{"precision": auto_precision(), **fields, "steps": counts[0]})
    specs = [base.but(sampler=sampler, steps=most)]
    if samplers:
        specs += expand(base, {"sampler": samplers, "steps": counts})
    if accelerators:
        specs += expand(base, {"accelerator": accelerators, "steps": counts})
    return list(dict.fromkeys(specs))


def _seconds(steps: Sequence[ImageStep], whole: Sequence[bool]) -> float:
    """The median step of each kind (whole or shallow) times how many there are of it.

    The first step may hold the encoding of the prompt and a model's first call: a sum would
    charge a short run for it.
    """
    total = 0.0
    for kind in (True, False):
        taken = [s.seconds for s, is_whole in zip(steps, whole, strict=True) if is_whole is kind]
        total += statistics.median(taken) * len(taken) if taken else 0.0
    return total


def _measured(steps: Sequence[ImageStep]) -> str:
    """Where and how the times of some steps came about."""
    first = steps[0].meta
    layouts = list(dict.fromkeys(str(step.meta.get("layout", "unknown")) for step in steps))
    wording = {"exact": "one run at a time"}
    named = ", ".join(wording.get(layout, f"shared {layout}") for layout in layouts[:3])
    more = ", ..." if len(layouts) > 3 else ""
    threads = f", {first['threads']} threads" if "threads" in first else ""
    return f"{first.get('device', 'device unknown')}{threads}: {named}{more}"
