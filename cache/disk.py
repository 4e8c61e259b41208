"""The diskcache Disk that refuses pickle, for keys and for values, both ways.

diskcache unpickles whatever a row marks as pickled (CVE-2025-69872), and opens or removes whatever
path a row names. This Disk takes str keys and framed bytes, str and numbers, and follows no path
but its own.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from diskcache import Disk
from diskcache.core import MODE_BINARY, MODE_RAW, UNKNOWN

from cache.errors import InvalidInput, PayloadDamaged, PickleRefused

MAGIC = b"SSF1"
HEAD_BYTES = len(MAGIC) + 1 + 32
KINDS: dict[type, bytes] = {bytes: b"b", str: b"s", int: b"i", float: b"f"}
MAX_KEY = 200
FILENAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{28}\.val")


class SafeDisk(Disk):  # type: ignore[misc]
    """Keys: str of 1 to 200 characters. Values: bytes, str, int, float, each with its sha256."""

    def put(self, key: Any) -> tuple[str, bool]:
        """A key as the database holds it. Raises InvalidInput for anything but a short str."""
        if type(key) is not str or not 1 <= len(key) <= MAX_KEY:
            raise InvalidInput(f"a key must be text of 1 to {MAX_KEY} characters, got {key!r}")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        """The key of a row. Raises PickleRefused when it would have to be unpickled."""
        if not raw or type(key) is not str:
            raise PickleRefused("a key in the database is not text; it was not unpickled")
        return key

    def store(self, value: Any, read: bool, key: Any = UNKNOWN) -> tuple[int, int, str | None, Any]:
        """Frame a value and write it. Raises InvalidInput for any other type."""
        if read or type(value) not in KINDS:
            raise InvalidInput(f"a value must be bytes, str, int or float, got {type(value)}")
        framed = frame(value)
        if len(framed) < self.min_file_size:
            return 0, MODE_RAW, None, sqlite3.Binary(framed)
        filename, full_path = self.filename(key, value)
        write_new(Path(full_path), framed)
        return len(framed), MODE_BINARY, filename, None

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        """The value of a row. Raises PickleRefused, PayloadDamaged, or OSError for a lost file."""
        if mode == MODE_RAW and type(value) is bytes:
            return unframe(value)
        if mode == MODE_BINARY and not read:
            return unframe(self.read_file(filename))
        raise PickleRefused(f"a value of mode {mode!r} in the database was not read")

    def read_file(self, filename: str | None) -> bytes:
        """The bytes of a value file; never follows a link or a path of another shape."""
        if type(filename) is not str or not FILENAME.fullmatch(filename):
            raise PickleRefused(f"the database names a file of another shape: {filename!r}")
        descriptor = os.open(Path(self._directory) / filename, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    def remove(self, file_path: str) -> None:
        """Remove a value file; a path of another shape is left alone."""
        if type(file_path) is str and FILENAME.fullmatch(file_path):
            with suppress(OSError):
                (Path(self._directory) / file_path).unlink()


def write_new(path: Path, data: bytes) -> None:
    """Create a file; never replaces one. What a full disk left half-written is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def frame(value: bytes | str | float) -> bytes:
    """A value with its kind and its sha256 before it."""
    kind = KINDS[type(value)]
    body = value if isinstance(value, bytes) else str(value).encode()
    return MAGIC + kind + hashlib.sha256(kind + body).digest() + body


def unframe(framed: bytes) -> bytes | str | int | float:
    """The value of a frame. Raises PayloadDamaged when it is not what was framed."""
    kind, digest = framed[len(MAGIC) : len(MAGIC) + 1], framed[len(MAGIC) + 1 : HEAD_BYTES]
    body = framed[HEAD_BYTES:]
    if not framed.startswith(MAGIC) or hashlib.sha256(kind + body).digest() != digest:
        raise PayloadDamaged("an entry")
    if kind == b"b":
        return body
    text = body.decode()
    return text if kind == b"s" else int(text) if kind == b"i" else float(text)
