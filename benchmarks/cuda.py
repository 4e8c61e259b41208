"""The image engine on a GPU: images/s, it/s, peak memory, and the ratio over plain diffusers.

Stable Diffusion 1.5 where its files are on this machine (--model), else its architecture with
random weights, which takes the same time. 512 x 512, DDIM, guidance 7.5, float16. Both sides
decode their pictures; the engine also keeps every step in a store.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.measure import alternate, report
from cache.errors import ModelMissing
from cache.store import Store
from engine.image.loading import load_image_denoiser
from engine.image.spec import ImageSpec
from engine.models.device import best_device
from engine.models.registry import find_model
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.training.image.denoising_loss import noise_scheduler

HUB_MODEL = "stable-diffusion-v1-5/stable-diffusion-v1-5"
PROMPT = "A sunset over the ocean"
NO_GPU = "benchmarks.cuda needs a CUDA device and found none; --allow-cpu tries the script anyway"


def random_stable_diffusion(folder: Path) -> str:
    """A folder with Stable Diffusion 1.5's architecture (860 M parameters) and random weights."""
    from diffusers import (
        AutoencoderKL,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    pipe = StableDiffusionPipeline(
        vae=AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            latent_channels=4,
            sample_size=512,
            scaling_factor=0.18215,
        ),
        text_encoder=CLIPTextModel(
            CLIPTextConfig(
                hidden_size=768,
                intermediate_size=3072,
                num_hidden_layers=12,
                num_attention_heads=12,
                vocab_size=49408,
                bos_token_id=512,
                eos_token_id=513,
            )
        ),
        tokenizer=byte_tokenizer(folder / "vocabulary"),
        unet=UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8),
        scheduler=noise_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.to(dtype=torch.float16).save_pretrained(folder)
    return str(folder)


def byte_tokenizer(folder: Path) -> Any:
    """A CLIP tokenizer of single bytes: the U-Net takes 77 tokens of 768 whatever they are."""
    from transformers import CLIPTokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = list(bytes_to_unicode().values())
    pieces = [
        *letters,
        *(f"{letter}</w>" for letter in letters),
        "<|startoftext|>",
        "<|endoftext|>",
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({piece: i for i, piece in enumerate(pieces)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77
    )


def chosen_model(asked: str | None, folder: Path) -> str:
    """The model asked for, else Stable Diffusion 1.5 where it is, else its random twin."""
    if asked is not None:
        return asked
    try:
        return find_model(HUB_MODEL).name
    except ModelMissing:
        print(f"{HUB_MODEL} is not on this machine: its architecture with random weights")
        return random_stable_diffusion(folder / "random-sd15")


def plain_calls(pipe: Any, specs: list[ImageSpec], batch: int) -> None:
    """The same pictures by diffusers' own pipeline, ``batch`` at a time."""
    for at in range(0, len(specs), batch):
        some = specs[at : at + batch]
        pipe(
            [spec.prompt for spec in some],
            num_inference_steps=some[0].steps,
            guidance_scale=some[0].guidance,
            generator=[torch.Generator().manual_seed(spec.seed) for spec in some],
        )


def with_peak(work: Callable[[], Any], peaks: dict[str, float], name: str) -> Callable[[], None]:
    """The same work, noting the peak of the card's memory in GiB."""

    def measured() -> None:
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
            peaks[name] = max(peaks.get(name, 0), torch.cuda.max_memory_allocated() / 2**30)

    return measured


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=None)
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--allow-cpu", action="store_true")
    options = parser.parse_args()
    if not torch.cuda.is_available() and not options.allow_cpu:
        print(NO_GPU, file=sys.stderr)
        raise SystemExit(2)
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    """Every contestant, round after round; then the table."""
    from diffusers import DDIMScheduler

    precision = "float16" if torch.cuda.is_available() else "float32"
    base = ImageSpec(
        model=chosen_model(options.model, folder),
        prompt=PROMPT,
        steps=options.steps,
        precision=precision,
    )
    specs = [base.but(seed=seed) for seed in range(options.pictures)]
    model = load_image_denoiser(plan(base).model, best_device(), precision)
    pipe = type(model.pipe)(**model.pipe.components, requires_safety_checker=False)
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    opened = 0

    def engine(wanted: list[ImageSpec], *, again: bool = False) -> None:
        nonlocal opened
        opened += not again
        with Store.open(folder / f"store{opened}") as store:
            compute(store, wanted)

    exact = [spec.but(exact=True) for spec in specs]
    fast = [spec.but(accelerator="deepcache") for spec in specs]
    peaks: dict[str, float] = {}
    work = {
        "plain, one at a time": lambda: plain_calls(pipe, specs, 1),
        "plain, one batch": lambda: plain_calls(pipe, specs, len(specs)),
        "engine, exact": lambda: engine(exact),
        "engine, DeepCache": lambda: engine(fast),
        "engine, batched": lambda: engine(specs),
        "engine, warm": lambda: engine(specs, again=True),
    }
    plain_calls(pipe, specs[:1], 1)  # the first call chooses kernels
    times = alternate(
        {name: with_peak(each, peaks, name) for name, each in work.items()}, rounds=options.rounds
    )
    card = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU"
    evaluations = len(specs) * options.steps
    facts = {
        "images_per_s": {n: round(len(specs) / min(t), 3) for n, t in times.items()},
        "iterations_per_s": {n: round(evaluations / min(t), 2) for n, t in times.items()},
        "peak_gib": {name: round(peak, 2) for name, peak in peaks.items()},
        "device": card,
        "precision": precision,
        "model": options.model or "random weights",
        "torch": torch.__version__,
    }
    title = f"{len(specs)} pictures x {options.steps} steps on {card}, {precision}"
    report(title, times, baseline="plain, one at a time", **facts)
    for name in times:
        print(
            f"  {name:34} {facts['images_per_s'][name]:8} images/s "
            f"{facts['iterations_per_s'][name]:9} it/s {facts['peak_gib'].get(name, 0):7} GiB peak"
        )


if __name__ == "__main__":
    main()
