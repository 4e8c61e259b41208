"""Runs as they stand on a board: the picture or the words they came to, without their names."""

from __future__ import annotations

from dataclasses import dataclass

from cache.errors import StepscopeError
from cache.store import Store
from dashboard.data.finished import thumbnail
from dashboard.data.library import first_words
from dashboard.data.thumbnails import run_thumbnail
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.image import stored as image_stored

SIDE = 512  # pixels of a picture that is judged


@dataclass(frozen=True, slots=True)
class Still:
    """What a run came to: a picture as a data URI, or words."""

    run: str
    picture: str = ""
    words: str = ""
    final: bool = True  # False: a linear preview, or words that are not all there


def still_of(store: Store, manifest: Manifest, *, side: int = SIDE) -> Still:
    """What a run came to. Where nothing can be shown its words say why."""
    if manifest.kind != "image":
        whole = manifests.stored_steps(store, manifest) == manifest.step_count
        return Still(manifest.run, words=first_words(store, manifest), final=whole)
    try:
        result = image_stored.find_result(store, manifest)
        if result is not None:
            return Still(manifest.run, picture=thumbnail(result.png, side=side))
    except StepscopeError as error:
        return Still(manifest.run, words=str(error), final=False)
    steps = max(0, manifests.stored_steps(store, manifest))
    preview, _ = run_thumbnail(store, manifest, steps, side=side)
    return Still(manifest.run, preview, "" if preview else "no picture was decoded yet", False)
