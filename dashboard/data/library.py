"""The runs of a store as a person looks for them."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cache.errors import StepscopeError
from cache.store import Store
from engine import stored_runs
from engine.image_specs import ImageSpec
from engine.records import Manifest
from engine.specs import CorruptionSpec, TextSpec

DEFAULTS: dict[str, Mapping[str, Any]] = {
    kind: {name: field.default for name, field in spec.model_fields.items()}
    for kind, spec in (("text", TextSpec), ("corruption", CorruptionSpec), ("image", ImageSpec))
}
TOLD_APART = frozenset(
    (
        "kind",
        "model",
        "prompt",
        "negative_prompt",
        "template",
        "text",
        "length",
        "seed",
        "width",
        "height",
        "precision",
        "init_image",
    )
)


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One line of the Library."""

    manifest: Manifest
    words: str
    steps_stored: int
    pinned: bool

    @property
    def short(self) -> str:
        """The id as people are shown it."""
        return self.manifest.run[: stored_runs.SHORT]


def entries(store: Store, *, limit: int = 1000) -> list[Entry]:
    """The newest runs, each with its first words and how much of it is stored."""
    pins = store.pins()
    found: list[Entry] = []
    for manifest in stored_runs.manifests(store):
        if len(found) == limit:
            break
        stored = stored_runs.stored_steps(store, manifest)
        entry = Entry(manifest, first_words(store, manifest), stored, manifest.run in pins)
        found.append(entry)
    return found


def first_words(store: Store, manifest: Manifest) -> str:
    """What a run says: the text it has come to, its prompt, or the text it corrupts."""
    spec = manifest.spec
    if manifest.kind == "text":
        try:
            return last_text(store, manifest)
        except StepscopeError as error:
            return f"({error})"
    return str(spec.get("prompt") or spec.get("text") or "")


def last_text(store: Store, manifest: Manifest) -> str:
    """A text run's text after its last stored step, read without the steps before it."""
    from engine.records import join_pieces

    stored = stored_runs.stored_steps(store, manifest)
    pieces, _ = stored_runs.load_vocabulary(store, manifest.shared_keys[0])
    step = stored_runs.text_step(store.get(manifest.step_keys[stored]))
    return join_pieces([pieces[token] for token in step.tokens])


def described(spec: Mapping[str, Any]) -> str:
    """A spec in words: the seed, the steps, and what differs from the defaults."""
    defaults = DEFAULTS.get(str(spec.get("kind")), {})
    parts = [f"seed {spec.get('seed', 0)}"]
    parts += [f"{spec['steps']} steps"] if "steps" in spec else []
    for name, value in spec.items():
        if name in TOLD_APART or name == "steps" or value is None or value == defaults.get(name):
            continue
        if name == "suppress_special":
            parts.append("special tokens allowed")
        elif value is True:
            parts.append(name)
        else:
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            parts.append(f"{name.replace('_', '-')} {shown}")
    if spec.get("kind") == "text" and spec.get("top_k") is None and spec.get("top_p") is None:
        parts.append("greedy")
    return ", ".join(parts)


def age(created_at: float, *, now: float | None = None) -> str:
    """How long ago, in words."""
    seconds = (time.time() if now is None else now) - created_at
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "min")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 and unit != 'min' else ''} ago"
    return "just now"


def table(found: Sequence[Entry]) -> pd.DataFrame:
    """The Library as a table, one row an entry, in the same order."""
    return pd.DataFrame(
        {
            "run": [e.manifest.run[:8] for e in found],
            "kind": [e.manifest.kind for e in found],
            "words": [e.words for e in found],
            "settings": [described(e.manifest.spec) for e in found],
            "steps": [_steps(e) for e in found],
            "made": [age(e.manifest.created_at) for e in found],
            "pinned": [e.pinned for e in found],
            "model": [e.manifest.model.rsplit("/", 1)[-1] for e in found],
        }
    )


def matching(
    found: Sequence[Entry], *, kinds: Sequence[str], models: Sequence[str], text: str
) -> list[Entry]:
    """The entries of some kinds and models (none chosen: all) that hold every word of a text."""
    words = text.lower().split()
    return [
        e
        for e in found
        if (not kinds or e.manifest.kind in kinds)
        and (not models or e.manifest.model in models)
        and all(word in _searched(e) for word in words)
    ]


def siblings(found: Sequence[Manifest], of: Manifest) -> list[Manifest]:
    """The runs whose spec differs from one's in the seed alone, by seed, itself included."""
    wanted = {k: v for k, v in of.spec.items() if k != "seed"}
    same = [
        m
        for m in found
        if m.fingerprint == of.fingerprint
        and {k: v for k, v in m.spec.items() if k != "seed"} == wanted
    ]
    return sorted(same, key=lambda m: int(m.spec.get("seed", 0)))


def _steps(entry: Entry) -> str:
    whole = entry.manifest.step_count
    if entry.steps_stored < whole:
        return f"{entry.steps_stored} of {whole} (partial)"
    return str(whole)


def _searched(entry: Entry) -> str:
    m = entry.manifest
    parts = (m.run, m.model, entry.words, str(m.spec.get("template")), m.note, *m.tags)
    return " ".join([*parts, described(m.spec)]).lower()
