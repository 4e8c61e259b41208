"""Every page over a store of 20,000 runs, and the same over one of 20 (the baseline).

Two servers, one a store; the same views are asked of both in turn by a client that speaks
Streamlit's own messages, each after a warm one. "First" is the Library as the first view of a
fresh server, which reads the whole store.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from rich.progress import track

from benchmarks.measure import report
from benchmarks.serving import Served, seconds_of_view, served, visiting
from cache.store import Store
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from engine.text.spec import TextSpec

FEW, MANY = 20, 20_000
AT_ONCE = 500
FIRST = "first"
STEPS, LENGTH = 4, 6
VIEWS = {
    "Library": ("library", {}),
    "Library, search": ("library", {"find": "temperature=1 seed<8"}),
    "Library, table by seed": ("library", {"view": "Table", "sort": "seed"}),
    "Start": ("start", {}),
    "New run, its plan": ("new_run", {}),
    "Unmasking, run box": ("text_unmasking", {}),
    "Denoising, run box": ("image_denoising", {}),
    "Compare": ("compare", {}),
    "Quality against calls": ("text_diversity", {}),
    "Sweep": ("sweep", {}),
    "Jobs": ("jobs", {}),
    "System": ("system", {}),
    "Boards": ("boards", {}),
}


def fill(folder: Path, count: int) -> None:
    """Texts of the built-in model, one a seed, and four pictures."""
    with Store.open(folder) as store:
        compute(store, [ImageSpec(prompt="a lake", steps=2, seed=seed) for seed in range(4)])
        for first in track(range(4, count, AT_ONCE), description=f"{count} runs"):
            seeds = range(first, min(first + AT_ONCE, count))
            compute(
                store,
                [
                    TextSpec(length=LENGTH, steps=STEPS, top_k=5, temperature=1.0, seed=seed)
                    for seed in seeds
                ],
            )


async def visits(
    servers: dict[str, Served], rounds: int, only: str | None
) -> dict[str, dict[str, list[float]]]:
    """Seconds by view and store; the first view of each server is measured once."""
    found: dict[str, dict[str, list[float]]] = {}
    async with visiting(servers["few"].host) as few, visiting(servers["many"].host) as many:
        both = {"few": few, "many": many}
        found[FIRST] = {
            name: [await seconds_of_view(visit, "library", {})] for name, visit in both.items()
        }
        for view, (page, query) in VIEWS.items():
            if only not in (None, view):
                continue
            times: dict[str, list[float]] = {name: [] for name in both}
            for turn in range(rounds + 1):
                for name, visit in both.items():
                    seconds = await seconds_of_view(visit, page, query)
                    if turn:  # the first warms up
                        times[name].append(seconds)
            found[view] = times
    return found


def main() -> None:
    """Fill both stores where they are empty, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--many", type=int, default=MANY, help="runs of the larger store")
    parser.add_argument("--stores", type=Path, help="where to make both stores, or where they are")
    parser.add_argument("--view", choices=[*VIEWS], help="one view alone")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = asked.stores or Path(name)
        sizes = {"few": FEW, "many": asked.many}
        for store, count in sizes.items():
            if not (folder / store).exists():
                fill(folder / store, count)
        with served(folder / "few") as few, served(folder / "many") as many:
            servers = {"few": few, "many": many}
            for view, times in asyncio.run(visits(servers, asked.rounds, asked.view)).items():
                named = {f"{sizes[store]} runs": seconds for store, seconds in times.items()}
                report(view, named, baseline=f"{FEW} runs")


if __name__ == "__main__":
    main()
