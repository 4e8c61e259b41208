"""Forks: a run that shares another's first steps and goes its own way from there. No torch.

A fork is a spec like any other, with ``changes``; the chain of keys does the rest. Its parent is
the spec without the last change, so a family needs no book of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from cache.errors import InvalidInput
from cache.store import Store
from engine.chain.records import Manifest
from engine.chain.specs import Change
from engine.image.spec import ImageSpec
from engine.models.replaced import model_of_run
from engine.requests.kinds import KINDS
from engine.requests.plans import parse_spec
from engine.text import stored as text_stored
from engine.text.spec import MASK, TAKES_BACK, TextChange, TextSpec
from engine.text.spellings import BYTE_SPACE, SENTENCE_SPACE, Spelling, spelling_of, word_forms

Write = Sequence[tuple[int, str]]


def fork(
    store: Store,
    manifest: Manifest,
    at: int,
    fields: Mapping[str, Any] | None = None,
    *,
    write: Write = (),
) -> TextSpec | ImageSpec:
    """The spec of a run that goes on after step ``at`` of another with some fields changed.

    Changes the other run made after ``at`` are not taken over; a change it made at ``at`` is
    added to. A field given the value it has already is no change, and a fork without one is the
    run itself. ``write`` puts words or [MASK] at positions of a text. Raises InvalidInput,
    MissingFromStore (``write`` needs the step it writes on), ModelMissing (other weights now).
    """
    spec: Any = parse_spec(manifest.spec)
    change_type = KINDS[manifest.kind].change
    if change_type is None:
        able = " and ".join(name for name, kind in KINDS.items() if kind.change is not None)
        raise InvalidInput(f"only {able} runs can be forked, this one is {manifest.kind}")
    model_of_run(manifest.model, manifest.fingerprint)
    if not 0 <= at <= manifest.step_count:
        raise InvalidInput(f"at must be 0 to {manifest.step_count}, got {at}")
    kept = tuple(change for change in spec.changes if change.at < at)
    there = [change for change in spec.changes if change.at == at]
    before = spec.but(changes=kept).at_step(at + 1)
    wanted = {name: v for change in there for name, v in change.fields.items()}
    wanted |= dict(fields or {})
    known = change_type.model_fields
    for name in wanted:
        if name not in known or name in ("at", "write", "masks_left"):
            choices = ", ".join(n for n in known if n not in ("at", "write", "masks_left"))
            raise InvalidInput(f"a fork cannot change {name!r}; choose from {choices}")
    changed = {n: v for n, v in wanted.items() if getattr(before, n) != v}
    if "write" in known:
        changed |= _written(store, manifest, at, [*_writes_of(there), *write])
    elif write:
        raise InvalidInput(f"write is for text runs, this one is {manifest.kind}")
    if not changed:
        return cast(TextSpec | ImageSpec, spec.but(changes=kept))
    change = change_type(at=at, **changed)
    if isinstance(spec, TextSpec) and "write" not in changed:
        _must_go_on(store, manifest, at, spec.but(changes=(*kept, change)).at_step(at + 1))
    return cast(TextSpec | ImageSpec, spec.but(changes=(*kept, change)))


def _must_go_on(store: Store, manifest: Manifest, at: int, in_force: TextSpec) -> None:
    """Raises InvalidInput for a text that its rule had finished by step ``at``."""
    if (
        in_force.kernel == "uniform"
        or in_force.rule in TAKES_BACK
        or TextSpec.parse(manifest.spec).always_counted
    ):
        return  # something may change yet; or the chain of keys says what is left
    payload = store.find(manifest.step_keys[at])
    _, mask_id = text_stored.load_vocabulary(store, manifest.shared_keys[0])
    if payload is not None and not (text_stored.text_step(payload).tokens == mask_id).any():
        raise InvalidInput(
            f"after step {at} nothing is masked: change an earlier step, or put a mask back"
        )


def described_change(change: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> str:
    """One change of a stored spec in words, as ``after step 3: temperature 2``.

    ``before``: the settings until then, to be told beside the new ones.
    """
    parts = [
        f"{name.replace('_', '-')} {_shown_value(value)}{_was(name, before)}"
        for name, value in change.items()
        if name not in ("at", "write", "masks_left")
    ]
    parts += [f"{word!r} at {position}" for position, word in change.get("write", ())]
    return f"after step {change['at']}: {', '.join(parts)}"


def _was(name: str, before: Mapping[str, Any] | None) -> str:
    return "" if before is None or name not in before else f" (was {_shown_value(before[name])})"


def _shown_value(value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def piece_of(word: str, pieces: Sequence[str], mask_id: int | None = None) -> str:
    """The piece of a vocabulary that a word is. Raises InvalidInput when it is none.

    Where pieces carry their spaces it is the one that follows a space. The mask, which has
    ``mask_id``, is [MASK], however the model's tokenizer writes it.
    """
    if mask_id is not None and word in (MASK, pieces[mask_id]):
        return MASK
    spelling = spelling_of(pieces)
    for form in (*_marked(word, spelling), *word_forms(word, spelling)):
        if form in pieces:
            return form
    near = [piece for piece in pieces if piece.startswith(word.lower()[:3])][:5]
    hint = f"; near it: {', '.join(near)}" if near else ""
    raise InvalidInput(f"write must be one token of this model, got {word!r}{hint}")


def _marked(word: str, spelling: Spelling) -> tuple[str, ...]:
    """A word that is written as a piece with its mark already, as a list of candidates has it."""
    return (word,) if spelling == "word pieces" or word[:1] in (BYTE_SPACE, SENTENCE_SPACE) else ()


def _writes_of(changes: Sequence[Change]) -> list[tuple[int, str]]:
    return [item for change in changes if isinstance(change, TextChange) for item in change.write]


def _written(store: Store, manifest: Manifest, at: int, write: Write) -> dict[str, Any]:
    if not write:
        return {}
    pieces, mask_id = text_stored.load_vocabulary(store, manifest.shared_keys[0])
    tokens = text_stored.text_step(store.get(manifest.step_keys[at])).tokens
    masked = {i for i, token in enumerate(tokens.tolist()) if token == mask_id}
    words: dict[int, str] = {}
    for position, word in write:
        if not 0 <= position < len(tokens):
            raise InvalidInput(f"write must be at 0 to {len(tokens) - 1}, got {position}")
        words[position] = piece_of(word, pieces, mask_id)
    standing = {p: MASK if tokens[p] == mask_id else pieces[tokens[p]] for p in words}
    same = {p for p, word in words.items() if standing[p] == word}
    words = {p: word for p, word in words.items() if p not in same}
    if not words:
        return {}
    for position, word in words.items():
        (masked.add if word == MASK else masked.discard)(position)
    return {"write": tuple(sorted(words.items())), "masks_left": len(masked)}
