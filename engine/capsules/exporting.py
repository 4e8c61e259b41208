"""Runs to a capsule that opens elsewhere without any model. No torch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np

from cache import capsule as capsules
from cache.errors import InvalidInput
from cache.store import Store
from engine.capsules.contents import MOST_CLIPS, MOST_RUNS, embedding_keys, needed, run_of
from engine.chain import manifests
from engine.chain.malformed import Malformed
from engine.chain.records import Manifest
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.init_images import fitted_picture
from engine.requests.kinds import KINDS
from engine.reviews.boards import load_board
from engine.reviews.entries import keys_of_board


def export_board(store: Store, board: str, target: BinaryIO) -> int:
    """Write a board by its full id, all that was said on it and its runs as far as they are here.

    Raises InvalidInput where none of its runs is here, and as ``export_runs``.
    """
    there = [run for run in load_board(store, board).runs if store.has(manifests.run_key(run))]
    if not there:
        raise InvalidInput(f"board {board[:12]} has no run in this store: there is nothing to open")
    return export_runs(store, there, target, boards=[board])


def export_runs(
    store: Store, runs: Iterable[str], target: BinaryIO, *, boards: Sequence[str] = ()
) -> int:
    """Write runs by their full ids, in order of id, to a seekable file; its size in bytes.

    A run that is not whole travels with the steps it has; ``boards`` go along whole. The same runs
    give the same bytes. Raises InvalidInput for no run or one without a stored step,
    MissingFromStore, PayloadDamaged.
    """
    chosen = [manifests.load(store, run) for run in sorted(set(runs))]
    if not 1 <= len(chosen) <= MOST_RUNS:
        raise InvalidInput(f"runs must be 1 to {MOST_RUNS}, got {len(chosen)}")
    metas = [_exported(store, manifest) for manifest in chosen]
    clips = _clips(store)
    wanted = {key for manifest in chosen for key in needed(manifest)}
    pictures = {digest for manifest in chosen for digest in _pictures(store, manifest)}
    wanted |= {image_keys.picture_key(digest) for digest in pictures}
    wanted |= embedding_keys(chosen, clips, pictures)
    wanted |= {key for board in boards for key in keys_of_board(store, board)}
    listed = sorted(wanted)
    there = [key for key, is_there in zip(listed, store.present(listed), strict=True) if is_there]
    return capsules.write(store, target, runs=metas, keys=there, facts={"clips": clips})


def _exported(store: Store, manifest: Manifest) -> dict[str, Any]:
    """A run's manifest as it travels. Raises InvalidInput for one that nobody could import."""
    short = manifest.short
    if not store.has(manifest.step_keys[0]):
        raise InvalidInput(f"run {short} has no stored step yet: there is nothing to export")
    meta = manifests.manifest_meta(manifest)
    with _not_exported(manifest):
        run_of(json.loads(json.dumps(meta)))
    return meta


def _pictures(store: Store, manifest: Manifest) -> list[str]:
    """The digests of pictures that pages measure a run by: its result, what it started from."""
    if manifest.kind == "embed":
        return list(manifest.spec["pictures"])
    if not KINDS[manifest.kind].pictured:
        return []
    digests = []
    with _not_exported(manifest):
        result = image_stored.find_result(store, manifest)
        if result is not None:
            pixels = image_stored.picture_pixels(result.png)
            digests.append(image_stored.picture_digest(pixels))
        spec = image_stored.image_spec(manifest)
        if spec.init_image is not None and store.has(image_keys.picture_key(spec.init_image)):
            fitted = np.asarray(fitted_picture(store, spec))
            digests += [spec.init_image, image_stored.picture_digest(fitted)]
    return digests


def _clips(store: Store) -> list[str]:
    """The fingerprints of the CLIPs that embedded something in a store."""
    fingerprints = {m.fingerprint for m in manifests.listed(store, kind="embed")}
    return sorted(fingerprints)[:MOST_CLIPS]


@contextmanager
def _not_exported(manifest: Manifest) -> Iterator[None]:
    try:
        yield
    except Malformed as error:
        short = manifest.short
        raise InvalidInput(f"run {short} cannot be exported: {error}") from error
