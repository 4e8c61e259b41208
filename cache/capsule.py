"""Capsules: runs as one file that another store takes in. Safe against hostile archives.

A capsule is a zip (``cache.archive``) of one ``manifest.json`` and one safetensors file a payload,
named after its key (``step/<hash>.safetensors``). Equal runs give equal bytes on every machine.

``read`` checks the whole file before anything is kept. Checksums tell what was damaged; they are
no signature: a capsule is as trustworthy as who made it (docs/decisions/0009-capsules.md).
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from cache.archive import (
    MOST_BYTES,
    MOST_ENTRIES,
    MOST_ENTRY_BYTES,
    Place,
    bytes_at,
    layout,
    zip_info,
)
from cache.errors import CapsuleRefused, InvalidInput, PayloadError, StoreFull
from cache.folder import free_bytes
from cache.keys import HEX
from cache.payload import Payload, from_bytes, to_bytes
from cache.store import FLOOR_BYTES, KEY, Store
from cache.strict_json import JsonRefused, strict_json

FORMAT = "stepscope-capsule"
VERSION = 1
ABOUT = (
    "Runs of Stepscope, whole, to be opened without any model: import this file in the Library, "
    "or with: python -m engine runs import FILE"
)
MANIFEST = "manifest.json"
RUNS = ("decode", "embedding", "picture", "preview", "step", "vocab")  # of runs, that may travel
BOARDS = ("board", "comment", "decision", "figure", "item", "revision", "verdict")
KINDS = (*RUNS, *BOARDS)
NAME = re.compile(rf"(?:{'|'.join(KINDS)})/[0-9a-f]{{64}}\.safetensors")

MOST_MANIFEST_BYTES = 64 * 2**20
FIELDS = frozenset(["format", "version", "about", "facts", "runs", "entries"])


@dataclass(frozen=True, slots=True)
class Entry:
    """One payload of a capsule."""

    key: str
    sha256: str
    place: Place


@dataclass(frozen=True, slots=True)
class Kept:
    """How many payloads of a capsule were new to a store, and how many it had already."""

    new: int
    present: int


@dataclass(frozen=True, slots=True)
class Capsule:
    """An opened capsule: its layout and its manifest are in order; payloads are checked when read.

    ``runs`` and ``facts`` are JSON that nobody has judged yet.
    """

    source: BinaryIO
    runs: tuple[Mapping[str, Any], ...]
    facts: Mapping[str, Any]
    entries: Mapping[str, Entry]  # by key

    def payload(self, key: str) -> Payload:
        """The payload of an entry. Raises CapsuleRefused unless it is what the manifest says."""
        entry = self.entries[key]
        data = bytes_at(self.source, entry.place)
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise CapsuleRefused(_name(key), "is damaged: its sha256 is not the manifest's")
        try:
            payload = from_bytes(data)
            to_bytes(payload)  # what reads but could not have been written: inf, endless nesting
        except (PayloadError, InvalidInput) as error:
            raise CapsuleRefused(_name(key), f"is no payload: {error}") from error
        return payload


def write(
    store: Store,
    target: BinaryIO,
    *,
    runs: Sequence[Mapping[str, Any]],
    keys: Iterable[str],
    facts: Mapping[str, Any],
) -> int:
    """Write runs, in this order, and the payloads under ``keys`` to a seekable file; its size.

    Raises MissingFromStore, PayloadDamaged, and InvalidInput for more than a capsule holds.
    """
    entries: list[dict[str, Any]] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for key in sorted(set(keys)):
            data = to_bytes(store.get(key))
            _bounded("entries", len(entries) + 1, MOST_ENTRIES)
            _bounded(f"bytes in {key}", len(data), MOST_ENTRY_BYTES)
            _bounded("bytes", target.tell() + len(data), MOST_BYTES - MOST_MANIFEST_BYTES)
            archive.writestr(zip_info(_name(key)), data)
            sha256 = hashlib.sha256(data).hexdigest()
            entries.append({"key": key, "sha256": sha256, "size_bytes": len(data)})
        document = {"format": FORMAT, "version": VERSION, "about": ABOUT, "facts": dict(facts)}
        document |= {"runs": [dict(run) for run in runs], "entries": entries}
        manifest = json.dumps(document, ensure_ascii=False, allow_nan=False)
        _bounded("bytes in the manifest", len(manifest.encode()), MOST_MANIFEST_BYTES)
        archive.writestr(zip_info(MANIFEST), manifest.encode())
    return target.seek(0, 2)


def read(source: BinaryIO) -> Capsule:
    """Open a capsule from a seekable file. Raises CapsuleRefused; no payload is read yet."""
    places = layout(source, is_name=_is_name)
    if MANIFEST not in places:
        raise CapsuleRefused(MANIFEST, "is missing: this is no capsule")
    try:
        data = bytes_at(source, places.pop(MANIFEST))
        document = strict_json(data, most_bytes=MOST_MANIFEST_BYTES)
    except JsonRefused as error:
        raise CapsuleRefused(MANIFEST, str(error)) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CapsuleRefused(MANIFEST, f"has no format {FORMAT!r}: this is no capsule")
    version = document.get("version")
    if version != VERSION or type(version) is not int:
        raise CapsuleRefused(
            MANIFEST, f"has version {version!s:.20}; this Stepscope reads {VERSION}"
        )
    if set(document) != FIELDS:
        odd = ", ".join(sorted(set(document) ^ FIELDS))
        raise CapsuleRefused(MANIFEST, f"must have the fields of version {VERSION}: {odd[:200]}")
    entries = dict(_listed(document["entries"], places))
    if len(entries) < len(places):
        extra = min(set(places) - {entry.place.name for entry in entries.values()})
        raise CapsuleRefused(extra, "is not listed in the manifest")
    runs, facts = document["runs"], document["facts"]
    if not isinstance(runs, list) or not runs or not all(isinstance(r, dict) for r in runs):
        raise CapsuleRefused(MANIFEST, "must list one run or more, each an object")
    if not isinstance(facts, dict):
        raise CapsuleRefused(MANIFEST, "must have an object of facts")
    return Capsule(source, tuple(runs), facts, entries)


def keep(store: Store, capsule: Capsule, *, without: Collection[str] = ()) -> Kept:
    """Put a capsule's payloads into a store, but those ``without``; what is there stays as it is.

    Raises StoreFull before anything is written; CapsuleRefused when the file changed meanwhile.
    """
    keys = [key for key in capsule.entries if key not in without]
    there = dict(zip(keys, store.present(keys), strict=True))
    new = [key for key in keys if not there[key]]
    needed = sum(capsule.entries[key].place.size_bytes for key in new)
    free = free_bytes(store.folder) - FLOOR_BYTES
    if needed > free:
        raise StoreFull(store.folder, f"the capsule needs {needed:,} bytes, {max(0, free):,} left")
    added = sum(store.put(key, capsule.payload(key)) for key in new)
    return Kept(new=added, present=len(keys) - added)


def _listed(entries: object, places: Mapping[str, Place]) -> Iterator[tuple[str, Entry]]:
    """The manifest's own list of entries, by key."""
    if not isinstance(entries, list):
        raise CapsuleRefused(MANIFEST, "must list its entries")
    before = ""
    for item in entries:
        if not isinstance(item, dict) or set(item) != {"key", "sha256", "size_bytes"}:
            raise CapsuleRefused(MANIFEST, "must list each entry's key, sha256 and size_bytes")
        key, sha256, size = item["key"], item["sha256"], item["size_bytes"]
        if not isinstance(key, str) or not KEY.fullmatch(key) or not NAME.fullmatch(_name(key)):
            raise CapsuleRefused(MANIFEST, f"names {str(key)[:90]!r}, which is no key that travels")
        if not isinstance(sha256, str) or not HEX.fullmatch(sha256):
            raise CapsuleRefused(_name(key), "has no sha256 in the manifest")
        if key <= before:
            raise CapsuleRefused(_name(key), "must be listed once and in order")
        place = places.get(_name(key))
        if place is None:
            raise CapsuleRefused(_name(key), "is listed and not there")
        if size != place.size_bytes:
            got = f"{place.size_bytes} bytes where the manifest says {str(size)[:20]}"
            raise CapsuleRefused(_name(key), f"has {got}")
        before = key
        yield key, Entry(key, sha256, place)


def _is_name(name: str) -> bool:
    return name == MANIFEST or NAME.fullmatch(name) is not None


def _name(key: str) -> str:
    return key.replace(":", "/") + ".safetensors"


def _bounded(what: str, value: int, most: int) -> None:
    if value > most:
        raise InvalidInput(f"a capsule must have at most {most} {what}, got {value}: export less")
