"""Runs side by side: where their specs differ, what they share, how far apart they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.data.image_runs import shown_latents
from dashboard.data.library import called
from engine.chain.records import Bools, Floats, Ints, Manifest, short_id
from engine.experiments.forks import described_change
from engine.image.records import ImageRun, Latents, Pixels
from engine.metrics import divergence
from engine.metrics.latent_trajectory import rms
from engine.text.records import CorruptionRun, TextRun

MOST = 16
MOST_PIXELS = 128  # a side of a map of differences
MOST_SAID = 6  # sentences about what pairs share
MADE_BY = "made by: "
BY_STEP, BY_SHARE = "step", "share"
Map = NDArray[np.float64]  # [height, width]
AnyRun = TextRun | CorruptionRun | ImageRun


@dataclass(frozen=True, slots=True)
class Sync:
    """Which step of each run goes with which of one slider's positions.

    ``step``: the same step of all, and a run that has ended keeps its last. ``share``: the same
    share of each one's own way, so that all begin and end together.
    """

    lasts: tuple[int, ...]  # of each run, its last stored step
    by: str = BY_STEP

    @property
    def longest(self) -> int:
        """The slider's last position."""
        return max(self.lasts)

    def places(self, position: int) -> list[int]:
        """The step of each run at a position of the slider."""
        if self.by == BY_STEP or self.longest == 0:
            return [min(position, last) for last in self.lasts]
        return [round(position * last / self.longest) for last in self.lasts]

    def label(self, position: int) -> str:
        """A position of the slider in words."""
        if self.by == BY_STEP or self.longest == 0:
            return f"step {position}"
        return f"{position / self.longest:.0%} of the way"


@dataclass(frozen=True, slots=True)
class Parted:
    """Where a run leaves the first one; None: never."""

    key: int | None  # the first step whose stored key differs
    state: int | None  # the first position of the slider at which tokens or latents differ


def sync_of(runs: Sequence[AnyRun], by: str) -> Sync:
    """The common slider of some runs, by what is stored of them."""
    return Sync(tuple(len(run.steps) - 1 for run in runs), by)


def differing(manifests: Sequence[Manifest], made_by: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row a setting that is not the same in all runs, one column a run.

    ``made_by`` is each run's provenance: batch layout, versions, device.
    """
    facts = [
        {
            **m.spec,
            "weights": short_id(m.fingerprint),
            **{f"{MADE_BY}{name}": value for name, value in _flat(made).items()},
        }
        for m, made in zip(manifests, made_by, strict=True)
    ]
    rows: dict[str, list[str]] = {}
    # what was asked for first, what computed it last
    known = sorted(dict.fromkeys(n for f in facts for n in f), key=lambda n: n.startswith(MADE_BY))
    for name in known:
        values = [_setting_text(name, fact.get(name)) for fact in facts]
        if len(set(values)) > 1:
            rows[name.replace("_", " ")] = values
    return pd.DataFrame.from_dict(rows, orient="index", columns=called(manifests))


def shared_sentences(manifests: Sequence[Manifest]) -> list[str]:
    """In sentences, which runs share which steps; of several pairs only what all do not share."""
    chains, labels = [m.step_keys for m in manifests], called(manifests)
    every = divergence.shared_steps(chains)
    who = "They" if len(chains) == 2 else "All of them"
    sentences = [_shared_sentence(who, chains, every)] if every >= 0 else []
    for i, j in combinations(range(len(chains)), 2):
        count = divergence.shared_steps([chains[i], chains[j]])
        if count > every and len(sentences) < MOST_SAID:
            pair = [chains[i], chains[j]]
            sentences.append(_shared_sentence(f"{labels[i]} and {labels[j]}", pair, count))
    return sentences or ["They share no step: their keys differ from the start on."]


def parted(runs: Sequence[AnyRun], states: Ints | Floats | None) -> list[Parted]:
    """Where each run leaves the first; ``states`` [run, position, ...] as ``states_at`` gives it.

    The first run never leaves itself.
    """
    first = [None] * len(runs) if states is None else _first_apart(states)
    partings = []
    for run, state in zip(runs, first, strict=True):
        keys = [runs[0].manifest.step_keys, run.manifest.step_keys]
        shared = divergence.shared_steps(keys)
        whole = shared + 1 == max(map(len, keys))
        partings.append(Parted(key=None if whole else shared + 1, state=state))
    return partings


def parting_table(where: Sequence[Parted], labels: Sequence[str], sync: Sync) -> pd.DataFrame:
    """One row a run but the first: from which step on its keys and its state are another."""

    def shown(parting: Parted) -> tuple[str, str]:
        if parting.key is None:
            return "never", "never"
        key = "the start" if parting.key == 0 else f"step {parting.key}"
        return key, "never" if parting.state is None else sync.label(parting.state)

    rows = [shown(each) for each in where[1:]]
    return pd.DataFrame(
        {
            f"beside {labels[0]}": labels[1:],
            "their keys differ": [key for key, _ in rows],
            "differs from": [state for _, state in rows],
        }
    )


def tokens_at(runs: Sequence[TextRun | CorruptionRun], sync: Sync) -> Ints | None:
    """[run, position of the slider, position] tokens; None for texts of different lengths."""
    if len({len(run.steps[0].tokens) for run in runs}) > 1:
        return None
    return np.stack(
        [np.stack([run.steps[i].tokens for i in row]) for run, row in _rows(runs, sync)]
    )


def latents_at(runs: Sequence[ImageRun], sync: Sync) -> Floats | None:
    """[run, position of the slider, C, h, w] in unit variance; None for different sizes."""
    if len({run.steps[0].latents.shape for run in runs}) > 1:
        return None
    return np.stack(
        [
            np.stack([np.asarray(shown_latents(run, i, "latents")) for i in row])
            for run, row in _rows(runs, sync)
        ]
    )


def differs_from_first(tokens: Ints) -> Bools:
    """[run, position of the slider, position] whether a token is not the first run's."""
    return np.asarray(tokens != tokens[:1])


def text_curves(runs: Sequence[TextRun], sync: Sync) -> pd.DataFrame:
    """One row a run and position of the slider: agreement with the first, mean confidence.

    The confidence is the sampler's in the tokens that the step revealed; nan for the start.
    """
    tokens = tokens_at(runs, sync)
    agree = None if tokens is None else divergence.token_agreement(tokens)
    confidence = [[_revealed_confidence(run, i) for i in range(len(run.steps))] for run in runs]
    return _curves(
        runs,
        sync,
        lambda run, x, at: {
            "agreement": np.nan if agree is None else float(agree[x, 0, run]),
            "confidence": confidence[run][at],
        },
    )


def corruption_curves(runs: Sequence[CorruptionRun], sync: Sync) -> pd.DataFrame:
    """One row a run and position of the slider: agreement with the first, share that is masked."""
    tokens = tokens_at(runs, sync)
    agree = None if tokens is None else divergence.token_agreement(tokens)
    return _curves(
        runs,
        sync,
        lambda run, x, at: {
            "agreement": np.nan if agree is None else float(agree[x, 0, run]),
            "masked": float(runs[run].steps[at].masked.mean()),
        },
    )


def latent_curves(runs: Sequence[ImageRun], sync: Sync, latents: Floats) -> pd.DataFrame:
    """One row a run and position of the slider: RMS distance and cosine to the first's latents."""
    apart, cosine = divergence.latent_rms(latents), divergence.latent_cosine(latents)
    return _curves(
        runs,
        sync,
        lambda run, x, _: {"rms": float(apart[x, 0, run]), "cosine": float(cosine[x, 0, run])},
    )


def pixel_map(first: Pixels, second: Pixels) -> Map | None:
    """[h, w] mean absolute difference of two pictures' channels, 0 to 1; None for other sizes.

    At most MOST_PIXELS a side: of larger pictures means over squares.
    """
    if first.shape != second.shape:
        return None
    apart = np.abs(first.astype(np.float64) - second.astype(np.float64)) / 255
    return _pooled(np.asarray(apart.mean(axis=2)))


def _pooled(apart: Map) -> Map:
    square = -(-max(apart.shape) // MOST_PIXELS)
    rows, columns = (side // square * square for side in apart.shape)
    cut = apart[:rows, :columns].reshape(rows // square, square, columns // square, square)
    return np.asarray(cut.mean(axis=(1, 3)))


def latent_map(first: Latents, second: Latents) -> Map | None:
    """[h, w] mean absolute difference of two latents [C, h, w]; None for other sizes."""
    if first.shape != second.shape:
        return None
    return np.asarray(np.abs(first.astype(np.float64) - second.astype(np.float64)).mean(axis=0))


def rms_between(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Root mean square difference of two arrays, in their units."""
    apart = first.astype(np.float64) - second.astype(np.float64)
    return float(rms(apart))


def _curves(
    runs: Sequence[AnyRun], sync: Sync, row: Callable[[int, int, int], dict[str, float]]
) -> pd.DataFrame:
    """``row`` gives the measures of a run at a position of the slider, and at that step."""
    labels = called([run.manifest for run in runs])
    return pd.DataFrame(
        {"run": labels[run], "position": x, "step": at, **row(run, x, at)}
        for run in range(len(runs))
        for x in range(sync.longest + 1)
        for at in [sync.places(x)[run]]
        # a run that has ended is not drawn on
        if sync.by == BY_SHARE or x <= sync.lasts[run]
    )


def _rows(runs: Sequence[Any], sync: Sync) -> list[tuple[Any, list[int]]]:
    places = [sync.places(x) for x in range(sync.longest + 1)]
    return [(run, [at[number] for at in places]) for number, run in enumerate(runs)]


def _revealed_confidence(run: TextRun, index: int) -> float:
    step = run.steps[index]
    held = np.isin(step.masked, step.revealed)
    return float(step.confidence[held].mean()) if held.any() else float("nan")


def _first_apart(states: Ints | Floats) -> list[int | None]:
    firsts: list[int | None] = []
    for run in states:
        first = int(divergence.first_divergence(np.stack([states[0], run]))[0, 1])
        firsts.append(None if first < 0 else first)
    return firsts


def _shared_sentence(who: str, chains: Sequence[Sequence[str]], count: int) -> str:
    if count + 1 == max(map(len, chains)):
        return f"{who} have the same keys throughout: every stored step is one and the same."
    if count == 0:
        return f"{who} share the start (the same key) and no step after it."
    steps = "first step" if count == 1 else f"first {count} steps"
    return f"{who} share the start and their {steps}: the same keys, so the same stored bits."


def _flat(facts: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name} ")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _setting_text(name: str, value: Any) -> str:
    if name == "changes" and value:
        return "; ".join(described_change(change) for change in value)
    if value is None or value in ((), [], ""):
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
