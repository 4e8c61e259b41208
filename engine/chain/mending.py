"""What is damaged and can be computed again goes, so that the same command repairs it. No torch."""

from __future__ import annotations

import logging

from cache.errors import PayloadDamaged
from cache.store import Store

# what a model makes of a spec; an uploaded picture or a pin comes from a person alone
COMPUTED = frozenset(
    ("step", "vocab", "preview", "forward", "prompt", "encoded", "decode", "embedding")
)

log = logging.getLogger(__name__)


def mend(store: Store, error: PayloadDamaged) -> bool:
    """Drop the entry that an error names, for it to be computed again; False where it stays."""
    if error.key.partition(":")[0] not in COMPUTED or store.rows.read_only:
        return False
    if not store.delete([error.key]):
        return False
    log.warning("%s; it is computed again", error)
    return True
