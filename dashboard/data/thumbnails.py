"""Small pictures of image runs for lists: the result, or a preview of how far it has come."""

from __future__ import annotations

from cache.errors import StepscopeError
from cache.store import Store
from dashboard.data.finished import thumbnail
from engine.chain.malformed import Malformed
from engine.chain.records import Manifest
from engine.image import stored as image_stored
from engine.image.previews import preview_picture

SIDE = 72  # pixels of one in a table
CARD = 224  # pixels of one on a card


def run_thumbnail(
    store: Store, manifest: Manifest, steps: int, *, side: int = SIDE
) -> tuple[str, bool]:
    """A data URI of a run's result, and whether it is final; '' where nothing can be shown.

    A run that was not decoded, or is on its way, gives a linear preview of its last of ``steps``.
    """
    try:
        result = image_stored.find_result(store, manifest)
        if result is not None:
            return thumbnail(result.png, side=side), True
        preview = image_stored.find_preview(store, manifest.fingerprint)
        payload = store.find(manifest.step_keys[steps])
        if preview is None or payload is None:
            return "", False
        step = image_stored.image_step(payload)
        latents = step.unit_latents()
        return thumbnail(preview_picture(latents, preview, scale=1).png, side=side), False
    except (StepscopeError, *Malformed):  # the Library shows every other run
        return "", False
