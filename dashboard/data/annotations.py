"""Tags and notes that people give to runs: bounded, trimmed, plain text."""

from __future__ import annotations

from collections.abc import Sequence

from cache.errors import InvalidInput

MOST_TAGS = 12
LONGEST_TAG = 40  # characters
LONGEST_NOTE = 2000  # characters


def parse_tags(typed: str | Sequence[str]) -> tuple[str, ...]:
    """Tags given as a list or with commas between them, each once, in their order.

    Raises InvalidInput for too many, or for one that is too long.
    """
    parts = typed.split(",") if isinstance(typed, str) else typed
    tags = tuple(dict.fromkeys(tag for part in parts if (tag := _plain(part))))
    if len(tags) > MOST_TAGS:
        raise InvalidInput(f"tags must be at most {MOST_TAGS}, got {len(tags)}")
    for tag in tags:
        if len(tag) > LONGEST_TAG:
            raise InvalidInput(
                f"a tag must be at most {LONGEST_TAG} characters, got {len(tag)}: {tag[:20]!r}..."
            )
    return tags


def parse_note(typed: str) -> str:
    """A note without blanks around it and without control characters but line breaks.

    Raises InvalidInput for one that is too long.
    """
    note = "\n".join(_visible(line).rstrip() for line in typed.strip().splitlines())
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"a note must be at most {LONGEST_NOTE} characters, got {len(note)}")
    return note


def _plain(text: str) -> str:
    return " ".join(_visible(text).split())


def _visible(text: str) -> str:
    # joiners stay: emoji and several scripts are written with them
    return "".join(c if c.isprintable() or c in "\u200c\u200d" else " " for c in text)
