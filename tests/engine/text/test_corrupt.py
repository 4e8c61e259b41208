import itertools

import numpy as np
import pytest

from engine.text.corrupt import corrupt_at
from engine.text.spec import CorruptionSpec

TOKENS = np.arange(10, 410, dtype=np.int32)
MASK_ID = 4


def levels(**fields):
    spec = CorruptionSpec(text="unused here", steps=10, **fields)
    return [corrupt_at(spec, TOKENS, k, mask_id=MASK_ID) for k in range(spec.steps + 1)]


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
@pytest.mark.parametrize("coupling", ["nested", "independent"])
def test_from_clean_to_all_masked(schedule, coupling):
    found = levels(schedule=schedule, coupling=coupling)
    assert np.array_equal(found[0].tokens, TOKENS)
    assert found[-1].masked.all()
    for level in found:
        assert np.array_equal(level.tokens == MASK_ID, level.masked)
        assert np.array_equal(level.tokens[~level.masked], TOKENS[~level.masked])


def test_nested_masks_only_grow():
    found = levels(coupling="nested")
    for before, after in itertools.pairwise(found):
        assert (after.masked | ~before.masked).all()


def test_independent_levels_are_drawn_afresh():
    found = levels(coupling="independent")
    assert any((b.masked & ~a.masked).any() for b, a in itertools.pairwise(found))


@pytest.mark.parametrize("coupling", ["nested", "independent"])
def test_masked_share_follows_the_schedule(coupling):
    for level in levels(coupling=coupling, schedule="cosine"):
        # 400 positions: four standard deviations of a binomial share
        slack = 4 * np.sqrt(level.mask_probability * (1 - level.mask_probability) / 400)
        assert abs(level.masked.mean() - level.mask_probability) <= slack + 1e-9


def test_seed_decides():
    assert np.array_equal(levels(seed=3)[5].masked, levels(seed=3)[5].masked)
    assert not np.array_equal(levels(seed=3)[5].masked, levels(seed=4)[5].masked)


def test_level_outside_is_refused():
    with pytest.raises(ValueError, match="level must be 0 to 10, got 11"):
        corrupt_at(CorruptionSpec(text="x"), TOKENS, 11, mask_id=MASK_ID)
