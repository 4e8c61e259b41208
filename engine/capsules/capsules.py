"""Runs to capsules and back: what a run needs, what is believed of a stranger's. No torch.

What a model would compute again (encoded prompts, forwards of BERT, encoded pictures) does not
travel: no page reads it, and nothing from elsewhere shall slip under a computation made here.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeGuard

import numpy as np

from cache import capsule as capsules
from cache import keys
from cache.capsule import Capsule
from cache.errors import CapsuleRefused, InvalidInput
from cache.payload import Payload, to_bytes
from cache.store import Store
from engine.capsules.checks import check_shared, check_step
from engine.capsules.models import check_vocabularies
from engine.chain import imported, manifests
from engine.chain.malformed import Malformed
from engine.chain.manifest_checks import CLOCK_S
from engine.chain.records import Manifest
from engine.embed import keys as embed_keys
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.init_images import fitted_picture
from engine.image.spec import Shown
from engine.requests.kinds import KINDS, run_kinds
from engine.requests.plans import AnySpec, chain_with, parent_of, parse_spec, shared_with
from engine.text.payload_checks import tokens_below, vocabulary_size

MOST_RUNS = 10_000
MOST_NOTE = 100_000  # characters
MOST_TAGS = 1000
MOST_CLIPS = 64
STEP_KEY = re.compile(r"step:[0-9a-f]{64}")
SHOWN: tuple[Shown, ...] = ("latents", "predicted_x0")


@dataclass(frozen=True, slots=True)
class Imported:
    """What a capsule brought: its runs by whether the store listed them, and its payloads."""

    new_runs: tuple[str, ...]
    present_runs: tuple[str, ...]
    new_entries: int
    present_entries: int
    left_out: int = 0  # pictures of steps that were computed here and not decoded


def export_runs(store: Store, runs: Iterable[str], target: BinaryIO) -> int:
    """Write runs by their full ids, in order of id, to a seekable file; its size in bytes.

    A run that is not whole travels with the steps it has. The same runs give the same bytes.
    Raises InvalidInput for no run or one without a stored step, MissingFromStore, PayloadDamaged.
    """
    chosen = [manifests.load(store, run) for run in sorted(set(runs))]
    if not 1 <= len(chosen) <= MOST_RUNS:
        raise InvalidInput(f"runs must be 1 to {MOST_RUNS}, got {len(chosen)}")
    metas = [_exported(store, manifest) for manifest in chosen]
    clips = _clips(store)
    wanted = {key for manifest in chosen for key in _needed(manifest)}
    pictures = {digest for manifest in chosen for digest in _pictures(store, manifest)}
    wanted |= {image_keys.picture_key(digest) for digest in pictures}
    wanted |= _embedding_keys(chosen, clips, pictures)
    listed = sorted(wanted)
    there = [key for key, is_there in zip(listed, store.present(listed), strict=True) if is_there]
    return capsules.write(store, target, runs=metas, keys=there, facts={"clips": clips})


def import_runs(store: Store, source: BinaryIO) -> Imported:
    """Take a capsule's runs into a store; everything is checked before anything is written.

    What the store has already stays as it is, tags and notes included. Payloads come before the
    runs that name them, so a disk that fills up half-way leaves no run half-listed. Raises
    CapsuleRefused (nothing was written), StoreFull, StoreUnavailable.
    """
    capsule = capsules.read(source)
    chosen = checked(capsule)
    check_vocabularies(store, capsule, chosen)
    runs = [manifest.run for manifest in chosen]
    listed = store.present([manifests.run_key(run) for run in runs])
    strange = _pictures_of_own_steps(store, capsule, chosen)
    _mark(store, capsule, chosen, strange)
    kept = capsules.keep(store, capsule, without=strange)
    for manifest in sorted(chosen, key=lambda m: m.created_at):
        manifests.put(store, manifest)
    return Imported(
        new_runs=tuple(run for run, there in zip(runs, listed, strict=True) if not there),
        present_runs=tuple(run for run, there in zip(runs, listed, strict=True) if there),
        new_entries=kept.new,
        present_entries=kept.present,
        left_out=len(strange),
    )


def _pictures_of_own_steps(
    store: Store, capsule: Capsule, chosen: Sequence[Manifest]
) -> frozenset[str]:
    """The pictures in a capsule of steps that were computed here and are not decoded yet.

    Nobody can tell whether they are what the autoencoder makes of them; here it can be asked.
    """
    found: list[str] = []
    for manifest in chosen:
        if KINDS[manifest.kind].pictured:
            here = store.present(manifest.step_keys)
            foreign = imported.imported_steps(store, manifest.run)
            own = [k for k, has in zip(manifest.step_keys, here, strict=True) if has]
            steps = [key for key in own if key not in foreign]
            found += [image_keys.decode_key(key, shows) for key in steps for shows in SHOWN]
    asked = [key for key in dict.fromkeys(found) if key in capsule.entries]
    return frozenset(k for k, has in zip(asked, store.present(asked), strict=True) if not has)


def _mark(
    store: Store, capsule: Capsule, chosen: Sequence[Manifest], without: frozenset[str]
) -> None:
    """Say what comes from elsewhere, before it is there: a kill in between can only say too much.

    What is said of an entry that is then computed here costs computing it once more, at most.
    """
    asked = [key for key in capsule.entries if key not in without]
    new = {k for k, has in zip(asked, store.present(asked), strict=True) if not has}
    imported.mark_imported(store, sorted(new))
    for manifest in chosen:
        if KINDS[manifest.kind].pictured:
            imported.mark_steps(store, manifest.run, new & set(manifest.step_keys))


def checked(capsule: Capsule) -> list[Manifest]:
    """The runs of a capsule, once all of it was looked at. Raises CapsuleRefused."""
    if len(capsule.runs) > MOST_RUNS:
        raise CapsuleRefused("manifest.json", f"must have at most {MOST_RUNS} runs")
    chosen = []
    for place, meta in enumerate(capsule.runs, start=1):
        with _refused_as(f"run {place} of the manifest"):
            chosen.append(_run_of(meta))
    if len({manifest.run for manifest in chosen}) < len(chosen):
        raise CapsuleRefused("manifest.json", "lists a run twice")
    pictures = {key.removeprefix("picture:") for key in capsule.entries if key[:8] == "picture:"}
    known = {key for manifest in chosen for key in _needed(manifest)}
    known |= {image_keys.picture_key(digest) for digest in pictures}
    known |= _embedding_keys(chosen, _checked_clips(capsule.facts), pictures)
    if strangers := set(capsule.entries) - known:
        raise CapsuleRefused(min(strangers), "belongs to none of its runs")
    for key in capsule.entries:
        kind, _, digest = key.partition(":")
        if kind != "step":
            with _refused_as(key):
                check_shared(kind, digest, capsule.payload(key))
    for manifest in chosen:
        channels = _check_steps(capsule, manifest)
        if KINDS[manifest.kind].pictured:
            _check_preview(capsule, manifest.fingerprint, channels)
    return chosen


def _check_preview(capsule: Capsule, fingerprint: str, channels: int) -> None:
    key = image_keys.preview_key(fingerprint)
    if key not in capsule.entries:
        return
    with _refused_as(key):
        mapped = len(image_stored.linear_preview(key, capsule.payload(key)).matrix)
        if mapped != channels:
            raise ValueError(f"maps {mapped} channels, and the run's latents have {channels}")


def _check_steps(capsule: Capsule, manifest: Manifest) -> int:
    """Every step of a run that is there has the shape of one, and all of them the same.

    Returns the length of their first axis: the channels of latents, the positions of a text.
    """
    pieces = None
    if KINDS[manifest.kind].worded:
        vocabulary = manifest.shared_keys[0]
        if vocabulary not in capsule.entries:
            raise CapsuleRefused(vocabulary, f"is missing, and run {manifest.run} needs it")
        pieces = vocabulary_size(capsule.payload(vocabulary))
    if manifest.step_keys[0] not in capsule.entries:
        raise CapsuleRefused(manifest.step_keys[0], f"is missing: the start of run {manifest.run}")
    shapes = set()
    for index, key in enumerate(manifest.step_keys):
        if key not in capsule.entries:
            _refuse_pictures_of(capsule, manifest, key)
            continue
        payload = capsule.payload(key)
        with _refused_as(key):
            shapes.add(check_step(payload, manifest.kind, manifest.spec, index))
            if pieces is not None and not tokens_below(payload, pieces):
                raise ValueError(f"has tokens that are none of the vocabulary's {pieces}")
            if len(shapes) > 1:
                raise ValueError("has another shape than the steps before it")
    (shape,) = shapes
    return shape[0]


def _refuse_pictures_of(capsule: Capsule, manifest: Manifest, step: str) -> None:
    """A picture of a step that is not there would wait for the step to be computed here."""
    for shows in SHOWN if KINDS[manifest.kind].pictured else ():
        key = image_keys.decode_key(step, shows)
        if key in capsule.entries:
            raise CapsuleRefused(key, "is the picture of a step that is not in the capsule")


def _exported(store: Store, manifest: Manifest) -> dict[str, Any]:
    """A run's manifest as it travels. Raises InvalidInput for one that nobody could import."""
    short = manifest.short
    if not store.has(manifest.step_keys[0]):
        raise InvalidInput(f"run {short} has no stored step yet: there is nothing to export")
    meta = manifests.manifest_meta(manifest)
    with _not_exported(manifest):
        _run_of(json.loads(json.dumps(meta)))
    return meta


def _run_of(meta: Mapping[str, Any]) -> Manifest:
    """A run's manifest, judged field by field; its keys must be those of its spec."""
    if set(meta) != manifests.FIELDS:
        raise ValueError(f"must have the fields {', '.join(sorted(manifests.FIELDS))}")
    _check_fields(meta)
    manifest = manifests.manifest_of(meta)
    to_bytes(Payload(meta=manifests.manifest_meta(manifest)))
    facts = {"kind": manifest.kind, "last": manifest.step_keys[-1].removeprefix("step:")}
    if keys.key("run", facts | {"spec": manifest.spec}) != manifest.run:
        raise ValueError("has an id that is not the hash of its spec and chain")
    _check_against_spec(manifest, parse_spec(manifest.spec))
    return manifest


def _check_against_spec(manifest: Manifest, spec: AnySpec) -> None:
    KINDS[manifest.kind].check_stored(spec)
    # a spec written before a field was added parses, but would be hashed with that field now
    if keys.canonical_json(spec.facts()) == keys.canonical_json(manifest.spec):
        if chain_with(spec, manifest.fingerprint).step_keys != manifest.step_keys:
            raise ValueError("has steps that are not those of its spec")
        if manifest.parent not in (None, parent_of(spec, manifest.fingerprint)):
            raise ValueError("names a parent that it was not forked from")
    chain = dataclasses.replace(
        chain_with(spec, manifest.fingerprint), step_keys=manifest.step_keys
    )
    shared = shared_with(spec, manifest.fingerprint, chain)
    if not set(manifest.shared_keys) <= set(shared):
        raise ValueError(f"names {min(set(manifest.shared_keys) - set(shared))}, not of its spec")
    if KINDS[manifest.kind].worded and manifest.shared_keys != shared:
        raise ValueError("must name its model's vocabulary")


def _check_fields(meta: Mapping[str, Any]) -> None:
    """The types and bounds of a manifest's fields. Raises ValueError naming the field."""
    spec = meta["spec"]
    created, parent = meta["created_at"], meta["parent"]
    steps, tags = meta["step_keys"], meta["tags"]
    for name, holds in (
        ("run", _is_hex(meta["run"])),
        ("kind", meta["kind"] in run_kinds()),
        ("spec", isinstance(spec, dict) and spec.get("kind") == meta["kind"]),
        ("model", isinstance(spec, dict) and meta["model"] == spec.get("model")),
        ("fingerprint", _is_hex(meta["fingerprint"])),
        ("step_keys", _are_texts(steps, 1000) and all(map(STEP_KEY.fullmatch, steps))),
        ("step_keys", bool(steps) and len(set(steps)) == len(steps)),
        ("shared_keys", _are_texts(meta["shared_keys"], 20_000)),
        ("created_at", type(created) in (int, float) and CLOCK_S[0] < created < CLOCK_S[1]),
        ("parent", parent is None or _is_hex(parent)),
        ("tags", _are_texts(tags, MOST_TAGS) and all(len(tag) <= 1000 for tag in tags)),
        ("note", isinstance(meta["note"], str) and len(meta["note"]) <= MOST_NOTE),
    ):
        if not holds:
            raise ValueError(f"has a {name} that cannot be: {str(meta[name])[:80]!r}")


def _needed(manifest: Manifest) -> Iterator[str]:
    """The keys of a run that travel."""
    yield from manifest.step_keys
    shared = manifest.shared_keys
    yield from (key for key in shared if key.partition(":")[0] in capsules.KINDS)


def _pictures(store: Store, manifest: Manifest) -> list[str]:
    """The digests of pictures that pages measure a run by: its result, what it started from."""
    if manifest.kind == "embed":
        return list(manifest.spec["pictures"])
    if not KINDS[manifest.kind].pictured:
        return []
    found = []
    with _not_exported(manifest):
        result = image_stored.find_result(store, manifest)
        if result is not None:
            pixels = image_stored.picture_pixels(result.png)
            found.append(image_stored.picture_digest(pixels))
        spec = image_stored.image_spec(manifest)
        if spec.init_image is not None and store.has(image_keys.picture_key(spec.init_image)):
            fitted = np.asarray(fitted_picture(store, spec))
            found += [spec.init_image, image_stored.picture_digest(fitted)]
    return found


def _embedding_keys(
    chosen: Sequence[Manifest], clips: Iterable[str], pictures: Iterable[str]
) -> set[str]:
    """Where CLIPs remember what they made of the runs' prompts and pictures."""
    texts = {str(m.spec["prompt"]) for m in chosen if KINDS[m.kind].pictured}
    facts = [{"text": text} for text in texts] + [{"picture": each} for each in pictures]
    return {embed_keys.embedding_key(clip, each) for clip in clips for each in facts}


def _clips(store: Store) -> list[str]:
    """The fingerprints of the CLIPs that embedded something in a store."""
    found = {m.fingerprint for m in manifests.listed(store, kind="embed")}
    return sorted(found)[:MOST_CLIPS]


def _checked_clips(facts: Mapping[str, Any]) -> list[str]:
    clips = facts.get("clips")
    if set(facts) != {"clips"} or not _are_texts(clips, MOST_CLIPS) or not all(map(_is_hex, clips)):
        raise CapsuleRefused("manifest.json", f"must name 0 to {MOST_CLIPS} clips as its facts")
    return list(clips)


@contextmanager
def _refused_as(entry: str) -> Iterator[None]:
    """What reading something malformed raises, as a refusal of the capsule."""
    try:
        yield
    except Malformed as error:
        told = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise CapsuleRefused(entry.replace(":", "/"), told[:500]) from error


@contextmanager
def _not_exported(manifest: Manifest) -> Iterator[None]:
    try:
        yield
    except Malformed as error:
        short = manifest.short
        raise InvalidInput(f"run {short} cannot be exported: {error}") from error


def _is_hex(value: object) -> bool:
    return isinstance(value, str) and keys.HEX.fullmatch(value) is not None


def _are_texts(value: object, most: int) -> TypeGuard[list[str]]:
    return (
        isinstance(value, list)
        and len(value) <= most
        and all(isinstance(item, str) for item in value)
    )
