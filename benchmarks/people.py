"""Sixteen people at once: how long a view takes, and whether the server's memory stays flat.

Each is a websocket client that speaks Streamlit's own messages: it opens pages, changes views and
steps, and waits as somebody who looks would. The baseline is one person alone on the same server;
``--root FOLDER`` serves another checkout of the project with the same store and the same moves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from cache.store import Store
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from engine.text.spec import TextSpec

ROOT = Path(__file__).parents[1]
PEOPLE, SECONDS, LOOKS_S = 16, 120.0, 1.0
STEPS = 12
LARGEST_MESSAGE = 200_000_000  # bytes
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
TEXT_VIEWS = ("Confidence over steps", "Heatmap", "Unmask order", "Entropy")


def prepare(folder: Path) -> list[tuple[str, str]]:
    """(page, run) of four texts and four pictures by the built-in models."""
    texts = [TextSpec(length=12, steps=STEPS, seed=seed, top_k=5) for seed in range(4)]
    pictures = [
        ImageSpec(prompt="a sunset over the ocean", steps=STEPS, seed=seed) for seed in range(4)
    ]
    with Store.open(folder) as store:
        made = [("text_unmasking", run) for run in compute(store, texts).runs]
        return made + [("image_denoising", run) for run in compute(store, pictures).runs]


class Person:
    """One browser as the server sees it; ``waits`` are the seconds of each view."""

    def __init__(self, address: str, seed: int) -> None:
        self.address, self.moves = address, random.Random(seed)
        self.waits: list[float] = []

    async def live(self, runs: Sequence[tuple[str, str]], until: float) -> None:
        """Open pages and change what they show until a moment of the event loop's clock."""
        clock = asyncio.get_running_loop().time
        async with connect(
            f"ws://{self.address}/_stcore/stream", subprotocols=["streamlit"],
            origin=f"http://{self.address}", max_size=LARGEST_MESSAGE,
        ) as socket_:  # fmt: skip
            page, run = self.moves.choice(runs)
            while clock() < until:
                if self.moves.random() < 0.2:
                    page, run = self.moves.choice(runs)
                query = {"run": run[:12], "step": str(self.moves.randrange(STEPS + 1))}
                if page == "text_unmasking":
                    query["view"] = self.moves.choice(TEXT_VIEWS)
                asked = BackMsg()
                asked.rerun_script.query_string = urlencode(query)
                asked.rerun_script.page_name = page
                started = time.perf_counter()
                await socket_.send(asked.SerializeToString())
                await self._drawn(socket_)
                self.waits.append(time.perf_counter() - started)
                await asyncio.sleep(LOOKS_S * self.moves.uniform(0.5, 1.5))

    @staticmethod
    async def _drawn(socket_: object) -> None:
        while True:
            message = ForwardMsg()
            message.ParseFromString(await socket_.recv())  # type: ignore[attr-defined]
            if message.WhichOneof("type") == "script_finished":
                if message.script_finished in ENDED:
                    return
                if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise RuntimeError("the page could not be run")


@contextmanager
def served(root: Path, store: Path) -> Iterator[tuple[str, int]]:
    """(host and port, process id) of a dashboard that answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port), "--server.headless", "true"],
        cwd=root,
        env=os.environ | {"STEPSCOPE_STORE": str(store)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.05)
        yield f"127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(20)


def memory_mb(process: int) -> float:
    """Resident memory of a process; nan where the system does not say."""
    try:
        words = Path(f"/proc/{process}/status").read_text().split()
    except OSError:
        return float("nan")
    return int(words[words.index("VmRSS:") + 1]) / 1024


async def meet(
    address: str, process: int, runs: Sequence[tuple[str, str]], people: int, seconds: float
) -> tuple[list[float], list[float]]:
    """(seconds of every view, memory in MB every five seconds) of so many people at once."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    persons = [Person(address, seed) for seed in range(people)]
    memory: list[float] = []

    async def watch() -> None:
        while clock() < until:
            memory.append(memory_mb(process))
            await asyncio.sleep(5)

    await asyncio.gather(watch(), *(person.live(runs, until) for person in persons))
    return [wait for person in persons for wait in person.waits], memory


def told(title: str, waits: Sequence[float], memory: Sequence[float], alone: float) -> None:
    """Print one line of numbers, and the same as JSON."""
    cuts = statistics.quantiles(waits, n=20)
    median, p95 = statistics.median(waits), cuts[-1]
    half = len(memory) // 2
    grown = statistics.median(memory[half:]) / statistics.median(memory[:half])
    times = f"median {1000 * median:6.0f} ms, p95 {1000 * p95:6.0f} ms"
    grew = f"{memory[0]:.0f} to {memory[-1]:.0f} MB, second half over first {grown:.3f}"
    print(f"  {title:12} {len(waits):5} views, {times}, {p95 / alone:5.2f} x one person's p95")
    print(f"  {'':12} memory {grew}")
    facts = {"median_s": median, "p95_s": p95, "views": len(waits), "memory_mb": list(memory)}
    print(json.dumps({"title": title, "machine": platform.machine(), **facts}))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--root", type=Path, default=ROOT, help="a checkout of the project")
    parser.add_argument("--store", type=Path, help="where to make the runs, or where they are")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        store = asked.store or Path(name) / "store"
        runs = prepare(store)
        with served(asked.root, store) as (address, process):
            asyncio.run(meet(address, process, runs, 1, 10))  # warms up
            alone, memory = asyncio.run(meet(address, process, runs, 1, 30))
            reference = statistics.quantiles(alone, n=20)[-1]
            print(f"{asked.people} people for {asked.seconds:.0f} s")
            told("one person", alone, memory, reference)
            waits, memory = asyncio.run(meet(address, process, runs, asked.people, asked.seconds))
            told(f"{asked.people} people", waits, memory, reference)


if __name__ == "__main__":
    main()
