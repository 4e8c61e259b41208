"""The folder that pictures are written to: tried before anything is computed for it. No torch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cache.errors import InvalidInput


def check_out_folder(out: Path) -> None:
    """See that files can be written into a folder, there already or to be made.

    It is tried, for permissions do not tell of read-only mounts, full disks and /proc; nothing is
    left of that. Raises InvalidInput.
    """
    with _told_of(out):
        there = out.is_dir()
        if not there and (os.path.lexists(out) or not out.parent.is_dir()):
            raise InvalidInput(
                f"out must be a folder, or one to make in an existing folder, got {out}"
            )
        if not there:
            out.mkdir()
        try:
            partial = out / f"{'0' * 60}.{os.getpid()}.partial"  # as long as a picture's name
            partial.write_bytes(b"\0")
            partial.unlink()
        finally:
            if not there:
                out.rmdir()


def write_into(out: Path, name: str, data: bytes) -> Path:
    """Write a file into a folder, made if need be, whole or not at all. Raises InvalidInput."""
    path = out / name
    partial = path.with_suffix(f".{os.getpid()}.partial")
    with _told_of(out):
        out.mkdir(exist_ok=True)
        try:
            partial.write_bytes(data)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return path


@contextmanager
def _told_of(out: Path) -> Iterator[None]:
    """What the file system says, as one line that names the folder."""
    try:
        yield
    except InvalidInput:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput(f"out must be a folder to write into, got {out}: {reason}") from error
