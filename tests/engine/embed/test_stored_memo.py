import numpy as np
import pytest

from cache.payload import Payload
from engine.embed import keys as embed_keys
from engine.embed import stored as embed_stored
from engine.embed.spec import EmbedSpec
from engine.embed.stored_memo import find_embeddings

CLIP = "c" * 64
FIRST, SECOND = "1" * 64, "2" * 64
SPEC = EmbedSpec(texts=("a sea",), pictures=(FIRST, SECOND))


def vector(*values):
    return np.array(values, np.float32)


def remember(store, facts, found, fingerprint=CLIP):
    payload = Payload(arrays={"pooled": found}, meta={})
    store.put(embed_keys.embedding_key(fingerprint, facts), payload)


def test_what_was_remembered_one_by_one_is_found_and_the_rest_is_not(store):
    remember(store, {"text": "a sea"}, vector(1, 0))
    remember(store, {"picture": SECOND}, vector(0, 1))
    remember(store, {"picture": FIRST}, vector(1, 1), fingerprint="d" * 64)
    found = find_embeddings(store, SPEC, CLIP)
    assert found.texts["a sea"].tolist() == [1, 0]
    assert found.pictures.keys() == {SECOND}
    assert found.has(["a sea"], [SECOND])
    assert not found.has(["a sea"], [FIRST, SECOND])


def test_a_computed_spec_is_read_whole_though_its_memories_are_gone(store):
    payload = embed_stored.embed_payload(
        texts=np.eye(2, dtype=np.float32)[:1],
        first_tokens=np.eye(2, dtype=np.float32)[:1],
        pictures=np.eye(2, dtype=np.float32)[::-1].copy(),
        tokens=[],
        logit_scale=100.0,
        provenance={},
    )
    store.put(embed_keys.embed_chain(SPEC, CLIP).step_keys[0], payload)
    found = find_embeddings(store, SPEC, CLIP)
    assert found.has(SPEC.texts, SPEC.pictures)
    assert found.of_pictures([SECOND, FIRST]).tolist() == [[1, 0], [0, 1]]
    with pytest.raises(KeyError):
        find_embeddings(store, SPEC, "d" * 64).of_pictures([FIRST])
