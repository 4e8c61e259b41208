"""What a training on a GPU keeps there: pictures, captions as token ids, and the draws of batches.

A GPU that waits for the CPU to draw pictures, noise or captions is idle most of the time. The
captions are worded beforehand, several times a picture.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import CLIPTokenizer

from engine.training.image.clip_tokenizer import POSITIONS
from engine.training.worlds import Scene, world_of

CHUNK = 4096  # scenes that one process words at a time
UPLOADED = 4096  # pictures at a time
TOKENIZED = 65_536  # texts at a time


def device_pictures(pictures: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Pictures uint8 [n, y, x, 3] on the device."""
    on_device = torch.empty(pictures.shape, dtype=torch.uint8, device=device)
    for k in range(0, len(pictures), UPLOADED):
        on_device[k : k + UPLOADED] = torch.from_numpy(np.array(pictures[k : k + UPLOADED]))
    return on_device


def scaled(pictures: Tensor) -> Tensor:
    """Pictures uint8 [n, y, x, 3] as float32 [n, 3, y, x] in [-1, 1]."""
    return (pictures.permute(0, 3, 1, 2).float() / 127.5 - 1.0).contiguous()


def drawn(of: int, count: int, generator: torch.Generator) -> Tensor:
    """Random places in a data set, int64 [count]."""
    return torch.randint(of, (count,), generator=generator, device=generator.device)


def flipped(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Half of the pictures [n, 3, y, x] mirrored."""
    mirrored = torch.rand(len(pictures), generator=generator, device=pictures.device) < 0.5
    return torch.where(mirrored[:, None, None, None], pictures.flip(3), pictures)


def softened(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Half of the pictures with less sharpness and some grain, as decoded pictures have."""
    side, device = pictures.shape[-1], pictures.device
    draws = torch.rand((2, len(pictures), 1, 1, 1), generator=generator, device=device)
    amount = torch.where(draws[0] < 0.5, 0.2 + 0.8 * draws[1], torch.zeros_like(draws[1]))
    half = torch.nn.functional.avg_pool2d(pictures, 2)
    blurred = torch.nn.functional.interpolate(
        half, size=(side, side), mode="bilinear", align_corners=False
    )
    grain = 0.03 * torch.randn(pictures.shape, generator=generator, device=device)
    return pictures + amount * (blurred - pictures) + (amount > 0) * grain


def worded(
    scenes: Sequence[Scene],
    tokenizer: CLIPTokenizer,
    *,
    world: str,
    wordings: int,
    long: int = 0,
    sides: float | None = None,
    seed: int,
    workers: int,
) -> NDArray[np.int16]:
    """Token ids [scene, wording, position] of captions drawn anew, padded to all positions.

    The last ``long`` wordings of a scene are four captions in a row, so that the later positions
    are trained, too.
    """
    jobs = [
        (chunk, tokenizer, world, wordings, long, sides, [seed, k])
        for k, chunk in enumerate(_chunks(scenes))
    ]
    return _done(_worded, jobs, workers).reshape(len(scenes), wordings, POSITIONS)


def contrasted_ids(
    scenes: Sequence[Scene], tokenizer: CLIPTokenizer, *, pairs: int, seed: int, workers: int
) -> NDArray[np.int16]:
    """Token ids [scene, pair, 2, position] of posters' captions, and of each with one thing wrong.

    A scene of which nothing can be changed has an unrelated text in the place of the wrong one.
    """
    jobs = [(chunk, tokenizer, pairs, [seed, k]) for k, chunk in enumerate(_chunks(scenes))]
    return _done(_contrasted, jobs, workers).reshape(len(scenes), pairs, 2, POSITIONS)


def _chunks(scenes: Sequence[Scene]) -> list[list[Scene]]:
    return [list(scenes[k : k + CHUNK]) for k in range(0, len(scenes), CHUNK)]


def _done(
    work: Callable[[Any], NDArray[np.int16]], jobs: Sequence[Any], workers: int
) -> NDArray[np.int16]:
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
        return np.concatenate(list(pool.map(work, jobs)))


def unrelated_ids(tokenizer: CLIPTokenizer, *, count: int, seed: int) -> NDArray[np.int16]:
    """Token ids [text, position] of texts that fit no picture."""
    from engine.training.image.unrelated_texts import unrelated_text

    rng = np.random.default_rng(seed)
    return ids_of(tokenizer, [unrelated_text(rng) for _ in range(count)])


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as kernels of its own for these shapes, by torch.compile; else as it is."""
    torch.backends.cudnn.benchmark = True
    torch._dynamo.config.suppress_errors = True
    return torch.compile(function, dynamic=False)


def _worded(
    job: tuple[list[Scene], CLIPTokenizer, str, int, int, float | None, list[int]],
) -> NDArray[np.int16]:
    scenes, tokenizer, world, wordings, long, sides, seed = job
    rng, caption = np.random.default_rng(seed), world_of(world).telling(sides)
    texts = []
    for scene in scenes:
        texts += [caption(scene, rng) for _ in range(wordings - long)]
        texts += [", ".join(caption(scene, rng) for _ in range(4)) for _ in range(long)]
    return ids_of(tokenizer, texts)


def _contrasted(job: tuple[list[Scene], CLIPTokenizer, int, list[int]]) -> NDArray[np.int16]:
    from engine.training.image.changes import contrasted
    from engine.training.image.unrelated_texts import unrelated_text

    scenes, tokenizer, pairs, seed = job
    rng, caption = np.random.default_rng(seed), world_of("poster").caption
    texts: list[str] = []
    for scene in scenes:
        for _ in range(pairs):
            texts += contrasted(scene, rng) or (caption(scene, rng), unrelated_text(rng))
    return ids_of(tokenizer, texts)


def ids_of(tokenizer: CLIPTokenizer, texts: list[str]) -> NDArray[np.int16]:
    """Token ids [text, position], padded to all positions."""
    parts = [
        np.asarray(
            tokenizer(
                texts[k : k + TOKENIZED],
                padding="max_length",
                truncation=True,
                max_length=POSITIONS,
            )["input_ids"],
            dtype=np.int16,
        )
        for k in range(0, len(texts), TOKENIZED)
    ]
    return np.concatenate(parts)
