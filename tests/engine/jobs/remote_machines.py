"""A scheduler and workers in processes of their own, as on other machines; each can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCHEDULER = ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--no-dashboard"]
SCHEDULER += ["--dashboard-address", "127.0.0.1:0", "--port"]
WORKER = ["-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
WORKER += ["--dashboard-address", "127.0.0.1:0", "--host", "127.0.0.1"]


class Machines:
    """What was started; everything is killed at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.address = ""

    def scheduler(self, *, port: int = 0) -> subprocess.Popen[bytes]:
        """Start a scheduler in a folder that holds no copy of Stepscope."""
        there = self.folder / "scheduler.json"
        there.unlink(missing_ok=True)
        command = [*SCHEDULER, str(port), "--scheduler-file", str(there)]
        started = self._start(command, cwd=self.folder, log="scheduler.log")
        self._until(there.exists, "no scheduler came up")
        self._until(lambda: "tcp://" in there.read_text(), "no scheduler came up")
        self.address = there.read_text().split('"address": "')[1].split('"')[0]
        return started

    def worker(
        self, *, cwd: Path = ROOT, resources: str = "GPU=1", **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start a worker as the README says, in the project's folder unless told otherwise."""
        name = f"worker{len(self.processes)}"
        command = [*WORKER, self.address, "--resources", resources, "--name", name]
        command += ["--local-directory", str(self.folder / name)]
        environment = {"PYTHONPATH": str(cwd)} | environment
        return self._start(command, cwd=cwd, log=f"{name}.log", environment=environment)

    def _start(
        self, command: list[str], *, cwd: Path, log: str, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | (environment or {})
        with (self.folder / log).open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, *command], cwd=cwd, env=env, stdout=file, stderr=file
            )
        self.processes.append(process)
        return process

    def _until(self, fact, otherwise: str) -> None:
        end = time.monotonic() + 120
        while not fact():
            assert time.monotonic() < end, otherwise
            time.sleep(0.05)


def kill(process: subprocess.Popen[bytes]) -> None:
    """As a power cut would."""
    process.send_signal(signal.SIGKILL)
    process.wait()


@contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """A place to start them from."""
    folder.mkdir()
    found = Machines(folder)
    try:
        yield found
    finally:
        for process in reversed(found.processes):
            process.kill()
            process.wait()
