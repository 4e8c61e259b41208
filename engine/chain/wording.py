"""Numbers in sentences. No torch."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """``1 step``, ``2 steps``, ``12,000 steps``: ``what`` is one of them."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
