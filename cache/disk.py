"""The diskcache Disk that refuses pickle, for keys and for values, both ways.

diskcache unpickles whatever a row marks as pickled (CVE-2025-69872), and opens or removes
whatever path a row names. This Disk takes short str keys and framed bytes only, follows no path
of another shape than its own, and does not return from a write before the bytes are on the disk.

A frame is a magic word, a kind, the sha256 of key, kind and body, and the body; it tells a value
that was damaged, cut short or moved to another key. It is no signature.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from diskcache import Disk
from diskcache.core import MODE_BINARY, MODE_PICKLE, MODE_RAW, UNKNOWN

from cache.errors import InvalidInput, PayloadDamaged, PayloadError, PickleRefused
from cache.folder import sync_folder

MAGIC = b"STEPSCP1"
KIND = b"s"  # safetensors
HEAD_BYTES = len(MAGIC) + len(KIND) + 32
MAX_KEY = 200
# one level of folders: two would cost a folder, and its fsync, for nearly every value
VALUE_FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}\.val")
PICKLE_START = b"\x80"

log = logging.getLogger(__name__)


def frame(key: str, body: bytes) -> bytes:
    """The body as it is stored under a key."""
    return b"".join((MAGIC, KIND, _digest(key, body), body))


def unframe(key: str, framed: bytes) -> bytes:
    """The body of a frame. Raises PickleRefused, PayloadDamaged."""
    start = len(MAGIC) + len(KIND)
    if framed[:start] != MAGIC + KIND:
        if framed[:1] == PICKLE_START:
            raise PickleRefused(f"{key} holds a pickle; it was not unpickled")
        raise PayloadDamaged(key, "it is not a frame")
    body = framed[HEAD_BYTES:]
    if _digest(key, body) != framed[start:HEAD_BYTES]:
        raise PayloadDamaged(key)
    return body


def _digest(key: str, body: bytes) -> bytes:
    name = key.encode()
    hashed = hashlib.sha256(len(name).to_bytes(2, "big") + name + KIND)
    hashed.update(body)
    return hashed.digest()


class SafeDisk(Disk):  # type: ignore[misc]
    """Keys are str of 1 to 200 characters; values are frames, small ones in the database."""

    def put(self, key: Any) -> tuple[str, bool]:
        """A key as the database holds it. Raises InvalidInput for anything but a short str."""
        if type(key) is not str or not 1 <= len(key) <= MAX_KEY:
            raise InvalidInput(f"a key must be text of 1 to {MAX_KEY} characters, got {key!r:.80}")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        """The key of a row. Raises PickleRefused when it would have to be unpickled."""
        if not raw or type(key) is not str:
            raise PickleRefused("a key in the database is not text; it was not unpickled")
        return key

    def store(self, value: Any, read: bool, key: Any = UNKNOWN) -> tuple[int, int, str | None, Any]:
        """A frame as the columns size, mode, filename and value. Raises InvalidInput, OSError."""
        if read or type(value) is not bytes or not value.startswith(MAGIC):
            raise InvalidInput(f"a value must be a frame, got {type(value).__name__}")
        if len(value) < self.min_file_size:
            return len(value), MODE_RAW, None, value
        filename, full_path = self.filename(key, value)
        _write_durably(Path(full_path), value)
        return len(value), MODE_BINARY, filename, None

    def fetch(self, mode: Any, filename: Any, value: Any, read: bool) -> bytes:
        """The frame of a row. Raises PickleRefused, PayloadError; OSError when its file is gone."""
        if mode == MODE_PICKLE:
            raise PickleRefused("a row in the database holds a pickle; it was not unpickled")
        if read:
            raise InvalidInput("values are read whole, never as an open file")
        if mode == MODE_RAW and filename is None and type(value) is bytes:
            return value
        if mode == MODE_BINARY and value is None:
            return self._read_file(filename)
        raise PayloadError(f"a row in the database has mode {mode!r}, which is never written")

    def filename(self, key: Any = UNKNOWN, value: Any = UNKNOWN) -> tuple[str, str]:
        """A new random name for a value file, and its whole path."""
        name = os.urandom(16).hex()
        relative = f"{name[:2]}/{name[2:]}.val"
        return relative, str(Path(self._directory) / relative)

    def remove(self, file_path: Any) -> None:
        """Remove a value file; a path of another shape is left alone, a missing one is fine."""
        if not is_value_file(file_path):
            log.warning("not removed, for it is no value file: %r", file_path)
            return
        with suppress(OSError):
            (Path(self._directory) / file_path).unlink()

    def _read_file(self, filename: Any) -> bytes:
        if not is_value_file(filename):
            raise PayloadError(f"a row in the database names {filename!r}, which is no value file")
        path = Path(self._directory) / filename
        if path.is_symlink():  # O_NOFOLLOW's ELOOP is an OSError, which diskcache calls a miss
            raise PayloadError(f"the value file {filename} is a link; it was not followed")
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            return file.read()


def is_value_file(name: Any) -> bool:
    """Whether a name from a row is one that ``SafeDisk.filename`` could have made."""
    return type(name) is str and VALUE_FILE.fullmatch(name) is not None


def _write_durably(path: Path, data: bytes) -> None:
    """Create a file that is on the disk when this returns. What fails half-way is removed."""
    try:
        path.parent.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        sync_folder(path.parent.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with _removed_on_error(path), os.fdopen(descriptor, "wb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        os.fsync(file.fileno())
    sync_folder(path.parent)


@contextmanager
def _removed_on_error(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise
