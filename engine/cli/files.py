"""Files that people name: opened without waiting, written whole or not at all. No torch."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cache.errors import InvalidInput


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """A regular file to read; nothing else is waited for. Raises InvalidInput, which names it."""
    try:
        # a pipe nobody writes to would be waited for without an end
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read: {_reason(error)}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InvalidInput(f"{path} is no file that can be read: a folder, a pipe or a device")
    with os.fdopen(descriptor, "rb") as file:
        yield file


@contextmanager
def written_whole(out: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of ``out`` when all of it was written; else nothing is left.

    ``out`` is tried before anything is computed. Raises InvalidInput where it cannot be a file:
    no such folder, a folder or a device of that name, a name too long, no leave to write.
    """
    partial = out.with_name(f".{os.getpid()}.partial")
    try:
        if out.exists() and not out.is_file():  # raises for a name that is too long
            raise InvalidInput(f"out must be a file, and {out} is none")
        if not out.parent.is_dir():
            raise InvalidInput(f"out must be a file in an existing folder, got {out}")
        file = partial.open("w+b")
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"out cannot be written, {out}: {_reason(error)}") from error
    try:
        with file:
            yield file
        partial.replace(out)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
