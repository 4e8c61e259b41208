"""Folders that are written whole: what was there stays until everything new is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cache.errors import InvalidInput


@contextmanager
def staged(folder: Path, *, mark: str) -> Iterator[Path]:
    """An empty folder beside ``folder``, whose files move there when the block ends without error.

    Files take the place of those of their name, subfolders that of the whole subfolder. ``mark``
    is a file that is always among them: a folder that holds others' files and no mark is refused
    with InvalidInput before anything is written.
    """
    _check_ours(folder, mark)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
        written, gone = Path(temporary) / "written", Path(temporary) / "gone"
        for each in (written, gone):
            each.mkdir()
        yield written
        folder.mkdir(exist_ok=True)
        for path in sorted(written.iterdir()):
            there = folder / path.name
            if there.exists() or there.is_symlink():
                there.replace(gone / path.name)
            path.replace(there)


def _check_ours(folder: Path, mark: str) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InvalidInput(f"to must lead to folders, got a file: {folder}")
    if any(folder.iterdir()) and not (folder / mark).is_file():
        raise InvalidInput(
            f"to must be new, empty or written here before, with {mark}; got other files in "
            f"{folder}: nothing was touched"
        )
