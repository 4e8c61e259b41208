"""A sweep of three axes with shared prefixes: planned as one request, against cell by cell.

4 seeds x 4 guidance scales x 3 guidance intervals that begin late, 25 DDIM steps of one prompt on
the built-in model. Before its interval begins a run knows nothing of its scale, so cells share
their first steps. Two baselines: every cell with a store of its own, as if nobody kept anything,
and every cell after the other into one store, which shares the steps but not the batches. The
planner's prediction stands beside the calls that were made.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.measure import alternate, report
from cache.store import Store
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from engine.requests.planner import Prediction, predict
from engine.requests.sweeps import expand

PROMPT = "A sunset over the ocean"
STEPS = 25
AXES = {
    "seed": [0, 1, 2, 3],
    "guidance": [3.0, 5.0, 7.5, 12.0],
    "guidance_interval": [(10, STEPS), (15, STEPS), (20, STEPS)],
}


class Sweeps:
    """The ways to compute the same cells, each into empty stores; counts of their last round."""

    def __init__(self, folder: Path, specs: Sequence[ImageSpec]) -> None:
        self.folder, self.specs = folder, specs
        self.calls: dict[str, int] = {}
        self.predicted: Prediction | None = None
        self._opened = 0

    def apart(self) -> None:
        """Every cell into a store of its own."""
        self.calls["apart"] = 0
        for spec in self.specs:
            with self._empty() as store:
                self.calls["apart"] += compute(store, [spec]).model_calls

    def one_store(self) -> None:
        """Cell after cell into one store."""
        with self._empty() as store:
            made = [compute(store, [spec]).model_calls for spec in self.specs]
        self.calls["one_store"] = sum(made)

    def planned(self) -> None:
        """All cells as one request."""
        with self._empty() as store:
            self.predicted = predict(store, self.specs)
            self.calls["planned"] = compute(store, self.specs).model_calls

    def _empty(self) -> Store:
        self._opened += 1
        return Store.open(self.folder / str(self._opened))


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--model", default="builtin-sd")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    specs = list(expand(ImageSpec(model=options.model, prompt=PROMPT, steps=STEPS), AXES))
    with tempfile.TemporaryDirectory() as folder:
        sweeps = Sweeps(Path(folder), specs)
        with Store.open(Path(folder) / "warm-up") as store:
            compute(store, specs[:2])
        times = alternate(
            {
                "cell by cell, nothing kept": sweeps.apart,
                "cell by cell, one store": sweeps.one_store,
                "one planned sweep": sweeps.planned,
            },
            rounds=options.rounds,
        )
    predicted = sweeps.predicted
    report(
        f"{len(specs)} cells x {STEPS} steps, seed x guidance x guidance interval",
        times,
        baseline="cell by cell, nothing kept",
        model_calls=sweeps.calls,
        predicted_calls=predicted.model_calls if predicted else None,
        threads=torch.get_num_threads(),
        torch=torch.__version__,
    )


if __name__ == "__main__":
    main()
