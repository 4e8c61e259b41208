"""Families of forks for the page: nodes of the tree, tables of what a fork changed."""

from __future__ import annotations

import pandas as pd

from cache.errors import StepscopeError
from cache.store import Store
from dashboard.data.finished import thumbnail
from engine.chain.records import Manifest
from engine.experiments.families import Member
from engine.experiments.forks import described_change
from engine.image import stored as image_stored
from engine.metrics.fork_effects import LatentEffects, TokenEffects


def family_table(members: list[Member]) -> pd.DataFrame:
    """One row a run of a family."""
    return pd.DataFrame(
        {
            "run": [m.manifest.run for m in members],
            "parent": [m.parent for m in members],
            "forked after step": [m.at for m in members],
            "changed": ["; ".join(map(described_change, m.changes)) for m in members],
            "steps": [m.manifest.step_count for m in members],
        }
    )


def token_table(effects: TokenEffects) -> pd.DataFrame:
    """One row a step and position after a fork."""
    return pd.DataFrame(
        {
            "step": int(step),
            "position": position,
            "flipped": bool(effects.flipped[row, position]),
            "confidence_change": float(effects.confidence[row, position]),
            "written": position in effects.written,
        }
        for row, step in enumerate(effects.steps)
        for position in range(effects.flipped.shape[1])
    )


def latent_table(effects: LatentEffects) -> pd.DataFrame:
    """One row a step: how far apart the latents of parent and fork are."""
    return pd.DataFrame({"step": effects.steps, "rms": effects.rms, "cosine": effects.cosine})


def thumb_of(store: Store, manifest: Manifest) -> str:
    """A thumbnail of what an image run came to; '' for others and until it is there."""
    if manifest.kind != "image":
        return ""
    try:
        picture = image_stored.find_result(store, manifest)
    except StepscopeError:
        return ""
    return "" if picture is None else thumbnail(picture.png)
