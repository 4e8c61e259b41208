"""The runs of a capsule into a store, and what is believed of a stranger's. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from cache import capsule as capsules
from cache.capsule import Capsule
from cache.errors import CapsuleRefused
from cache.store import Store
from engine.capsules.checks import check_shared, check_step
from engine.capsules.contents import (
    MOST_CLIPS,
    MOST_RUNS,
    are_texts,
    embedding_keys,
    is_hex,
    needed,
    run_of,
)
from engine.capsules.models import check_vocabularies
from engine.chain import imported, manifests
from engine.chain.malformed import Malformed
from engine.chain.records import Manifest
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.spec import Shown
from engine.requests.kinds import KINDS
from engine.reviews.entries import check_entry
from engine.text.payload_checks import tokens_below, vocabulary_size

SHOWN: tuple[Shown, ...] = ("latents", "predicted_x0")


@dataclass(frozen=True, slots=True)
class Imported:
    """What a capsule brought: its runs by whether the store listed them, and its payloads."""

    new_runs: tuple[str, ...]
    present_runs: tuple[str, ...]
    new_entries: int
    present_entries: int
    left_out: int = 0  # pictures of steps that were computed here and not decoded
    boards: tuple[str, ...] = ()  # that came along


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
        boards=tuple(key.removeprefix("board:") for key in capsule.entries if key[:6] == "board:"),
    )


def _pictures_of_own_steps(
    store: Store, capsule: Capsule, chosen: Sequence[Manifest]
) -> frozenset[str]:
    """The pictures in a capsule of steps that were computed here and are not decoded yet.

    Nobody can tell whether they are what the autoencoder makes of them; here it can be asked.
    """
    pictures: list[str] = []
    for manifest in chosen:
        if KINDS[manifest.kind].pictured:
            here = store.present(manifest.step_keys)
            foreign = imported.imported_steps(store, manifest.run)
            own = [k for k, has in zip(manifest.step_keys, here, strict=True) if has]
            steps = [key for key in own if key not in foreign]
            pictures += [image_keys.decode_key(key, shows) for key in steps for shows in SHOWN]
    asked = [key for key in dict.fromkeys(pictures) if key in capsule.entries]
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
            chosen.append(run_of(meta))
    if len({manifest.run for manifest in chosen}) < len(chosen):
        raise CapsuleRefused("manifest.json", "lists a run twice")
    pictures = {key.removeprefix("picture:") for key in capsule.entries if key[:8] == "picture:"}
    known = {key for manifest in chosen for key in needed(manifest)}
    known |= {image_keys.picture_key(digest) for digest in pictures}
    known |= embedding_keys(chosen, _checked_clips(capsule.facts), pictures)
    known |= set(_of_boards(capsule))
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


def _of_boards(capsule: Capsule) -> Iterator[str]:
    """The entries of boards that are in the capsule themselves."""
    boards = {key.partition(":")[2] for key in capsule.entries if key.startswith("board:")}
    for key in capsule.entries:
        kind, _, digest = key.partition(":")
        if kind in capsules.BOARDS:
            with _refused_as(key):
                if check_entry(kind, digest, capsule.payload(key)).board in boards:
                    yield key


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


def _checked_clips(facts: Mapping[str, Any]) -> list[str]:
    clips = facts.get("clips")
    if set(facts) != {"clips"} or not are_texts(clips, MOST_CLIPS) or not all(map(is_hex, clips)):
        raise CapsuleRefused("manifest.json", f"must name 0 to {MOST_CLIPS} clips as its facts")
    return list(clips)


@contextmanager
def _refused_as(entry: str) -> Iterator[None]:
    """What reading something malformed raises, as a refusal of the capsule."""
    try:
        yield
    except Malformed as error:
        refusal = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise CapsuleRefused(entry.replace(":", "/"), refusal[:500]) from error
