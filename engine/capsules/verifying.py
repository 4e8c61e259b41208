"""Verifying a store: its bytes by their checksums, and what runs are read by for what it holds.

No torch. The store tells bytes that were changed; that a manifest, a vocabulary or a picture that
was stored as it is can be read is known here.
"""

from __future__ import annotations

from collections.abc import Callable

from cache import upkeep
from cache.errors import PayloadDamaged
from cache.payload import Payload
from cache.store import Store
from cache.upkeep import VerifyReport
from engine.capsules.checks import CHECKS, check_shared
from engine.chain.malformed import read_as
from engine.chain.manifest_checks import checked_manifest


def verify_store(
    store: Store, *, on_progress: Callable[[int, int], None] | None = None
) -> VerifyReport:
    """``upkeep.verify``, with what is whole and still cannot be read."""
    return upkeep.verify(store, on_progress=on_progress, judge=judge)


def drop_unreadable(store: Store, report: VerifyReport) -> int:
    """Delete what a report names and is still so, to be computed anew; how many entries.

    What a later version made stays.
    """
    return upkeep.drop_damaged(store, report, judge=judge)


def judge(key: str, payload: Payload) -> None:
    """Raises PayloadDamaged or MadeLater for an entry that is not what its key promises."""
    kind, _, digest = key.partition(":")
    if kind == "run":
        checked_manifest(key, payload.meta)
    elif kind in CHECKS:
        with read_as(key):
            try:
                check_shared(kind, digest, payload)
            except ValueError as error:
                raise PayloadDamaged(key, f"it {error}"[:200]) from error
