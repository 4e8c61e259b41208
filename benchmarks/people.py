"""Sixteen people at once: how long a view takes, and whether the server's memory stays flat.

Each is a websocket client that speaks Streamlit's own messages: it opens pages, changes views and
steps, and waits as somebody who looks would. The baseline is one person alone on the same server;
``--root FOLDER`` serves another checkout of the project with the same store and the same moves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.serving import ROOT, seconds_of_view, served, visiting
from cache.store import Store
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from engine.text.spec import TextSpec

PEOPLE, SECONDS, LOOKS_S = 16, 120.0, 1.0
STEPS = 12
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

    def __init__(self, host: str, seed: int) -> None:
        self.host, self.moves = host, random.Random(seed)
        self.waits: list[float] = []

    async def live(self, runs: Sequence[tuple[str, str]], until: float) -> None:
        """Open pages and change what they show until a moment of the event loop's clock."""
        clock = asyncio.get_running_loop().time
        async with visiting(self.host) as visit:
            page, run = self.moves.choice(runs)
            while clock() < until:
                if self.moves.random() < 0.2:
                    page, run = self.moves.choice(runs)
                query = {"run": run[:12], "step": str(self.moves.randrange(STEPS + 1))}
                if page == "text_unmasking":
                    query["view"] = self.moves.choice(TEXT_VIEWS)
                self.waits.append(await seconds_of_view(visit, page, query))
                await asyncio.sleep(LOOKS_S * self.moves.uniform(0.5, 1.5))


def memory_mb(process: int) -> float:
    """Resident memory of a process; nan where the system does not say."""
    try:
        words = Path(f"/proc/{process}/status").read_text().split()
    except OSError:
        return float("nan")
    return int(words[words.index("VmRSS:") + 1]) / 1024


async def meet(
    host: str, process: int, runs: Sequence[tuple[str, str]], people: int, seconds: float
) -> tuple[list[float], list[float]]:
    """(seconds of every view, memory in MB every five seconds) of so many people at once."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    persons = [Person(host, seed) for seed in range(people)]
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
        with served(store, asked.root) as server:
            address, process = server.host, server.process
            asyncio.run(meet(address, process, runs, 1, 10))  # warms up
            alone, memory = asyncio.run(meet(address, process, runs, 1, 30))
            reference = statistics.quantiles(alone, n=20)[-1]
            print(f"{asked.people} people for {asked.seconds:.0f} s")
            told("one person", alone, memory, reference)
            waits, memory = asyncio.run(meet(address, process, runs, asked.people, asked.seconds))
            told(f"{asked.people} people", waits, memory, reference)


if __name__ == "__main__":
    main()
