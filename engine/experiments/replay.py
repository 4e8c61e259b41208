"""Recomputes one stored step from the one before it, and says how far the two are apart."""

from __future__ import annotations

import math
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cache.errors import InvalidInput
from cache.payload import Payload
from cache.store import Store
from engine.chain.records import Manifest
from engine.models.replaced import model_of_run
from engine.requests.computing import loaded_walker
from engine.requests.plans import Plan, parse_spec, plan

# what another batch layout, thread count or library build changes at most; see docs/decisions
TOLERANCE = {"float32": 1e-3, "float16": 5e-2}
# equal or not: there is no distance between them
DECIDED = (
    "tokens",
    "revealed",
    "masked",
    "proposed",
    "written",
    "taken_back",
    "window",
    "generator_state",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One array of a step, stored and recomputed: the largest absolute difference of the two."""

    name: str
    same_bits: bool
    largest: float  # nan where the shapes differ


@dataclass(frozen=True, slots=True)
class Replay:
    """A step computed anew: whether it is the stored one, to the bit or within the tolerance."""

    run: str
    index: int
    same_bits: bool
    within: bool
    tolerance: float
    arrays: tuple[Compared, ...]
    stored_layout: str
    layout: str

    def document(self) -> dict[str, Any]:
        """The comparison as JSON; a distance that is no number is null."""
        arrays = [
            asdict(one) | {"largest": one.largest if math.isfinite(one.largest) else None}
            for one in self.arrays
        ]
        return asdict(self) | {"arrays": arrays}


def replay(store: Store, manifest: Manifest, index: int) -> Replay:
    """Compute step ``index`` (from 1) again, alone, from the stored step before it.

    Nothing recalled: prompts are encoded and forwards made anew, in a store of its own. Nothing
    is written to the run's store. Raises InvalidInput, MissingFromStore, ModelMissing.
    """
    if not 1 <= index <= manifest.step_count:
        if not manifest.step_count:
            raise InvalidInput(
                f"runs of kind {manifest.kind} have no steps to replay, got step {index}"
            )
        raise InvalidInput(f"step must be 1 to {manifest.step_count}, got {index}")
    model_of_run(manifest.model, manifest.fingerprint)
    planned = plan(parse_spec(manifest.spec))
    if planned.chain.step_keys != manifest.step_keys:
        raise InvalidInput(
            f"the run was made when the config of {manifest.model} was read otherwise: "
            "compute it anew"
        )
    stored = store.get(manifest.step_keys[index])
    with (
        tempfile.TemporaryDirectory(prefix="stepscope-") as folder,
        Store.open(Path(folder) / "store") as scratch,
    ):
        for key in manifest.step_keys[:index]:
            scratch.put(key, store.get(key))
        again = _take(scratch, planned, scratch.get(manifest.step_keys[index - 1]))
    precision = str(manifest.spec.get("precision", "float32"))
    compared = tuple(_compare(name, array, again) for name, array in stored.arrays.items())
    tolerance = TOLERANCE[precision]
    return Replay(
        run=manifest.run,
        index=index,
        same_bits=all(one.same_bits for one in compared),
        within=all(_is_within(one, tolerance) for one in compared),
        tolerance=tolerance,
        arrays=compared,
        stored_layout=_layout(stored),
        layout=_layout(again),
    )


def _take(scratch: Store, planned: Plan, before: Payload) -> Payload:
    walker = loaded_walker(scratch, {0: planned})
    _, payload = next(iter(walker.take([0], [before])))
    return payload


def _compare(name: str, stored: np.ndarray, again: Payload) -> Compared:
    other = again.arrays.get(name)
    if other is None or other.shape != stored.shape:
        return Compared(name, False, float("nan"))
    same = stored.tobytes() == other.tobytes()
    if same or not stored.size:
        return Compared(name, same, 0.0)
    apart = np.abs(stored.astype(np.float64) - other.astype(np.float64))
    apart[np.isnan(stored) & np.isnan(other)] = 0.0  # nowhere held, in both
    return Compared(name, False, float(apart.max()))


def _is_within(one: Compared, tolerance: float) -> bool:
    if one.same_bits or one.name == "candidates":
        return True  # candidates of equal probability may change places
    return one.name not in DECIDED and one.largest <= tolerance


def _layout(payload: Payload) -> str:
    return str(payload.meta.get("provenance", {}).get("layout", ""))
