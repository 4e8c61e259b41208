"""What the player holds: every frame of some runs, as the browser reads it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cache.store import Store
from engine.chain.records import Bools, Floats, Ints, Manifest
from engine.image import stored as image_stored
from engine.image.keys import decode_key
from engine.image.records import Source
from engine.image.spec import Shown
from engine.text.records import CorruptionRun, TextRun

MASKED, FRESH, BACK = 1, 2, 4  # flags of a position in a frame
# how the legend calls what is coloured and framed, and a hover the colour's number
REVEALED = {
    "sure": "confidence when revealed",
    "fresh": "revealed",
    "measure": "confidence",
    "masks": True,
}
REDRAWN = {
    "sure": "confidence that this is the word",
    "fresh": "changed",
    "measure": "confidence",
    "masks": False,
}
NOISED = {
    "sure": "the text's own word",
    "fresh": "redrawn",
    "measure": "the text's own:",
    "masks": False,
}
ROWS: dict[Shown, str] = {"latents": "x_t", "predicted_x0": "predicted x0"}
Panel = dict[str, Any]
Address = Callable[[str, int, Shown, Source], str]  # of a run, a step, what it shows, how


@dataclass(frozen=True, slots=True)
class Scene:
    """Some runs on one slider: what its positions are called, and a panel for each run.

    A panel's ``at`` gives the step of its run at each position of the slider. ``abreast``: how many
    make a row of a grid of settings; 0 where they make none.
    """

    labels: tuple[str, ...]
    panels: tuple[Panel, ...] = ()
    abreast: int = 0

    @property
    def last(self) -> int:
        """The slider's last position."""
        return len(self.labels) - 1

    def digest(self) -> str:
        """A short name of all it holds: another one is other frames."""
        said = json.dumps([self.labels, self.panels], separators=(",", ":"), ensure_ascii=False)
        return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=9).hexdigest()


def step_labels(last: int, *, word: str = "step") -> tuple[str, ...]:
    """``step 0`` to ``step <last>``."""
    return tuple(f"{word} {i}" for i in range(last + 1))


def text_panel(run: TextRun, label: str) -> Panel:
    """A sentence over its steps: each position's word, confidence and what happened to it.

    A masked position has the word the sampler held for it, and how sure it was of that; one that
    the step took back has the word that it lost.
    """
    words = _Words()
    frames = [_text_frame(run, index, *state, words) for index, state in enumerate(_states(run))]
    lines = [step_line(run, i) for i in range(len(frames))]
    said = REVEALED if run.masked_kernel else REDRAWN
    return _sentence(label, lines, words, frames, sampled=True, said=said)


def corruption_panel(run: CorruptionRun, label: str) -> Panel:
    """A text over the levels of the forward process."""
    words = _Words()
    at = [words.of(word) for word in run.words(0)]
    frames: list[dict[str, list[Any]]] = []
    before = np.zeros(len(at), bool)
    for step in run.steps:
        new = step.masked & ~before
        shown, hidden, own = at, step.masked, [None] * len(at)
        if not run.masked_kernel:  # noise is words
            shown = [words.of(word) for word in run.words(step.index)]
            new = step.tokens != run.steps[max(0, step.index - 1)].tokens
            hidden, own = np.zeros(len(at), bool), (~step.masked).astype(float).tolist()
        frames.append({"w": shown, "c": own, "f": _flags(hidden, new)})
        before = step.masked
    lines = [level_line(run, i) for i in range(len(frames))]
    said = REVEALED if run.masked_kernel else NOISED
    return _sentence(
        label, lines, words, frames, sampled=False, coloured=not run.masked_kernel, said=said
    )


def image_panel(store: Store, manifest: Manifest, last: int, label: str, address: Address) -> Panel:
    """The pictures of a run's steps 0 to ``last`` by their addresses, without reading the steps.

    Decoded ones where they are, else linear previews.
    """
    preview = image_stored.find_preview(store, manifest.fingerprint) is not None
    rows = []
    for shows, title in ROWS.items():
        keys = [decode_key(key, shows) for key in manifest.step_keys[: last + 1]]
        frames = [
            _picture(manifest.run, i, shows, there, preview, address)
            for i, there in enumerate(store.present(keys))
        ]
        rows.append({"name": shows, "title": title, "frames": frames})
    return {
        "kind": "pictures",
        "label": label,
        "last": last,
        "of": manifest.step_count,
        "width": int(manifest.spec["width"]),
        "height": int(manifest.spec["height"]),
        "at": list(range(last + 1)),
        "rows": rows,
    }


def has_pictures(scene: Scene) -> bool:
    """Whether any step has a picture."""
    rows = (row for panel in scene.panels for row in panel.get("rows", ()))
    return any(frame is not None for row in rows for frame in row["frames"])


def step_line(run: TextRun, index: int) -> str:
    """What a step of a text run did, in a sentence."""
    taken = run.steps[index]
    masked = int((taken.tokens == run.mask_id).sum())
    if not run.masked_kernel:
        return _redrawn_line(run, index)
    if index == 0:
        return f"Before the first step: {_positions(masked)} masked."
    edited = {p for s, p in run.replacements() if s == index}
    words = _words_at(run, index, sorted(set(taken.revealed.tolist()) - edited))
    more = f" and {len(words) - 6} more" if len(words) > 6 else ""
    more += _edited(run, index, sorted(edited))
    left = f"{masked} masked" if len(taken.taken_back) else f"{masked} still masked"
    left = left if masked else "nothing is masked any more"
    shown = ", ".join(words[:6]) or "nothing"
    of = f"Step {taken.index} of {run.last_step}"
    ended = run.spared and run.complete and index == run.last_step
    rest = (
        f" {run.manifest.step_count} were asked for; the rest had nothing to do." if ended else ""
    )
    by_hand = _words_at(run, index, sorted(taken.written.tolist()))
    wrote = f" A fork wrote {', '.join(by_hand)} before it." if by_hand else ""
    return f"{of} reveals {shown}{more}{_taken_back(run, index)}; {left}.{wrote}{rest}"


def _redrawn_line(run: TextRun, index: int) -> str:
    """What a step of the uniform kernel did: it has no masks."""
    if index == 0:
        return f"Before the first step: {int(run.written_by_it.sum())} words of noise."
    changed = sorted(run.steps[index].revealed.tolist())
    words = _words_at(run, index, changed)
    more = f" and {len(words) - 6} more" if len(words) > 6 else ""
    count = len(run.steps[index].masked)
    return (
        f"Step {index} of {run.last_step} redraws {count}, and changes "
        f"{', '.join(words[:6]) or 'nothing'}{more}."
    )


def _words_at(run: TextRun, index: int, positions: Sequence[int]) -> list[str]:
    return [f"“{run.pieces[run.steps[index].tokens[p]]}” at {p}" for p in positions]


def _edited(run: TextRun, index: int, positions: Sequence[int]) -> str:
    """What a step replaced, in words that go on from what it revealed."""
    before = run.steps[index - 1].tokens
    words = [
        f"“{run.pieces[before[p]]}” by {word}"
        for p, word in zip(positions, _words_at(run, index, positions), strict=True)
    ]
    more = f" and {len(words) - 6} more" if len(words) > 6 else ""
    return f", and replaces {', '.join(words[:6])}{more}" if words else ""


def _taken_back(run: TextRun, index: int) -> str:
    """What a step masked again, in words that go on from what it revealed."""
    before = run.steps[index - 1].tokens
    words = [f"“{run.pieces[before[p]]}” at {p}" for p in run.steps[index].taken_back.tolist()]
    more = f" and {len(words) - 6} more" if len(words) > 6 else ""
    return f", and takes back {', '.join(words[:6])}{more}" if words else ""


def level_line(run: CorruptionRun, index: int) -> str:
    """What a level of the forward process has masked, in a sentence."""
    level = run.steps[index]
    did = "are masked" if run.masked_kernel else "were redrawn"
    return (
        f"Step {index} of {len(run.steps) - 1}: {int(level.masked.sum())} of {len(level.masked)} "
        f"positions {did}; the schedule says {level.mask_probability:.0%}."
    )


class _Words:
    """Words by number, each once."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self._numbers: dict[str, int] = {}

    def of(self, word: str) -> int:
        if word not in self._numbers:
            self._numbers[word] = len(self.listed)
            self.listed.append(word)
        return self._numbers[word]


def _sentence(
    label: str,
    lines: list[str],
    words: _Words,
    frames: Sequence[Mapping[str, list[Any]]],
    *,
    sampled: bool,
    coloured: bool | None = None,
    said: Mapping[str, Any] = REVEALED,
) -> Panel:
    """A panel of words; of a ``sampled`` text each has a confidence, and each mask a guess.

    ``coloured`` words have a number from 0 to 1; those of sampled texts are. ``said`` names it.
    """
    return {
        "kind": "sentence",
        "label": label,
        "coloured": sampled if coloured is None else coloured,
        "guesses": sampled and bool(said["masks"]),
        "naming": dict(said),
        "last": len(frames) - 1,
        "at": list(range(len(frames))),
        "lines": lines,
        "words": words.listed,
        "frames": frames,
    }


def _states(run: TextRun) -> list[tuple[Floats, Ints, Floats]]:
    """Of every step [L]: confidence when revealed, the token that is held, how sure it is."""
    revealed = np.full(run.length, np.nan, np.float32)
    states: list[tuple[Floats, Ints, Floats]] = []
    for step in run.steps:
        held = np.full(run.length, -1, np.int32)
        sure = np.full(run.length, np.nan, np.float32)
        held[step.masked], sure[step.masked] = step.proposed, step.confidence
        revealed[step.written] = np.nan
        revealed[step.revealed] = sure[step.revealed]
        revealed[step.taken_back] = np.nan
        if not run.masked_kernel:  # nothing is revealed for good: how sure it is now
            revealed[step.masked] = step.confidence
        states.append((revealed.copy(), held, sure))
    return states


def _text_frame(
    run: TextRun, index: int, revealed: Floats, held: Ints, sure: Floats, words: _Words
) -> Mapping[str, list[Any]]:
    step = run.steps[index]
    masked = step.tokens == run.mask_id
    fresh = np.zeros(run.length, bool)
    fresh[step.revealed if index else []] = True
    fresh[step.written] = True
    tokens = np.where(masked, held, step.tokens)
    back = np.zeros(run.length, bool)
    if len(step.taken_back):
        back[step.taken_back] = True
        tokens[step.taken_back] = run.steps[index - 1].tokens[step.taken_back]
    return {
        "w": [words.of(run.pieces[token]) if token >= 0 else -1 for token in tokens.tolist()],
        "c": _numbers(np.where(masked, sure, revealed)),
        "f": _flags(masked, fresh, back),
    }


def _flags(masked: Bools, fresh: Bools, back: Bools | None = None) -> list[int]:
    flags = masked * MASKED + fresh * FRESH
    listed: list[int] = (flags if back is None else flags + back * BACK).tolist()
    return listed


def _numbers(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 4) for value in values]


def _picture(
    run: str, index: int, shows: Shown, decoded: bool, preview: bool, address: Address
) -> tuple[str, Source] | None:
    """A frame's address and how it is made; None where there is nothing to draw."""
    if decoded:
        return address(run, index, shows, "decode"), "decode"
    if not preview or (shows == "predicted_x0" and index == 0):  # the start predicts nothing
        return None
    return address(run, index, shows, "preview"), "preview"


def _positions(count: int) -> str:
    return "1 position is" if count == 1 else f"{count} positions are"
