"""How long something will take is told from like steps that were timed."""

import numpy as np
import pytest

from engine.image.spec import ImageSpec
from engine.requests.estimates import duration, estimate, seconds_a_step
from engine.requests.plans import keep_manifest, plan
from engine.text import stored as text_stored
from engine.text.records import TextStep
from engine.text.spec import CorruptionSpec, TextSpec

TEXT = TextSpec(length=6, steps=6, top_k=5)


def keep_timed(store, spec, seconds):
    """Store a whole text run whose steps took some time each."""
    planned = plan(spec)
    keep_manifest(store, planned)
    none, empty = np.zeros(0, np.int32), np.zeros(0, np.float32)
    for index, key in enumerate(planned.chain.step_keys):
        step = TextStep(
            index=index,
            tokens=np.zeros(6, np.int32),
            revealed=none,
            masked=none,
            proposed=none,
            confidence=empty,
            entropy_nats=empty,
            probability=empty,
            candidates=np.zeros((0, 16), np.int32),
            candidate_probability=np.zeros((0, 16), np.float32),
            seconds=seconds,
        )
        store.put(key, text_stored.text_payload(step, None, {}))


def test_time_is_estimated_from_like_steps(store):
    asked = [(plan(TEXT.but(seed=9)), 6)]
    assert estimate(store, asked) is None
    for seed, seconds in enumerate((0.2, 0.3, 5.0)):
        keep_timed(store, TEXT.but(seed=seed), seconds)
    assert estimate(store, asked) == pytest.approx(6 * 0.3)
    longer = plan(TEXT.but(length=12))
    assert seconds_a_step(store, longer) == pytest.approx(0.6)
    exact = plan(TEXT.but(exact=True, seed=9))
    assert seconds_a_step(store, exact) == pytest.approx(0.3)  # by steps of several at a time
    keep_timed(store, TEXT.but(exact=True), 0.7)
    assert seconds_a_step(store, exact) == pytest.approx(0.7)  # by those of one, if there are any
    assert estimate(store, asked) == pytest.approx(6 * 0.3)
    assert seconds_a_step(store, plan(ImageSpec(prompt="x"))) is None
    level = plan(CorruptionSpec(text="the sea is calm."))
    assert estimate(store, [(level, 10)]) == 0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "under a second"), (12.3, "12 s"), (300, "5 min"), (7200, "2.0 h")],
)
def test_durations_in_words(seconds, said):
    assert duration(seconds) == said
