"""The pieces of a model as its runs need them, kept in the store beside them. No torch.

A vocabulary belongs to a fingerprint, so the model itself is the one that knows it: whenever the
model is here, what the store has is compared with it, and replaced when it is another (it came
with a stranger's capsule), when it cannot be read, or when it is gone.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import cached_property
from typing import overload

import numpy as np

from cache import keys
from cache.errors import MissingFromStore, PayloadDamaged, PayloadError
from cache.payload import Payload
from cache.store import Store
from engine.text.spellings import Spelling, read_spelling

log = logging.getLogger(__name__)
LIST = "json"  # meta["form"] of pieces that are kept as a JSON list; without it: joined lines


class Pieces(tuple[str, ...]):
    """The pieces of a vocabulary by token id; an id without one says so in place of a piece.

    Models may have more rows than pieces, and runs of older versions may have written such a row.
    """

    @cached_property
    def spelling(self) -> Spelling:
        """How they carry spaces."""
        return read_spelling(self)

    @overload  # type: ignore[override]
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        """The piece of a token id, as ``[no piece 30525]`` where there is none."""
        if isinstance(index, slice):
            return tuple(self)[index]
        piece = super().__getitem__(index) if index < len(self) else ""
        return piece or f"[no piece {index}]"


def vocabulary_key(fingerprint: str) -> str:
    """Where a model's vocabulary is stored."""
    return "vocab:" + keys.key("vocab", {"model": fingerprint})


def keep_vocabulary(store: Store, fingerprint: str, pieces: Sequence[str], mask_id: int) -> str:
    """See to it that a model's own pieces are stored, so that its runs can be read without it.

    The key. What is stored already stays when it is the same, in whatever form.
    """
    key = vocabulary_key(fingerprint)
    if stored_as(store, fingerprint, pieces, mask_id):
        return key
    text = json.dumps(list(pieces), ensure_ascii=False).encode()
    payload = Payload(
        arrays={"pieces": np.frombuffer(text, np.uint8)}, meta={"mask_id": mask_id, "form": LIST}
    )
    if store.put(key, payload):
        return key
    log.warning("%s was damaged or not the model's own: replaced by the model's", key)
    store.replace(key, payload)
    return key


def stored_as(store: Store, fingerprint: str, pieces: Sequence[str], mask_id: int) -> bool:
    """Whether the store has these very pieces for a model; False when it has none it can read."""
    try:
        stored, mask = load_vocabulary(store, vocabulary_key(fingerprint))
    except (MissingFromStore, PayloadError):
        return False
    return mask == mask_id and _trimmed(stored) == _trimmed(pieces)


def load_vocabulary(store: Store, key: str) -> tuple[Pieces, int]:
    """The pieces of a stored vocabulary by token id, and the id of [MASK].

    Raises MissingFromStore, PayloadDamaged.
    """
    payload = store.get(key)
    try:
        return vocabulary_of(payload)
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise PayloadDamaged(key, f"it is no vocabulary ({error})") from error


def vocabulary_of(payload: Payload) -> tuple[Pieces, int]:
    """A vocabulary as it was stored, by this version or an older one.

    Raises LookupError, TypeError or ValueError for what is no vocabulary.
    """
    data = payload.arrays["pieces"]
    if data.dtype != np.uint8 or data.ndim != 1:
        raise ValueError(f"pieces are {data.dtype} {data.shape}")
    text = data.tobytes().decode()
    pieces = json.loads(text) if payload.meta.get("form") == LIST else text.split("\n")
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise ValueError("pieces are no list of words")
    mask_id = payload.meta["mask_id"]
    if type(mask_id) is not int or not 0 <= mask_id < len(pieces):
        raise ValueError(f"mask_id is {mask_id} of {len(pieces)} pieces")
    return Pieces(pieces), mask_id


def _trimmed(pieces: Sequence[str]) -> list[str]:
    """Pieces without the empty rows at their end, which older versions left out."""
    trimmed = list(pieces)
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    return trimmed
