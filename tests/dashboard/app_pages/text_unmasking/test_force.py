"""From a chosen word to a fork that puts another in its place."""

from urllib.parse import parse_qs

import numpy as np

from engine.chain import manifests
from engine.text.stored import load_text_run
from tests.dashboard.pages import open_page


def test_the_word_revealed_last_is_forced_where_something_is_left_to_do(small_store):
    manifest = next(m for m in manifests.listed(small_store, kind="text") if m.spec["seed"] == 0)
    run = load_text_run(small_store, manifest.run)
    last = len(run.steps) - 1
    position = int(run.steps[last].revealed[0])
    at = open_page("text_unmasking", run=manifest.short, step=str(last), word=str(position))
    assert not at.exception
    (link,) = [e.proto for e in at.get("page_link") if "Force another" in e.proto.label]
    query = parse_qs(link.query_string)
    begin = int(query["at"][0])
    assert query["set"][0].startswith(f"@{position}=")
    masked = np.flatnonzero(run.steps[begin].tokens == run.mask_id)
    assert set(masked.tolist()) - {position}
    after = np.flatnonzero(run.steps[begin + 1].tokens == run.mask_id)
    assert not set(after.tolist()) - {position}  # and no earlier than that
