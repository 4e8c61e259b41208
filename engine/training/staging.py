"""Folders that are written whole: what was there stays until everything new is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """An empty folder beside ``folder``, whose files move there when the block ends without error.

    Files take the place of those of their name, subfolders that of the whole subfolder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
        written = Path(temporary)
        yield written
        folder.mkdir(exist_ok=True)
        for path in sorted(written.iterdir()):
            there = folder / path.name
            if there.is_dir() and not there.is_symlink():
                shutil.rmtree(there)
            elif path.is_dir():
                there.unlink(missing_ok=True)  # a folder cannot take the place of a file
            path.replace(there)
