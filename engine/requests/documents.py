"""A run as JSON, whatever its kind: what ``runs export`` writes and the pages offer."""

from __future__ import annotations

from typing import Any

from cache.store import Store
from engine.chain import manifests
from engine.requests.kinds import KINDS


def run_document(store: Store, run: str) -> dict[str, Any]:
    """A run's record as JSON, whatever its kind. Raises MissingFromStore, PayloadDamaged."""
    return KINDS[manifests.load(store, run).kind].document(store, run)
