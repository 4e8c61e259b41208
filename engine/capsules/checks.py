"""What a payload from elsewhere must hold before a store takes it in. No torch.

A key is a hash of what a step was made from, not of the step, so nobody can tell without the
model that a step is true. What can be told is whether it has the shape of one: a page that opens
it will show it. ``runs replay`` computes a step anew and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from cache.keys import HEX
from cache.payload import Payload
from engine.chain.chains import MADE_FOR
from engine.chain.payload_checks import must
from engine.embed.payload_checks import check_embedding
from engine.image.payload_checks import check_picture, check_png, check_preview
from engine.requests.kinds import KINDS
from engine.reviews.entries import check_entry
from engine.reviews.meetings import KIND as MEETING
from engine.reviews.meetings import check_meeting
from engine.reviews.records import DOCUMENTS
from engine.text.payload_checks import check_vocabulary


def _check_review(kind: str, payload: Payload, digest: str) -> None:
    check_entry(kind, digest, payload)


def _check_meeting(payload: Payload, digest: str) -> None:
    check_meeting(digest, payload)


# entries that several runs may share, by the beginning of their keys
CHECKS: Mapping[str, Callable[[Payload, str], object]] = {
    "vocab": check_vocabulary,
    "picture": check_picture,
    "decode": check_png,
    "preview": check_preview,
    "embedding": check_embedding,
    **{kind: partial(_check_review, kind) for kind in DOCUMENTS},
    MEETING: _check_meeting,  # never travels: cache.capsule names what does
}


def check_step(payload: Payload, kind: str, spec: Mapping[str, Any], index: int) -> tuple[int, ...]:
    """The shape that all steps of a run share, of its step ``index``. Raises one of Malformed."""
    maker = payload.meta.get(MADE_FOR)
    names_a_run = isinstance(maker, str) and HEX.fullmatch(maker) is not None
    must(maker is None or names_a_run, "says it was made for what is no run")
    return KINDS[kind].check_step(payload, spec, index)


def check_shared(kind: str, digest: str, payload: Payload) -> None:
    """A vocabulary, picture, ... or a board's entry under ``kind:digest``. Raises as above."""
    CHECKS[kind](payload, digest)
