import numpy as np
import pytest

from engine.chain.manifests import new_manifest
from engine.metrics.divergence import (
    first_divergence,
    latent_cosine,
    latent_rms,
    parting_steps,
    shared_steps,
    token_agreement,
    tokens_over_steps,
)
from engine.text.keys import text_chain
from engine.text.records import TextRun
from tests.dashboard.conftest import FINGERPRINT, MASK_ID, PIECES, SPEC, hand_made_steps


@pytest.fixture
def run():
    chain = text_chain(SPEC, FINGERPRINT)
    manifest = new_manifest(
        run=chain.run,
        spec=SPEC.facts(),
        fingerprint=FINGERPRINT,
        step_keys=chain.step_keys,
        shared_keys=(),
    )
    return TextRun(manifest, tuple(hand_made_steps()), tuple(PIECES), MASK_ID)


TOKENS = np.array(
    [
        [[9, 9, 9], [1, 9, 9], [1, 2, 9], [1, 2, 3]],
        [[9, 9, 9], [1, 9, 9], [1, 2, 9], [1, 2, 4]],
        [[9, 9, 9], [9, 9, 3], [9, 2, 3], [1, 2, 3]],
    ],
    np.int32,
)


def test_agreement_is_the_share_of_equal_tokens_by_hand():
    agree = token_agreement(TOKENS)
    assert agree.shape == (4, 3, 3)
    np.testing.assert_allclose(agree[:, 0, 1], [1, 1, 1, 2 / 3])
    np.testing.assert_allclose(agree[:, 0, 2], [1, 1 / 3, 1 / 3, 1])
    np.testing.assert_array_equal(agree, agree.transpose(0, 2, 1))
    assert (agree[:, [0, 1, 2], [0, 1, 2]] == 1).all()


def test_the_first_step_that_differs_is_found_though_runs_may_meet_again():
    parted = first_divergence(TOKENS)
    np.testing.assert_array_equal(parted, [[-1, 3, 1], [3, -1, 1], [1, 1, -1]])


def test_latents_differ_by_rms_and_cosine():
    ones = np.ones((1, 2, 2), np.float32)
    latents = np.stack([np.stack([ones, ones]), np.stack([ones, -3 * ones])])
    np.testing.assert_allclose(latent_rms(latents)[:, 0, 1], [0, 4])
    np.testing.assert_allclose(latent_cosine(latents)[:, 0, 1], [1, -1])
    assert first_divergence(latents)[0, 1] == 1
    assert np.isnan(latent_cosine(0 * latents)).all()


def test_equal_bits_are_at_distance_zero_exactly():
    latents = np.random.default_rng(0).normal(size=(1, 3, 4, 8, 8)).astype(np.float32)
    twice = np.concatenate([latents, latents])
    assert (latent_rms(twice) == 0).all()


def test_independent_noise_is_at_the_square_root_of_two():
    latents = np.random.default_rng(0).normal(size=(2, 1, 4, 64, 64)).astype(np.float32)
    assert latent_rms(latents)[0, 0, 1] == pytest.approx(2**0.5, rel=0.02)


def test_a_run_that_ended_keeps_its_last_tokens(run):
    short = type(run)(run.manifest, run.steps[:3], run.pieces, run.mask_id)
    tokens = tokens_over_steps([run, short])
    assert tokens.shape == (2, 6, 5)
    np.testing.assert_array_equal(tokens[1, 5], run.steps[2].tokens)
    assert first_divergence(tokens)[0, 1] == 3


def test_runs_part_where_they_stay_less_alike_to_the_end():
    tables = np.ones((5, 3, 3))
    tables[:, 0, 1] = tables[:, 1, 0] = [np.nan, 0.4, 0.9, 0.4, 0.3]
    tables[:, 0, 2] = tables[:, 2, 0] = [0.4, 0.4, 0.4, 0.4, 0.9]
    np.testing.assert_array_equal(
        parting_steps(tables, 0.5), [[-1, 3, -1], [3, -1, -1], [-1, -1, -1]]
    )


@pytest.mark.parametrize("count", [0, 1])
def test_runs_without_steps_are_refused(run, count):
    with pytest.raises(ValueError, match="must have steps of one shape"):
        tokens_over_steps([type(run)(run.manifest, (), run.pieces, run.mask_id)] * count)


def test_shared_steps_are_counted_from_the_start():
    assert shared_steps(["abc", "abd", "abce"]) == 1
    assert shared_steps(["abc", "abc"]) == 2
    assert shared_steps(["abc", "xbc"]) == -1
    assert shared_steps([["a", "b"], ["a"]]) == 0
    with pytest.raises(ValueError, match="at least 1"):
        shared_steps([])
