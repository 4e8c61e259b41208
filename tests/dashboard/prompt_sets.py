"""CLIP embeddings made by hand, kept as an embed run leaves them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cache.payload import Payload
from cache.store import Store
from engine.chain import manifests
from engine.embed import keys as embed_keys
from engine.embed import stored as embed_stored
from engine.embed.records import TokenEmbeddings
from engine.embed.spec import EmbedSpec
from engine.image import stored as image_stored
from engine.models.registry import find_model
from engine.requests.plans import keep_manifest, plan

SCALE = 20.0
CAT, DOG, SEA = "a cat", "a dog", "a calm sea"


def vector_of(text: str) -> np.ndarray:
    """[4] of unit length: the sea at a right angle to the animals, which are all but one."""
    direction = {CAT: [1, 0, 0, 0], DOG: [1, 0.1, 0, 0]}.get(text, [0, 0, 1, 0])
    return np.array(direction, np.float32) / np.float32(np.linalg.norm(direction))


def tokens_of(text: str) -> TokenEmbeddings:
    """The words of a text between a start token, the same for all, and its end token."""
    names = ("<|startoftext|>", *(f"{word}</w>" for word in text.split()), "<|endoftext|>")
    states = np.tile(np.array([0, 0, 0, 1], np.float32), (len(names), 1))
    states[1:] = vector_of(text)
    return TokenEmbeddings(names, states)


def keep_set(
    store: Store,
    texts: Sequence[str] = (CAT, DOG, SEA),
    pictures: Sequence[str] = (),
    model: str = "builtin-clip",
) -> str:
    """Store a set whole, pictures pointing the sea's way; its run's id."""
    planned = plan(EmbedSpec(model=model, texts=tuple(texts), pictures=tuple(pictures)))
    vectors = np.stack([vector_of(text) for text in texts])
    payload = embed_stored.embed_payload(
        texts=vectors,
        first_tokens=vectors,
        pictures=np.tile(vector_of(SEA), (len(pictures), 1)),
        tokens=[tokens_of(text) for text in texts],
        logit_scale=SCALE,
        provenance={"layout": "by hand"},
    )
    store.put(planned.chain.step_keys[0], payload)
    keep_manifest(store, planned)
    return planned.chain.run


def remember_text(store: Store, text: str) -> None:
    """Keep one text's embedding alone."""
    embedded = tokens_of(text)
    arrays = {"pooled": vector_of(text), "states": embedded.states}
    _remember(store, {"text": text}, Payload(arrays=arrays, meta={"tokens": list(embedded.tokens)}))


def remember_picture(store: Store, digest: str) -> None:
    """Keep one picture's embedding alone, pointing the sea's way."""
    payload = Payload(arrays={"pooled": vector_of(SEA)}, meta={})
    _remember(store, {"picture": digest}, payload)


def kept_picture(store: Store, level: int = 90) -> str:
    """Keep a grey picture; its digest."""
    return image_stored.keep_pixels(store, np.full((8, 8, 3), level, np.uint8))


def _remember(store: Store, facts: dict[str, str], payload: Payload) -> None:
    fingerprint = find_model("builtin-clip").fingerprint
    store.put(embed_keys.embedding_key(fingerprint, facts), payload)


def finished_run(store: Store) -> str:
    """The first stored image run's id."""
    return next(iter(manifests.listed(store, kind="image"))).run
