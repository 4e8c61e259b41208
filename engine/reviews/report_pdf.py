"""A report as PDF: the same HTML, printed by a Chromium that is on this machine. No torch."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from cache.errors import RenderError

MOST_S = 120  # a browser that takes longer is stuck
QUIET = ("--headless", "--disable-gpu", "--no-first-run", "--disable-extensions",
         "--no-pdf-header-footer", "--disable-dev-shm-usage", "--no-sandbox")  # fmt: skip


def printed(page: bytes, browser: str) -> bytes:
    """A page, our own and inert, as a PDF. Raises RenderError where the browser prints nothing.

    The page's policy lets it ask for nothing and run nothing, so the browser's sandbox, which no
    container has, is done without.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_bytes(page)
        profile = f"--user-data-dir={folder}/profile"
        command = [browser, *QUIET, profile, f"--print-to-pdf={target}", source.as_uri()]
        try:
            ended = subprocess.run(command, capture_output=True, timeout=MOST_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RenderError(f"{browser} printed no PDF: {error}"[:300]) from error
        if not target.is_file():
            said = ended.stderr.decode(errors="replace").strip().splitlines()
            raise RenderError(f"{browser} printed no PDF: {said[-1][:200] if said else 'no word'}")
        return target.read_bytes()
