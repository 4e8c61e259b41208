"""A run at a glance: what is held of each of thousands, and searched and filtered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.data.library import described
from engine.chain.records import Manifest


@dataclass(frozen=True, slots=True)
class Card:
    """What the Library knows of every run, small enough that thousands are held."""

    run: str
    kind: str
    model: str
    spec: Mapping[str, Any]
    settings: str
    created_at: float  # seconds since the epoch
    step_count: int
    last_step: str  # its key
    tags: tuple[str, ...]
    note: str
    manifest: Manifest


def card_of(manifest: Manifest) -> Card:
    """The card of a run."""
    return Card(
        run=manifest.run,
        kind=manifest.kind,
        model=manifest.model,
        spec=manifest.spec,
        settings=described(manifest.spec),
        created_at=manifest.created_at,
        step_count=manifest.step_count,
        last_step=manifest.step_keys[-1],
        tags=manifest.tags,
        note=manifest.note,
        manifest=manifest,
    )
