"""The runs of a store as a person looks for them."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cache.errors import StepscopeError
from cache.store import Store
from engine.chain import manifests
from engine.chain.malformed import read_as
from engine.chain.records import Manifest, short_id
from engine.experiments.forks import described_change
from engine.image.spec import ImageSpec
from engine.text import stored as text_stored
from engine.text.spec import ALWAYS_DRAWS, CorruptionSpec, TextSpec

DEFAULTS: dict[str, Mapping[str, Any]] = {
    kind: {name: field.default for name, field in spec.model_fields.items()}
    for kind, spec in (("text", TextSpec), ("corruption", CorruptionSpec), ("image", ImageSpec))
}
ON_TO_THE_END = ("quota", "remask", "edit")  # rules whose steps all have something to do
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
        "corrected",
        "texts",
        "pictures",
    )
)

WORDS = frozenset(("prompt", "template", "text"))  # what is called by its words alone
SHORT = 40  # characters of a value in a name
MOST_TOLD = 3  # settings in a name
HASH = re.compile(r"[0-9a-f]{64}")


def first_words(store: Store, manifest: Manifest) -> str:
    """What a run says: the text it has come to, its prompt, or the text it corrupts."""
    spec = manifest.spec
    if manifest.kind == "text":
        try:
            return last_text(store, manifest)
        except StepscopeError as error:
            return f"({error})"
    if manifest.kind == "embed":
        return embedded_words(spec)
    return str(spec.get("prompt") or spec.get("text") or "")


def embedded_words(spec: Mapping[str, Any]) -> str:
    """The first prompts of a set that was embedded, and how many more of what there are."""
    texts, pictures = list(spec.get("texts", ())), len(spec.get("pictures", ()))
    parts = texts[:2] + ([f"{len(texts) - 2} more texts"] if len(texts) > 2 else [])
    if pictures:
        parts.append(f"{pictures} picture{'' if pictures == 1 else 's'}")
    return "; ".join(parts)


def last_text(store: Store, manifest: Manifest) -> str:
    """A text run's text after its last stored step, read without the steps before it."""
    from engine.text.joining import join_pieces
    from engine.text.spellings import spelling_of

    stored = manifests.stored_steps(store, manifest)
    pieces = _pieces(store, manifest.shared_keys[0])
    key = manifest.step_keys[stored]
    payload = store.get(key)
    with read_as(key):
        step = text_stored.text_step(payload)
        words = [pieces[token] for token in step.tokens]
        spelling = spelling_of(pieces)
        return join_pieces(words, manifest.spec.get("template"), spelling=spelling)


def asked_words(spec: Mapping[str, Any]) -> str:
    """What a run was asked, in its own words; of a text without any, how long it is."""
    said = spec.get("prompt") or spec.get("template") or spec.get("text")
    if not said and spec.get("length"):
        return f"{spec['length']} tokens from nothing"
    return str(said or "")


def described(spec: Mapping[str, Any], *, but: Collection[str] = ()) -> str:
    """A spec in words: the seed, the steps, and what differs from the defaults, but for some."""
    defaults = DEFAULTS.get(str(spec.get("kind")), {})
    seeded = spec.get("kind") != "embed" and "seed" not in but
    parts = [f"seed {spec.get('seed', 0)}"] if seeded else []
    changes = spec.get("changes") or ()
    changed = {name for change in changes for name in change} - {"seed", "steps"}
    most = "at most " if may_be_done_sooner(spec) else ""
    parts += [f"{most}{spec['steps']} steps"] if "steps" in spec and "steps" not in but else []
    for name, value in spec.items():
        if name in TOLD_APART or name == "steps" or value is None or value == defaults.get(name):
            continue
        if name in but or name in changed:  # told with the change
            continue
        if name == "changes":
            parts += _forks_told(spec, value)
        elif isinstance(value, tuple | list) and all(isinstance(each, str) for each in value):
            parts.append(f"{name.replace('_', '-')} {', '.join(value)}")
        elif name == "suppress_special":
            parts.append("special tokens allowed")
        elif value is True:
            parts.append(name)
        else:
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            parts.append(f"{name.replace('_', '-')} {shown}")
    drawn_from = {"top_k", "top_p", "rule"}
    if (
        spec.get("kind") == "text"
        and not drawn_from & set(but)
        and spec.get("top_k") is None
        and spec.get("top_p") is None
    ):
        drawn = spec.get("kernel") == "uniform" or spec.get("rule") in ALWAYS_DRAWS
        parts.append("all tokens" if drawn else "greedy")
    return ", ".join(parts)


def _forks_told(spec: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each change with what was before it."""
    before, told = dict(spec), []
    for change in changes:
        told.append(f"forked {described_change(change, before)}")
        before |= change
    return told


def in_common(manifests: Sequence[Manifest]) -> str:
    """What some runs were all asked, by which model, with which settings; '' where nothing is."""
    models = {m.model for m in manifests}
    return in_common_of([m.spec for m in manifests], manifests[0].kind, models)


def in_common_of(specs: Sequence[Mapping[str, Any]], kind: str, models: AbstractSet[str]) -> str:
    """``in_common`` of what is asked for and may not be there yet."""
    names = dict.fromkeys(name for spec in specs for name in spec)
    apart = [n for n in names if any(spec.get(n) != specs[0].get(n) for spec in specs)]
    same = {name: value for name, value in specs[0].items() if name not in apart}
    parts = [
        asked_words(same),
        next(iter(models)) if len(models) == 1 else "",
        described({**same, "kind": kind}, but=apart),
    ]
    return "  ·  ".join(part for part in parts if part)


def may_be_done_sooner(spec: Mapping[str, Any]) -> bool:
    """Whether a text run may be done before the steps that were asked for are used up."""
    if spec.get("kind") != "text":
        return False
    settings = (spec, *spec.get("changes", ()))
    return any(each.get("rule", "quota") not in ON_TO_THE_END or each.get("block") is not None
               for each in settings)  # fmt: skip


def called(manifests: Sequence[Manifest]) -> list[str]:
    """What each of some runs is called beside the others: by what differs, as ``seed 3``.

    Runs that are told apart by long values or by nothing that a spec says are numbered, too.
    """
    specs = [{"model": m.model, **m.spec} for m in manifests]
    fields = dict.fromkeys(name for spec in specs for name in spec)
    differing = [name for name in fields if len({repr(spec.get(name)) for spec in specs}) > 1]
    if not differing:
        # one run, or the same request of other weights
        differing = ["seed"] if all("seed" in spec for spec in specs) else []
    names = _names(specs, differing[:MOST_TOLD])
    if len(set(names)) < len(names):
        apart = _names(specs, _telling(specs, differing)[:MOST_TOLD])
        names = apart if len(set(apart)) > len(set(names)) else names
    if len(set(names)) == len(names) and all(names):
        return names
    return [
        f"{i}: {name or m.short}"
        for i, (name, m) in enumerate(zip(names, manifests, strict=True), 1)
    ]


def _names(specs: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> list[str]:
    return [", ".join(_told_of(spec, fields)) for spec in specs]


def _telling(specs: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> list[str]:
    """Of some settings those that tell apart what the ones before do not."""
    telling: list[str] = []
    for name in fields:
        if len(set(_names(specs, [*telling, name]))) > len(set(_names(specs, telling))):
            telling.append(name)
    return telling


def _told_of(spec: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Settings in a word or two each; one that a run has not is told where it has no other."""
    here = [name for name in names if spec.get(name) is not None]
    return [_told(name, spec.get(name)) for name in here or names]


def _told(name: str, value: Any) -> str:
    """A setting in a word or two."""
    if HASH.fullmatch(str(value)):
        value = short_id(str(value))
    if name == "changes":
        return (
            _cut("; ".join(described_change(change) for change in value)) if value else "as it was"
        )
    if name in WORDS:
        return f"“{_cut(str(value or ''))}”"
    said = (
        "none" if value is None else f"{value:g}" if isinstance(value, float) else _cut(str(value))
    )
    return f"{said} steps" if name == "steps" else f"{name.replace('_', ' ')} {said}"


def _cut(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def age(created_at: float, *, now: float | None = None) -> str:
    """How long ago, in words."""
    seconds = (time.time() if now is None else now) - created_at
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "min")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 and unit != 'min' else ''} ago"
    return "just now"


def _pieces(store: Store, key: str) -> tuple[str, ...]:
    """A vocabulary's pieces, kept: a list of thousands of runs needs the same few again."""
    return _read_pieces(_Vocabulary(str(store.folder), key, store))


@dataclass(frozen=True)
class _Vocabulary:
    folder: str
    key: str
    store: Store = field(compare=False)


@lru_cache(maxsize=8)
def _read_pieces(wanted: _Vocabulary) -> tuple[str, ...]:
    return text_stored.load_vocabulary(wanted.store, wanted.key)[0]
