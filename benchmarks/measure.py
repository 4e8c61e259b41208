"""How every benchmark measures: alternating rounds, medians, ratios over a named baseline."""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def seconds(work: Callable[[], Any]) -> float:
    """Wall-clock seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def alternate(
    contestants: Mapping[str, Callable[[], Any]], *, rounds: int
) -> dict[str, list[float]]:
    """Seconds of every contestant in every round; rounds go around so that drift hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, work in contestants.items():
            times[name].append(seconds(work))
    return times


def report(title: str, times: Mapping[str, list[float]], *, baseline: str, **facts: Any) -> None:
    """Print medians and ratios over the baseline, then the same as one line of JSON."""
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(title)
    for name, median in medians.items():
        spread = f"{min(times[name]):.3f} to {max(times[name]):.3f}"
        ratio = medians[baseline] / median
        print(f"  {name:34} {median:9.3f} s  ({spread})  {ratio:8.2f} x {baseline}")
    document = {
        "title": title,
        "baseline": baseline,
        "median_s": medians,
        "rounds": len(next(iter(times.values()))),
        "ratio": {name: medians[baseline] / median for name, median in medians.items()},
        "machine": platform.machine(),
        **facts,
    }
    print(json.dumps(document))
