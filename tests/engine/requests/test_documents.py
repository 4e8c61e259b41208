import json

import pytest

from cache.errors import MissingFromStore
from engine.requests.documents import run_document
from tests.dashboard.conftest import (
    FINGERPRINT,
    IMAGE_SPEC,
    SPEC,
    keep_corruption,
    keep_image,
    keep_text,
)
from tests.engine.capsules.test_capsules import keep_embeddings


def test_every_kind_of_run_has_a_record_that_is_json(store):
    runs = {
        "text": keep_text(store, SPEC, 6),
        "corruption": keep_corruption(store),
        "image": keep_image(store),
        "embed": keep_embeddings(store, ["a", "b"], []),
    }
    for kind, run in runs.items():
        document = json.loads(json.dumps(run_document(store, run), allow_nan=False))
        assert document["run"] == run
        assert document["spec"]["kind"] == kind
        assert len(document["fingerprint"]) == 64


def test_records_say_what_happened_at_every_step(store):
    image = run_document(store, keep_image(store))
    assert [step["index"] for step in image["steps"]] == list(range(5))
    assert image["steps"][1]["guidance"] == IMAGE_SPEC.guidance
    text = run_document(store, keep_text(store, SPEC, 6))
    assert text["text"] == "the <b>sea</b> is calm."
    assert text["fingerprint"] == FINGERPRINT
    embed = run_document(store, keep_embeddings(store, ["a", "b"], []))
    assert [row["text"] for row in embed["texts"]] == ["a", "b"]
    assert embed["dimension"] == 4


def test_a_run_that_is_not_there_is_named(store):
    with pytest.raises(MissingFromStore):
        run_document(store, "0" * 64)
