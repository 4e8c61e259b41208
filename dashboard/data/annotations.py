"""Tags and notes that people give to runs: bounded, trimmed, plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cache.errors import ChangedMeanwhile, InvalidInput
from cache.folder import named_errors
from cache.single_flight import exclusively
from cache.store import Store
from engine.chain import manifests
from engine.chain.records import Manifest

LOCK = ".annotating"  # one at a time: what was shown is compared and changed in one go
SAID = 80  # characters of what stands there instead
MOST_TAGS = 12
LONGEST_TAG = 40  # characters
LONGEST_NOTE = 2000  # characters


@dataclass(frozen=True, slots=True)
class Annotation:
    """What people said of a run."""

    tags: tuple[str, ...] = ()
    note: str = ""


def annotation_of(manifest: Manifest) -> Annotation:
    """The tags and the note of a run."""
    return Annotation(manifest.tags, manifest.note)


def save_annotation(store: Store, run: str, shown: Annotation, wanted: Annotation) -> Annotation:
    """Save what somebody changed of the annotation they were shown; what then is stored.

    What they left as it was stays as it is stored. Raises ChangedMeanwhile, and saves nothing,
    where what they changed is no longer what they were shown.
    """
    with named_errors(store.folder), exclusively(store.folder / LOCK):
        before = annotation_of(manifests.load(store, run))
        tags = before.tags if wanted.tags == shown.tags else wanted.tags
        note = before.note if wanted.note == shown.note else wanted.note
        _check(run, "tags", ", ".join(shown.tags), ", ".join(before.tags), ", ".join(tags))
        _check(run, "note", shown.note, before.note, note)
        if (tags, note) != (before.tags, before.note):
            manifests.annotate(store, run, tags=tags, note=note)
    return Annotation(tags, note)


def _check(run: str, name: str, shown: str, before: str, wanted: str) -> None:
    if wanted not in (before, shown) and before != shown:
        raise ChangedMeanwhile(
            f"the {name} of run {run[:12]} became {before[:SAID]!r} while it was shown here as "
            f"{shown[:SAID]!r}; {wanted[:SAID]!r} was not saved"
        )


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
