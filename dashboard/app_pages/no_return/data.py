"""Point of no return as tables: how alike the continuations are, and what was there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dashboard.data.finished import Finished
from engine.chain.records import Manifest
from engine.embed.stored_memo import Embeddings
from engine.experiments.no_return import Continuations, Decided, decided_by
from engine.metrics.similarity import cosine_table
from engine.text.records import TextRun

AMONG, WITH_RUN = "one another", "the run"
COLUMNS = ("step", "measure", "against", "mean", "low", "high", "continuations", "asked")


def decided_table(rows: Sequence[Decided]) -> pd.DataFrame:
    """Two rows a step and measure: the continuations against one another, and against the run."""
    return pd.DataFrame(
        [
            (row.at, row.measure, against, i.mean, i.low, i.high, row.with_run.count, row.asked)
            for row in rows
            for against, i in ((AMONG, row.among), (WITH_RUN, row.with_run))
        ],
        columns=list(COLUMNS),
    )


def revealed_share(run: TextRun) -> pd.DataFrame:
    """How many of the tokens that a run wrote were there after each step: step, share.

    Of the uniform kernel, whose noise is words, how many were the last step's already.
    """
    start, last = run.written_by_it, run.steps[-1].tokens
    there = [
        step.tokens != run.mask_id if run.masked_kernel else step.tokens == last
        for step in run.steps
    ]
    return pd.DataFrame(
        {
            "step": [step.index for step in run.steps],
            "share": [float(each[start].mean()) for each in there],
        }
    )


def clip_rows(
    manifest: Manifest,
    tried: Sequence[Continuations],
    pictures: Mapping[str, Finished],
    embeddings: Embeddings,
) -> list[Decided]:
    """How alike CLIP finds the final pictures; steps without a finished one give no row."""
    rows = []
    for each in tried:
        runs = [manifest.run, *(run for run in each.runs if run in pictures)]
        if len(runs) < 2 or manifest.run not in pictures:
            continue
        vectors = embeddings.of_pictures([pictures[run].digest for run in runs])
        table = cosine_table(vectors, vectors).astype(np.float64)
        rows.append(decided_by(each.at, "pictures (CLIP)", table, asked=len(each.runs)))
    return rows
