"""Whether a stored manifest is one: its fields, their types, a spec that this version reads.

Pages take what a manifest says as it is, so all of it is looked at in one place, when it is read.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from cache.errors import InvalidInput, MadeLater, PayloadDamaged
from cache.store import KEY
from engine.chain.malformed import read_as
from engine.chain.records import CLOCK_S, Manifest

KINDS = "engine.requests.kinds"  # by name: the ground floor knows no room above it
NEEDED = ("run", "kind", "spec", "model", "fingerprint", "step_keys", "shared_keys", "created_at")
MAY_LACK: Mapping[str, Any] = {"parent": None, "tags": [], "note": ""}
LISTS = ("step_keys", "shared_keys", "tags")


def checked_manifest(key: str, meta: Mapping[str, Any]) -> Manifest:
    """The manifest under ``run:<id>``; the names of fields that it has beyond ours in ``later``.

    Raises PayloadDamaged for what is none, MadeLater for a kind of run or a setting that this
    version does not know.
    """
    for name in NEEDED:
        if name not in meta:
            raise PayloadDamaged(key, f"it is no manifest: it lacks {name}")
    fields = {name: meta[name] for name in NEEDED} | {
        name: meta.get(name, usual) for name, usual in MAY_LACK.items()
    }
    with read_as(key):
        if isinstance(fields["kind"], str) and _kind(fields["kind"]) is None:
            raise MadeLater(key, f"its kind is {fields['kind']!r:.40}")
        _check_types(key, fields)
    _check_spec(key, fields["kind"], fields["spec"])
    lists = {name: tuple(fields[name]) for name in LISTS}
    return Manifest(**{**fields, **lists}, later=tuple(sorted(set(meta) - set(fields))))


def _check_types(key: str, fields: Mapping[str, Any]) -> None:
    spec, created, parent = fields["spec"], fields["created_at"], fields["parent"]
    steps, shared = fields["step_keys"], fields["shared_keys"]
    kind = _kind(fields["kind"])
    has_words = kind is not None and kind.worded
    for name, holds in (
        ("run", f"run:{fields['run']}" == key),
        ("kind", isinstance(fields["kind"], str)),
        ("spec", isinstance(spec, dict) and spec.get("kind") == fields["kind"]),
        ("model", isinstance(fields["model"], str)),
        ("fingerprint", isinstance(fields["fingerprint"], str)),
        ("step_keys", _are_keys(steps) and bool(steps)),
        ("shared_keys", _are_keys(shared)),
        ("shared_keys", not has_words or (bool(shared) and shared[0].startswith("vocab:"))),
        ("created_at", type(created) in (int, float) and CLOCK_S[0] < created < CLOCK_S[1]),
        ("parent", parent is None or isinstance(parent, str)),
        ("tags", _are_texts(fields["tags"])),
        ("note", isinstance(fields["note"], str)),
    ):
        if not holds:
            raise PayloadDamaged(key, f"it has a {name} that cannot be: {fields[name]!r:.80}")


def _check_spec(key: str, kind: str, spec: Mapping[str, Any]) -> None:
    spec_type = _kind(kind).spec
    unknown = sorted(set(spec) - set(spec_type.model_fields))
    if unknown:
        raise MadeLater(key, f"its spec has the setting {unknown[0]!r:.40}")
    try:
        spec_type.parse(spec)
    except InvalidInput as error:
        raise PayloadDamaged(key, f"its spec cannot be read: {error}"[:300]) from error


def _kind(name: str) -> Any:
    """The row of a kind of runs that are listed; None for what is none of them."""
    row = importlib.import_module(KINDS).KINDS.get(name)
    return row if row is not None and row.is_run else None


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _are_keys(value: object) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(item, str) for item in value)
        and all(map(KEY.fullmatch, value))
    )
