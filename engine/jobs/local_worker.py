"""The worker beside a server: ``dask worker`` in a process of its own, as anyone would start it.

Not a child by multiprocessing: that runs the parent's main file again in the child, and a
dashboard's main file is the page being shown. No torch here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from cache.errors import InvalidInput

THREADS = "STEPSCOPE_THREADS"
ROOT = Path(__file__).resolve().parents[2]
MEMORY_SHARE = "0.95"  # of the machine's, above which a worker is replaced
LAST_WORDS_BYTES = 4000
GRACE_S = 5.0


class LocalWorker:
    """A worker process and the nanny that replaces it when it dies; its output goes to a log."""

    def __init__(self, scheduler: str, folder: Path) -> None:
        self.log = folder / "worker.log"
        command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler]
        command += ["--nthreads", "1", "--resources", "GPU=1", "--host", "127.0.0.1"]
        # its pages of health and metrics are served without a dashboard, too, and to everywhere
        command += ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
        command += ["--memory-limit", MEMORY_SHARE, "--death-timeout", "20"]
        command += ["--local-directory", str(folder / "scratch")]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | _environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def last_words(self) -> str:
        """The last line it wrote: why it ended, when it did."""
        try:
            text = self.log.read_bytes()[-LAST_WORDS_BYTES:].decode(errors="replace")
        except OSError:
            return ""
        lines = [line for line in text.splitlines() if line.strip()]
        return lines[-1] if lines else ""

    def close(self) -> None:
        """Stop it and what it started."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE_S)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def take_threads() -> None:
    """Let torch have STEPSCOPE_THREADS threads, when that is set; call it before torch is imported.

    Otherwise torch takes OMP_NUM_THREADS, or as many as there are physical cores. Raises
    InvalidInput.
    """
    given = os.environ.get(THREADS, "")
    if not given:
        return
    if not given.isdigit() or not 1 <= int(given) <= 1024:
        raise InvalidInput(f"{THREADS} must be 1 to 1024, got {given!r}")
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = given


def _environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    # by default a nanny has its workers compute with one thread
    spawned = {"MALLOC_TRIM_THRESHOLD_": 65536}
    return {
        "PYTHONPATH": path,
        "DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON": json.dumps(spawned),
    }
