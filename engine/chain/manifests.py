"""The manifests of runs as the store keeps them: listed, found, put, annotated. No torch."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from cache.errors import InvalidInput, MadeLater, MissingFromStore, PayloadError
from cache.payload import Payload
from cache.store import Store
from engine.chain.chains import steps_stored
from engine.chain.malformed import read_as
from engine.chain.manifest_checks import checked_manifest
from engine.chain.records import Manifest


class Indexed(Protocol):
    """A step of any kind: it knows its place in its chain."""

    @property
    def index(self) -> int: ...


Step = TypeVar("Step", bound=Indexed)
HERE_ONLY = "later"  # the field of a manifest that is not stored
FIELDS = {field.name for field in dataclasses.fields(Manifest)} - {HERE_ONLY}


def run_key(run: str) -> str:
    """The store's key of a run's manifest."""
    return f"run:{run}"


def put(store: Store, manifest: Manifest) -> None:
    """Write a run's manifest; one that can be read (its tags and note) is left as it is.

    One that is damaged is written anew: all of it but its tags and its note follows from the
    spec. One that a later version wrote is never overwritten.
    """
    payload = Payload(arrays={}, meta=manifest_meta(manifest))
    if store.put(run_key(manifest.run), payload) or store.rows.read_only:
        return
    if not is_kept(store, manifest.run):
        store.replace(run_key(manifest.run), payload)


def is_kept(store: Store, run: str) -> bool:
    """Whether a run's manifest is there and is to be left as it is (see ``put``)."""
    try:
        load(store, run)
    except MadeLater:
        return True
    except (MissingFromStore, PayloadError):
        return False
    return True


def annotate(store: Store, run: str, *, tags: Sequence[str], note: str) -> Manifest:
    """Replace a run's tags and note. Raises InvalidInput for a run of a later version."""
    before = load(store, run)
    if before.later:
        raise InvalidInput(
            f"run {before.short} was made by a later version of Stepscope (its manifest has the "
            f"field {before.later[0]!r:.40}): it can be shown here and not be changed"
        )
    manifest = dataclasses.replace(before, tags=tuple(tags), note=note)
    store.replace(run_key(run), Payload(arrays={}, meta=manifest_meta(manifest)))
    return manifest


def load(store: Store, run: str) -> Manifest:
    """The manifest of a run by its full id.

    Raises MissingFromStore, PayloadDamaged, and MadeLater for one that only a later version reads.
    """
    key = run_key(run)
    return checked_manifest(key, store.get(key).meta)


def listed(
    store: Store,
    *,
    kind: str | None = None,
    on_unreadable: Callable[[str, PayloadError], None] = lambda _run, _error: None,
) -> Iterator[Manifest]:
    """Every run of the store, or of one kind, newest first.

    Runs whose manifest cannot be read are left out, so that one bad entry stops only what needs
    it; ``on_unreadable(run, why)`` hears of each, of whatever kind it was.
    """
    for key in store.scan("run:"):
        try:
            payload = store.find(key)
            if payload is None or (kind is not None and payload.meta.get("kind") != kind):
                continue
            manifest = checked_manifest(key, payload.meta)
        except PayloadError as error:
            on_unreadable(key.removeprefix("run:"), error)
            continue
        yield manifest


def resolve(store: Store, run: str) -> str:
    """The full id of a run given by its first characters.

    Raises InvalidInput when it is too short, or names several or none.
    """
    if len(run) < 4 or set(run) - set("0123456789abcdef"):
        raise InvalidInput(f"run must be at least 4 hexadecimal characters, got {run!r}")
    runs = [key.removeprefix("run:") for key in store.scan(f"run:{run}")]
    if not runs:
        raise InvalidInput(f"no run of this store begins with {run!r}")
    if len(runs) > 1:
        raise InvalidInput(f"run {run!r} names {len(runs)} runs; give more characters")
    return runs[0]


def stored_steps(store: Store, manifest: Manifest) -> int:
    """How many steps of a run's chain are in the store, counted from its beginning."""
    return steps_stored(store, manifest.step_keys)


def new_manifest(
    *,
    run: str,
    spec: Mapping[str, Any],
    fingerprint: str,
    step_keys: Sequence[str],
    shared_keys: Sequence[str],
    parent: str | None = None,
) -> Manifest:
    """A manifest made now for a spec and its chain."""
    return Manifest(
        run=run,
        kind=str(spec["kind"]),
        spec=dict(spec),
        model=str(spec["model"]),
        fingerprint=fingerprint,
        step_keys=tuple(step_keys),
        shared_keys=tuple(shared_keys),
        created_at=time.time(),
        parent=parent,
    )


def stored_steps_of(
    store: Store, manifest: Manifest, read: Callable[[Payload], Step]
) -> Iterator[Step]:
    """The steps of a run's chain from its start up to the first that is missing.

    Raises PayloadDamaged, naming the step, for one that cannot be read or is another step's.
    """
    for index, key in enumerate(manifest.step_keys):
        payload = store.find(key)
        if payload is None:
            return
        with read_as(key):
            step = read(payload)
            if step.index != index:
                raise ValueError(f"it is step {step.index}, not {index}")
        yield step


def manifest_meta(manifest: Manifest) -> dict[str, Any]:
    """A manifest as it is stored and as it travels."""
    names = [field.name for field in dataclasses.fields(manifest) if field.name != HERE_ONLY]
    return {name: getattr(manifest, name) for name in names}


def manifest_of(meta: Mapping[str, Any]) -> Manifest:
    """A manifest as it was stored. Raises TypeError for other fields than its own."""
    sequences = ("step_keys", "shared_keys", "tags")
    fields: dict[str, Any] = {k: tuple(v) if k in sequences else v for k, v in meta.items()}
    return Manifest(**fields)
