"""Where a report's pictures lead to: pages of a dashboard by its address. No torch."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from cache.errors import InvalidInput
from engine.reviews.boards import Placed

USUAL = "http://localhost:8501"  # where `make run` opens
PAGE = re.compile(r"[a-z0-9_]{1,40}")
RUN_PAGES = {
    "text": "text_unmasking",
    "corruption": "text_corruption",
    "image": "image_denoising",
    "embed": "prompts",
}


def checked_address(address: str) -> str:
    """A dashboard's address without what follows its host and folder. Raises InvalidInput."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        known = False
    if not known or re.search(r"[\s<>\"'\\]", address):
        raise InvalidInput(
            f"address must be http://... or https://... of a dashboard, got {address!r:.90}"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def link_to_run(address: str, kind: str, run: str) -> str:
    """The page that shows a run."""
    page = RUN_PAGES.get(kind, "library")
    return f"{address}/{page}?{urlencode({'run': run[:12]})}"


def link_to_item(address: str, board: str, item: Placed) -> str:
    """An item on its board."""
    query = {"board": board[:16], "view": "judge", "item": item.id[16:28]}
    return f"{address}/board?{urlencode(query)}"


def link_to_view(address: str, item: Placed) -> str:
    """The view that an item was made from; '' where it names none. Its query is written anew."""
    if not PAGE.fullmatch(item.page):
        return ""
    query = urlencode(parse_qsl(item.query)[:50])
    return f"{address}/{item.page}" + (f"?{query}" if query else "")
