"""A model's pieces in the store: none shifts another, and a wrong or damaged one is mended."""

from __future__ import annotations

import numpy as np
import pytest

from cache.errors import MissingFromStore, PayloadDamaged
from cache.payload import Payload
from engine.chain import manifests
from engine.requests.computing import compute
from engine.text import stored as text_stored
from engine.text.spec import CorruptionSpec, TextSpec
from engine.text.vocabularies import keep_vocabulary, load_vocabulary, vocabulary_key

PIECES = ["[PAD]", "[MASK]", "a\nb", "\n", "", "zoom"]
FINGERPRINT = "f" * 64


def _joined(pieces: list[str], mask_id: int = 1) -> Payload:
    text = np.frombuffer("\n".join(pieces).encode(), np.uint8)
    return Payload(arrays={"pieces": text}, meta={"mask_id": mask_id})


def test_no_piece_shifts_another(store):
    key = keep_vocabulary(store, FINGERPRINT, PIECES, 1)
    pieces, mask_id = load_vocabulary(store, key)
    assert (list(pieces), mask_id) == (PIECES, 1)
    assert (pieces[5], pieces[4], pieces[6]) == ("zoom", "[no piece 4]", "[no piece 6]")
    assert pieces[:2] == ("[PAD]", "[MASK]")


def test_a_vocabulary_of_an_older_version_is_read_and_left(store):
    key = vocabulary_key(FINGERPRINT)
    store.put(key, _joined(["[PAD]", "[MASK]", "sea"]))
    keep_vocabulary(store, FINGERPRINT, ["[PAD]", "[MASK]", "sea", ""], 1)  # a row without a piece
    assert "form" not in store.get(key).meta
    assert list(load_vocabulary(store, key)[0]) == ["[PAD]", "[MASK]", "sea"]


@pytest.mark.parametrize(
    "wrong",
    [
        _joined(list(reversed(PIECES))),
        _joined(PIECES),  # the joined lines shift here
        _joined(["a", "b"], mask_id=7),
        Payload(arrays={"pieces": np.zeros((2, 2), np.float32)}, meta={"mask_id": 1}),
        Payload(arrays={}, meta={}),
        Payload(
            arrays={"pieces": np.frombuffer(b'{"a": 1}', np.uint8)},
            meta={"mask_id": 0, "form": "json"},
        ),
    ],
)
def test_what_is_not_the_models_own_is_replaced(store, wrong, caplog):
    key = vocabulary_key(FINGERPRINT)
    store.put(key, wrong)
    keep_vocabulary(store, FINGERPRINT, PIECES, 1)
    assert list(load_vocabulary(store, key)[0]) == PIECES
    assert "replaced" in caplog.text


def test_no_vocabulary_is_a_typed_error(store):
    with pytest.raises(MissingFromStore):
        load_vocabulary(store, vocabulary_key(FINGERPRINT))
    store.put(vocabulary_key(FINGERPRINT), Payload(arrays={}, meta={"mask_id": 1}))
    with pytest.raises(PayloadDamaged, match="no vocabulary"):
        load_vocabulary(store, vocabulary_key(FINGERPRINT))


@pytest.mark.parametrize("stranger", [True, False])
def test_a_stored_run_is_read_with_the_models_own_pieces(store, tiny_bert, stranger):
    specs = [
        TextSpec(model=tiny_bert, template="the [MASK] sea", steps=2),
        CorruptionSpec(model=tiny_bert, text="the blue sea", steps=2),
    ]
    runs = compute(store, specs).runs
    before = text_stored.load_text_run(store, runs[0]).text()
    key = manifests.load(store, runs[0]).shared_keys[0]
    pieces, mask_id = load_vocabulary(store, key)
    for spec in specs:
        store.delete([key])
        if stranger:
            store.put(key, _joined(list(reversed(pieces)), mask_id))
        again = compute(store, [spec])  # all of it is stored
        assert again.steps_computed == 0
        assert list(load_vocabulary(store, key)[0]) == list(pieces)
    assert text_stored.load_text_run(store, runs[0]).text() == before
