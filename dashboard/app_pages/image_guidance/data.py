"""What guidance trades: groups of runs that differ in seed and scale, and their measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from dashboard.data import measure_tables
from dashboard.data.finished import Finished
from dashboard.data.groups import Group, groups
from engine.chain.records import Manifest
from engine.embed.stored_memo import Embeddings
from engine.metrics.bootstrap import Interval, bootstrap_mean, bootstrap_pairs, bootstrap_vendi
from engine.metrics.image_diversity import clip_distances, ssim_table
from engine.metrics.similarity import Table, clip_scores, cosine_table

VARYING = ("seed", "guidance")
SCORE = "clip_score"
COLUMNS = ("guidance", "measure", "mean", "low", "high", "seeds")

BySeed = Mapping[int, Finished]


def comparisons(runs: Iterable[Manifest]) -> list[Group]:
    """The groups that hold two scales or more, newest first; guidance that varies is left out."""
    single = (m for m in runs if isinstance(m.spec.get("guidance"), int | float))
    return [each for each in groups(single, varying=VARYING) if len(each.values("guidance")) > 1]


def by_scale(group: Group, pictures: Mapping[str, Finished]) -> dict[float, dict[int, Finished]]:
    """The finished pictures of a group by scale and seed, both in order."""
    cells = group.cells("guidance", "seed")
    return {
        scale: {
            seed: pictures[cells[scale, seed].run]
            for seed in group.values("seed")
            if (scale, seed) in cells and cells[scale, seed].run in pictures
        }
        for scale in group.values("guidance")
    }


def well_covered(pictures: Mapping[float, BySeed]) -> list[float]:
    """The scales with at least half as many seeds as the best has: a fair first choice."""
    most = max((len(seeds) for seeds in pictures.values()), default=0)
    return [scale for scale, seeds in pictures.items() if seeds and 2 * len(seeds) >= most]


def common_seeds(pictures: Mapping[float, BySeed], scales: Sequence[float]) -> list[int]:
    """The seeds that are finished at every one of some scales: only those compare fairly."""
    sets = [set(pictures[scale]) for scale in scales]
    return sorted(set.intersection(*sets)) if sets else []


def measures(
    pictures: Mapping[float, BySeed],
    scales: Sequence[float],
    *,
    prompt: str,
    embeddings: Embeddings | None,
) -> pd.DataFrame:
    """One row a scale and measure, over the seeds that all the scales have.

    Columns guidance, measure, mean, low, high (95 % bootstrap over seeds), seeds. Without
    ``embeddings`` only what pixels tell. Fewer than two common seeds give no rows.
    """
    seeds = common_seeds(pictures, scales)
    rows = []
    for scale in scales if len(seeds) > 1 else ():
        compared = [pictures[scale][seed] for seed in seeds]
        intervals = _pixel_measures(compared)
        if embeddings is not None:
            intervals |= _clip_measures(compared, prompt, embeddings)
        rows += [(scale, name, i.mean, i.low, i.high, i.count) for name, i in intervals.items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def wide(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The measures as people read them: one row a scale, ``mean [low, high]`` a column."""
    return measure_tables.wide(table, names, by=("guidance", "seeds"))


def _pixel_measures(pictures: Sequence[Finished]) -> dict[str, Interval]:
    small = np.stack([picture.small for picture in pictures])
    flat = small.reshape(len(small), -1).astype(np.float64) / 255
    apart = {"ssim_difference": 1 - ssim_table(small), "pixel_distance": _rms_table(flat)}
    return {name: bootstrap_pairs(table) for name, table in apart.items()}


def _clip_measures(
    pictures: Sequence[Finished], prompt: str, embeddings: Embeddings
) -> dict[str, Interval]:
    vectors = embeddings.of_pictures([picture.digest for picture in pictures])
    texts = np.repeat(embeddings.texts[prompt][None], len(vectors), axis=0)
    kernel = cosine_table(vectors, vectors)
    kernel = (kernel + kernel.T) / 2
    np.fill_diagonal(kernel, 1.0)
    return {
        SCORE: bootstrap_mean(clip_scores(texts, vectors).tolist()),
        "vendi": bootstrap_vendi(kernel),
        "clip_distance": bootstrap_pairs(clip_distances(vectors)),
    }


def _rms_table(flat: Table) -> Table:
    """[n, n] root mean square differences of the rows of [n, values]."""
    squares = (flat**2).sum(axis=1)
    apart = squares[:, None] + squares[None, :] - 2 * flat @ flat.T
    distances: Table = np.sqrt(apart.clip(0.0) / flat.shape[1])
    np.fill_diagonal(distances, 0.0)
    return distances
