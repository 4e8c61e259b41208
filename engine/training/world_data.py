"""A world's pictures on disk: shards of pictures and their scenes, made once and reused."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from cache.errors import InvalidInput
from engine.training.worlds import Scene, world_of

SHARD = 4096
HELD_OUT = 1_000_000  # shard numbers from here on are never trained on
HELD_OUT_COUNT = 512  # pictures that checkpoints are measured on; the cards render their own


def rendered_shard(
    folder: Path, shard: int, *, size: int, count: int = SHARD, world: str = "landscape"
) -> tuple[NDArray[np.uint8], list[Scene]]:
    """One shard of a world, uint8 [count, size, size, 3] and its scenes; rendered if missing.

    The shard number is the seed, so that a shard is the same wherever it is made.
    """
    drawn_from = world_of(world)
    edition = "" if drawn_from.edition == 1 else f"-{drawn_from.edition}"
    stem = folder / f"{world}{edition}-{size}-{shard}-{count}"
    pictures_path, scenes_path = stem.with_suffix(".npy"), stem.with_suffix(".json")
    if not scenes_path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng([shard, 20260])
        pictures, scenes = drawn_from.render_many(rng, count, size)
        np.save(pictures_path, pictures)
        facts: list[dict[str, Any]] = [asdict(scene) for scene in scenes]
        partial = scenes_path.with_suffix(".partial")
        partial.write_text(json.dumps(facts))
        partial.replace(scenes_path)
    try:
        loaded: NDArray[np.uint8] = np.load(pictures_path, mmap_mode="r", allow_pickle=False)
        scenes = [drawn_from.scene_of(facts) for facts in json.loads(scenes_path.read_text())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"renderings must be readable, got {pictures_path}: {error}: delete it and "
            f"{scenes_path.name}"
        ) from error
    if loaded.dtype != np.uint8 or loaded.shape != (count, size, size, 3) or len(scenes) != count:
        raise InvalidInput(
            f"renderings must be {count} of {size} x {size}, got {loaded.dtype} {loaded.shape} and "
            f"{len(scenes)} scenes: delete {pictures_path} and {scenes_path.name}"
        )
    return loaded, scenes


def render_shards(
    folder: Path, *, shards: Sequence[int], size: int, world: str, workers: int
) -> None:
    """Render what is missing of these shards, one a process at a time."""
    fresh = multiprocessing.get_context("spawn")  # a fork would take torch's threads along
    with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
        waiting = [
            pool.submit(_render, folder, shard, size, count_of(shard), world) for shard in shards
        ]
        done = as_completed(waiting)
        for future in track(done, total=len(waiting), description=f"rendering the {world} world"):
            future.result()


def count_of(shard: int) -> int:
    """How many pictures a shard holds."""
    return HELD_OUT_COUNT if shard >= HELD_OUT else SHARD


def _render(folder: Path, shard: int, size: int, count: int, world: str) -> None:
    rendered_shard(folder, shard, size=size, count=count, world=world)


def rendered_world(
    folder: Path,
    *,
    shards: Sequence[int],
    size: int,
    count: int = SHARD,
    world: str = "landscape",
) -> tuple[NDArray[np.uint8], list[Scene]]:
    """Several shards as one array in memory and one list of scenes."""
    parts = [
        rendered_shard(folder, shard, size=size, count=count, world=world)
        for shard in track(shards, description=f"rendering the {world} world", transient=True)
    ]
    pictures = np.concatenate([part for part, _ in parts])
    return pictures, [scene for _, scenes in parts for scene in scenes]
