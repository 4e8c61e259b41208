"""The cached loaders give what the store has now."""

from dashboard.ui.stores import text_run
from engine.chain import manifests
from engine.text import stored as text_stored
from tests.dashboard.conftest import SPEC, hand_made_steps, keep_text


def test_a_run_is_read_again_when_a_step_is_added_to_it(empty_store):
    run = keep_text(empty_store, SPEC, 3)
    manifest = manifests.load(empty_store, run)
    assert len(text_run(manifest).steps) == 3
    key, step = manifest.step_keys[3], hand_made_steps()[3]
    empty_store.put(key, text_stored.text_payload(step, None, step.meta))
    assert len(text_run(manifest).steps) == 4
    assert text_run(manifest) is text_run(manifest)
