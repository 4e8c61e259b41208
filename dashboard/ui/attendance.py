"""Who is in a meeting now: known to this server alone, it is about pages that look at it."""

from __future__ import annotations

import threading
import time

from engine.reviews.records import Person

GONE_S = 6.0  # without a look, of which there is one a second
_seen: dict[tuple[str, str], tuple[float, Person]] = {}  # by board, and login or browser
_lock = threading.Lock()


def look_in(board: str, who: Person) -> None:
    """Somebody's page looks at a board's meeting."""
    now = time.monotonic()
    with _lock:
        _seen[board, who.name if who.how == "login" else who.browser] = now, who
        for place, (when, _) in list(_seen.items()):
            if now - when > GONE_S:
                del _seen[place]


def step_out(board: str, who: Person) -> None:
    """Somebody leaves a board's meeting."""
    with _lock:
        _seen.pop((board, who.name if who.how == "login" else who.browser), None)


def here(board: str) -> list[Person]:
    """Who looked at a board's meeting within the last seconds, by name; a browser counts once."""
    now = time.monotonic()
    with _lock:
        there = [
            who for (of, _), (when, who) in _seen.items() if of == board and now - when <= GONE_S
        ]
    return sorted(there, key=lambda who: (not who.name, who.shown.casefold()))
