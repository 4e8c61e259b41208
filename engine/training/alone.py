"""One training of a folder at a time: two would write each other's checkpoints."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cache.errors import InvalidInput

HELD = ".training"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder for one training; the system lets go of it when this process ends.

    A training that is refused before it writes anything leaves no folder. Raises InvalidInput
    where another process holds it, and where it cannot be read or written.
    """
    made: list[Path] = []
    try:
        made = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / HELD).open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InvalidInput(
                    f"folder must have one training at a time, got another at work in {folder}"
                ) from error
            try:
                yield
            finally:
                _leave(folder, made)
    except OSError as error:
        raise InvalidInput(
            f"folder must be one that can be read and written, got {folder}: {error.strerror}: "
            f"{error.filename}"
        ) from error


def _leave(folder: Path, made: list[Path]) -> None:
    """Where nothing was written take away what was made for it."""
    if [path.name for path in folder.iterdir()] != [HELD]:
        return
    (folder / HELD).unlink()
    for each in made:
        with suppress(OSError):  # another has put something there
            each.rmdir()
