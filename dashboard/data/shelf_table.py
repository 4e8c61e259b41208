"""The lines of the Library as a table, and what its runs can be told apart by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.data.cards import Card
from dashboard.data.library import age, described
from dashboard.data.shelf import Entry


def table(entries: Sequence[Entry]) -> pd.DataFrame:
    """Lines of the Library as a table, in the same order; without pictures no such column."""
    columns: dict[str, list[Any]] = {
        "picture": [e.picture for e in entries],
        "words": [e.words for e in entries],
        "settings": [_settings(e.manifest.spec) for e in entries],
        "tags": [list(e.manifest.tags) for e in entries],
        "note": [e.manifest.note for e in entries],
        "kind": [e.manifest.kind for e in entries],
        "model": [e.manifest.model.rsplit("/", 1)[-1] for e in entries],
        "pinned": [e.pinned for e in entries],
        "steps": [_steps(e) for e in entries],
        "size": [e.size_bytes / 1e6 for e in entries],
        "made": [age(e.manifest.created_at) for e in entries],
        "run": [e.manifest.run[:8] for e in entries],
    }
    if not any(columns["picture"]):
        del columns["picture"]
    return pd.DataFrame(columns)


@dataclass(frozen=True, slots=True)
class Choices:
    """What runs can be told apart by, each in order."""

    kinds: Sequence[str]
    models: Sequence[str]
    tags: Sequence[str]


def choices_of(cards: Sequence[Card]) -> Choices:
    """The kinds, the models and the tags of some runs."""
    return Choices(
        kinds=sorted({card.kind for card in cards}),
        models=sorted({card.model for card in cards}),
        tags=tags_of(cards),
    )


def tags_of(cards: Sequence[Card]) -> list[str]:
    """Every tag that is in use, in order."""
    return sorted({tag for card in cards for tag in card.tags})


def _steps(entry: Entry) -> str:
    whole = entry.manifest.step_count
    if entry.steps_used is not None and entry.steps_used < whole:
        return f"{entry.steps_used} used"
    if entry.complete:
        return str(whole) if whole else ""
    return f"{entry.steps_stored} of {whole}"


def _settings(spec: Mapping[str, Any]) -> str:
    """A spec in words without its steps, which have a column of their own."""
    return described({name: value for name, value in spec.items() if name != "steps"})
