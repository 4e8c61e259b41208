"""Computes the demo runs in a process of its own, and knows how far it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cache.store import Store

LOG = "demo.log"


def start_demo(store: Store, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """``python -m engine demo`` beside the page; its output goes to a log in the store."""
    root = Path(__file__).resolve().parents[2]
    with (store.folder / LOG).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "engine", "demo"],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def last_line(store: Store) -> str:
    """The last line the demo printed: why it failed, when it did."""
    try:
        lines = (store.folder / LOG).read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""
