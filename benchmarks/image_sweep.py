"""A guidance sweep over the plain loop of pipeline calls, and a warm sweep over a cold one.

4 scales x 4 seeds x 25 steps of one prompt on the built-in model (or --model), an empty store
every round. The plain loop calls diffusers' own StableDiffusionPipeline once a picture and keeps
nothing; the engine keeps every latent, both noise predictions and predicted x0 of every step.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.measure import alternate, report
from cache.store import Store
from engine.image import stored as image_stored
from engine.image.loading import load_image_denoiser
from engine.image.spec import GUIDANCE_COMPARED, ImageSpec
from engine.models.device import best_device
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.requests.sweeps import expand

PROMPT = "A sunset over the ocean"
SEEDS, STEPS = 4, 25


def plain_loop(pipe: Any, specs: list[ImageSpec]) -> list[np.ndarray]:
    """Pictures by one pipeline call each."""
    return [
        pipe(
            spec.prompt,
            num_inference_steps=spec.steps,
            guidance_scale=spec.guidance,
            generator=torch.Generator().manual_seed(spec.seed),
            output_type="np",
        ).images[0]
        for spec in specs
    ]


def largest_difference(store: Store, specs: list[ImageSpec], plain: list[np.ndarray]) -> float:
    """How far the engine's pictures are from the pipeline's, of 255."""
    found = 0.0
    for run, picture in zip(compute(store, specs).runs, plain, strict=True):
        manifest = image_stored.load_image_run(store, run).manifest
        result = image_stored.find_result(store, manifest)
        if result is None:
            raise RuntimeError("a finished run has no picture")
        pixels = image_stored.picture_pixels(result.png).astype(np.float64)
        found = max(found, float(np.abs(pixels - (picture * 255).round()).max()))
    return found


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--model", default="builtin-sd")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    base = ImageSpec(model=options.model, prompt=PROMPT, steps=STEPS)
    axes = {"seed": list(range(SEEDS)), "guidance": list(GUIDANCE_COMPARED)}
    specs = list(expand(base, axes))
    model = load_image_denoiser(plan(base).model, best_device(), "float32")
    pipe = type(model.pipe)(**model.pipe.components, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = ddim_of(pipe)
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), specs, pipe, options.rounds)


def ddim_of(pipe: Any) -> Any:
    """The engine's default sampler, for the plain loop."""
    from diffusers import DDIMScheduler

    return DDIMScheduler.from_config(pipe.scheduler.config)


def measure(folder: Path, specs: list[ImageSpec], pipe: Any, rounds: int) -> None:
    """Cold, warm and plain, round after round; then the tables."""
    opened = 0
    calls: dict[str, int] = {}

    def cold() -> None:
        nonlocal opened
        opened += 1
        with Store.open(folder / str(opened)) as store:
            calls["cold"] = compute(store, specs).model_calls

    def warm() -> None:
        with Store.open(folder / str(opened)) as store:
            calls["warm"] = compute(store, specs).model_calls
            for spec in specs:
                image_stored.load_image_run(store, plan(spec).chain.run)

    plain_loop(pipe, specs[:2])  # the first calls warm the threads and the allocator
    times = alternate(
        {"plain pipeline calls": lambda: plain_loop(pipe, specs), "cold sweep": cold, "warm": warm},
        rounds=rounds,
    )
    with Store.open(folder / str(opened)) as store:
        difference = largest_difference(store, specs, plain_loop(pipe, specs))
    facts = {
        "unet_samples_cold": calls["cold"],
        "unet_samples_warm": calls["warm"],
        "largest_difference_of_255": round(difference, 3),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }
    title = (
        f"{len(specs)} pictures x {STEPS} steps, {SEEDS} seeds x {len(GUIDANCE_COMPARED)} scales"
    )
    report(title, times, baseline="plain pipeline calls", **facts)
    report("warm over cold", {k: times[k] for k in ("cold sweep", "warm")}, baseline="cold sweep")


if __name__ == "__main__":
    main()
