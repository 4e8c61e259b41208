"""A world's pictures on disk: the same wherever they are made, and refused where they are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cache.errors import InvalidInput
from engine.training.world_data import rendered_shard

SIDE, COUNT = 16, 3


def _shard(folder: Path) -> tuple[np.ndarray, int]:
    pictures, scenes = rendered_shard(folder, 4, size=SIDE, count=COUNT, world="poster")
    return np.array(pictures), len(scenes)


def test_a_shard_is_the_same_wherever_it_is_made_and_is_made_once(tmp_path: Path) -> None:
    first, scenes = _shard(tmp_path / "here")
    again, _ = _shard(tmp_path / "there")
    assert np.array_equal(first, again)
    assert (len(first), scenes) == (COUNT, COUNT)
    made = next((tmp_path / "here").glob("*.npy"))
    before = made.stat().st_mtime_ns
    assert np.array_equal(_shard(tmp_path / "here")[0], first)
    assert made.stat().st_mtime_ns == before


def _cut(pictures: Path, _: Path) -> None:
    pictures.write_bytes(pictures.read_bytes()[:-10])


def _of_another_size(pictures: Path, _: Path) -> None:
    np.save(pictures, np.zeros((COUNT, 8, 8, 3), np.uint8))


def _without_scenes(_: Path, scenes: Path) -> None:
    scenes.write_text("[]")


def _of_other_facts(_: Path, scenes: Path) -> None:
    scenes.write_text('[{"sea": 1}]')


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_cut, "renderings must be readable, got"),
        (_of_another_size, "renderings must be 3 of 16 x 16, got uint8 .3, 8, 8, 3. and 3 scenes"),
        (_without_scenes, "renderings must be 3 of 16 x 16, got uint8 .3, 16, 16, 3. and 0 scenes"),
        (_of_other_facts, "renderings must be readable, got"),
    ],
)
def test_a_damaged_shard_is_refused_and_named(
    tmp_path: Path, damage: Callable[[Path, Path], None], message: str
) -> None:
    _shard(tmp_path)
    damage(next(tmp_path.glob("*.npy")), next(tmp_path.glob("*.json")))
    with pytest.raises(InvalidInput, match=message) as raised:
        _shard(tmp_path)
    assert "delete" in str(raised.value)
