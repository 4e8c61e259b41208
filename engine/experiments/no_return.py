"""Point of no return: how much of a run's result is decided after each of its steps. No torch.

From some steps on a run is continued several times with other randomness. Where the continuations
agree, the steps before had decided. The idea is old: SDEdit's trade of faithfulness for freedom
over the start (Meng et al. 2021, 2108.01073, fig. 3) seen from the other end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cache.errors import InvalidInput
from cache.store import Store
from engine.chain.axis_values import shown, whole_number
from engine.chain.records import Ints, Manifest
from engine.experiments.forks import fork
from engine.image import stored as image_stored
from engine.image.keys import whole_steps
from engine.image.spec import ImageSpec
from engine.metrics.bootstrap import Interval, bootstrap_mean, bootstrap_pairs
from engine.metrics.divergence import latent_cosine, token_agreement
from engine.requests.plans import parse_spec, plan
from engine.text import stored as text_stored
from engine.text.spec import TextSpec

MOST = 32  # continuations from one step
STEPS_TRIED = 6
MOST_STEPS = 12
SHARE = 0.9  # how alike is decided
USUAL = 6  # continuations from a step
TOP_K = 5  # what a greedy text draws from once it is continued at random
ETA = 1.0  # what DDIM is continued with: as much fresh noise as DDPM
DRAWS_ON = {  # the sampler that draws noise at the levels of one that does not
    "euler": "euler-a",
    "heun": "euler-a",
    "pndm": "euler-a",
    "dpm++": "dpm++-sde",
    "unipc": "dpm++-sde",
    "dpm++-karras": "dpm++-sde-karras",
}

Fields = Mapping[str, Any]
Table = NDArray[np.floating]  # [1 + n, 1 + n] likeness of a run and its continuations


@dataclass(frozen=True, slots=True)
class Continuations:
    """What is computed from one step: a spec for each of some seeds, and where each will end."""

    at: int
    changed: Fields  # what they change besides their seeds
    specs: tuple[TextSpec | ImageSpec, ...]
    runs: tuple[str, ...]
    ends: tuple[str, ...]  # the keys of their last steps


@dataclass(frozen=True, slots=True)
class Decided:
    """How alike the continuations from one step came out, in one measure of likeness (1: equal).

    ``among`` is over pairs of continuations, ``with_run`` against the run itself.
    """

    at: int
    measure: str
    among: Interval
    with_run: Interval
    asked: int  # continuations that were asked for; the intervals count those that are there


def steps_to_try(manifest: Manifest, most: int = STEPS_TRIED) -> list[int]:
    """At most so many steps of a run to continue from, evenly from the start on.

    Raises InvalidInput for a run of another kind than text and image.
    """
    spec = parse_spec(manifest.spec)
    if not isinstance(spec, TextSpec | ImageSpec):
        raise InvalidInput(
            f"only text and image runs can be continued, this one is {manifest.kind}"
        )
    able: Sequence[int] = range(manifest.step_count)
    if isinstance(spec, ImageSpec):
        able = whole_steps(spec)  # a continuation may change the sampler
    return sorted({able[i * len(able) // most] for i in range(most)})


def parse_steps(text: str, last: int) -> list[int]:
    """``0, 4, 8`` as steps to continue from, 0 to ``last``, in order. Raises InvalidInput."""
    parts = [part.strip() for part in text.replace(" ", ",").split(",") if part.strip()]
    if not 1 <= len(parts) <= MOST_STEPS:
        raise InvalidInput(f"steps must be 1 to {MOST_STEPS} numbers, got {len(parts)}")
    for part in parts:
        number = whole_number(part)
        if number is None or not 0 <= number <= last:
            raise InvalidInput(f"steps must be 0 to {last}, got {shown(part)}")
    return sorted({int(part) for part in parts})


def loosened(spec: TextSpec | ImageSpec) -> dict[str, Any]:
    """What must change for later steps to draw anything; nothing where they draw already.

    A greedy text is continued by top-k draws, DDIM with fresh noise, other deterministic samplers
    by the one that draws on the same noise levels.
    """
    if spec.stochastic:
        return {}
    if isinstance(spec, TextSpec):
        return {"top_k": TOP_K}
    return {"eta": ETA} if spec.sampler == "ddim" else {"sampler": DRAWS_ON[spec.sampler]}


def continuations(
    store: Store, manifest: Manifest, at: int, count: int, fields: Fields | None = None
) -> Continuations:
    """``count`` forks of a run after step ``at``, each with a seed of its own.

    ``fields`` change with the seed; by default what ``loosened`` says. The seeds are those after
    the run's own. Raises InvalidInput (also where nothing would be drawn), ModelMissing.
    """
    if not 2 <= count <= MOST:
        raise InvalidInput(f"forks must be 2 to {MOST}, got {count}")
    if not 0 <= at < manifest.step_count:
        raise InvalidInput(f"at must be 0 to {manifest.step_count - 1}, got {at}")
    unforked = fork(store, manifest, at)
    in_force = unforked.at_step(at + 1)
    changed = loosened(in_force) if fields is None else fields
    first = in_force.seed + 1
    specs = tuple(
        fork(store, manifest, at, {**changed, "seed": seed}) for seed in range(first, first + count)
    )
    if not specs[0].at_step(at + 1).stochastic:
        raise InvalidInput("nothing is drawn after the step: continuations would be the same")
    chains = [plan(spec).chain for spec in specs]
    runs, ends = (c.run for c in chains), (c.step_keys[-1] for c in chains)
    return Continuations(at, changed, specs, tuple(runs), tuple(ends))


def decided(store: Store, manifest: Manifest, tried: Sequence[Continuations]) -> list[Decided]:
    """How much was decided at each step, from the continuations that are finished.

    Texts: the share of equal tokens, of all that the run wrote and of those still masked at the
    step. Pictures: the cosine of the final latents. Steps without a
    finished continuation give no row.
    """
    found = []
    for each in tried:
        ends = [
            key for key, there in zip(each.ends, store.present(each.ends), strict=True) if there
        ]
        if not ends:
            continue
        for measure, table in _likeness(store, manifest, each.at, ends).items():
            found.append(decided_by(each.at, measure, table, asked=len(each.ends)))
    return found


def decided_by(at: int, measure: str, table: Table, *, asked: int) -> Decided:
    """A row from a table of likeness: the run first, then its continuations."""
    return Decided(
        at=at,
        measure=measure,
        among=bootstrap_pairs(table[1:, 1:]),
        with_run=bootstrap_mean(table[0, 1:].tolist()),
        asked=asked,
    )


def point_of_no_return(
    rows: Sequence[Decided], measure: str, *, share: float = SHARE
) -> int | None:
    """The first of the tried steps from which on the continuations are at least so much alike.

    Even the lower bound of the interval is, at it and at every later one; None if there is none.
    """
    lows = sorted((row.at, row.among.low) for row in rows if row.measure == measure)
    found = None
    for at, low in reversed(lows):
        if not low >= share:
            break
        found = at
    return found


def _likeness(store: Store, manifest: Manifest, at: int, ends: Sequence[str]) -> dict[str, Table]:
    keys = [manifest.step_keys[-1], *ends]
    if manifest.kind == "text":
        tokens = np.stack([text_stored.text_step(store.get(key)).tokens for key in keys])
        _, mask_id = text_stored.load_vocabulary(store, manifest.shared_keys[0])
        start, before = (
            text_stored.text_step(store.get(manifest.step_keys[i])).tokens == mask_id
            for i in (0, at)
        )
        return {"tokens": _agreement(tokens, start), "masked tokens": _agreement(tokens, before)}
    latents = np.stack(
        [image_stored.image_step(store.get(key)).latents.astype(np.float32) for key in keys]
    )
    return {"latents": latent_cosine(latents[:, None])[0]}


def _agreement(tokens: Ints, positions: NDArray[np.bool_]) -> Table:
    """Of ``tokens`` [run, position], at some positions."""
    table: Table = token_agreement(tokens[:, positions][:, None])[0]
    return table
