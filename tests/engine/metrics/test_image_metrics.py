import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.metrics.bootstrap import bootstrap_mean, bootstrap_pairs, bootstrap_vendi
from engine.metrics.image_diversity import clip_distances, ssim, ssim_table
from engine.metrics.latent_trajectory import trajectory
from engine.metrics.similarity import (
    clip_scores,
    cosine_table,
    prompt_shares,
    token_alignment,
)
from engine.metrics.vendi import vendi_score

RIGHT, UP = np.array([1.0, 0.0]), np.array([0.0, 1.0])


def test_cosines_by_hand():
    table = cosine_table(np.stack([2 * RIGHT, RIGHT + UP]), np.stack([RIGHT, UP, -RIGHT]))
    assert np.allclose(table, [[1, 0, -1], [0.5**0.5, 0.5**0.5, -(0.5**0.5)]])
    assert np.allclose(cosine_table(np.zeros((1, 2)), RIGHT[None]), 0)
    with pytest.raises(ValueError, match="one dimension"):
        cosine_table(np.ones((1, 2)), np.ones((1, 3)))


def test_clip_score_is_a_hundred_times_the_cosine_and_never_negative():
    scores = clip_scores(np.stack([RIGHT, RIGHT]), np.stack([RIGHT + UP, -RIGHT]))
    assert np.allclose(scores, [100 * 0.5**0.5, 0])
    with pytest.raises(ValueError, match="one text a picture"):
        clip_scores(np.ones((1, 2)), np.ones((2, 2)))


def test_token_alignment_finds_the_same_words_in_another_order():
    states = np.eye(4)
    assert token_alignment(states, states[[2, 0, 1]]).argmax(axis=1)[:3].tolist() == [1, 2, 0]


def test_distances_and_vendi_of_copies_and_of_opposites():
    copies, apart = np.ones((4, 3)), np.eye(4)
    assert np.allclose(clip_distances(copies), 0)
    assert vendi_score(cosine_table(copies, copies)) == pytest.approx(1)
    assert vendi_score(cosine_table(apart, apart)) == pytest.approx(4)
    assert clip_distances(apart)[0, 1] == pytest.approx(1)


def picture(seed, shape=(24, 20, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def test_ssim_is_that_of_the_published_formula():
    a, b = picture(0), picture(1)
    assert ssim(a, a) == pytest.approx(1)
    assert ssim(a, b) == ssim(b, a)
    assert abs(ssim(a, b)) < 0.15
    # two flat pictures: only the luminance term is left
    c1 = (0.01 * 255) ** 2
    flat = ssim(np.full_like(a, 100), np.full_like(a, 150))
    assert flat == pytest.approx((2 * 100 * 150 + c1) / (100**2 + 150**2 + c1))
    noisy = (a.astype(int) + picture(2) // 8).clip(0, 255).astype(np.uint8)
    assert ssim(a, b) < ssim(a, noisy) < 1


def test_ssim_agrees_with_a_window_by_window_sum():
    a, b = picture(3, (12, 13, 3)), picture(4, (12, 13, 3))
    luma = np.array([0.299, 0.587, 0.114])
    x, y = a @ luma, b @ luma
    line = np.exp(-(np.arange(-5, 6) ** 2) / 4.5)
    window = np.outer(line, line) / line.sum() ** 2
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    values = []
    for i in range(2):
        for j in range(3):
            p, q = x[i : i + 11, j : j + 11], y[i : i + 11, j : j + 11]
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq = (window * (p - mp) ** 2).sum(), (window * (q - mq) ** 2).sum()
            cov = (window * (p - mp) * (q - mq)).sum()
            values.append(
                (2 * mp * mq + c1) * (2 * cov + c2) / ((mp**2 + mq**2 + c1) * (vp + vq + c2))
            )
    assert ssim(a, b) == pytest.approx(np.mean(values))


def test_ssim_refuses_other_sizes_and_tiny_pictures():
    with pytest.raises(ValueError, match="one size"):
        ssim(picture(0), picture(0, (24, 24, 3)))
    with pytest.raises(ValueError, match="11 pixels"):
        ssim(picture(0, (8, 8, 3)), picture(1, (8, 8, 3)))


def test_ssim_table_is_symmetric_with_ones():
    pictures = np.stack([picture(i) for i in range(3)])
    table = ssim_table(pictures)
    assert table[2, 1] == pytest.approx(ssim(pictures[2], pictures[1]))
    assert np.allclose(np.diag(table), 1)
    assert np.array_equal(table, table.T)
    assert table[0, 2] == pytest.approx(ssim(picture(0), picture(2)))


def test_a_straight_trajectory_and_a_detour():
    start, end = np.zeros((1, 2, 2)), np.full((1, 2, 2), 4.0)
    straight = trajectory(np.stack([start, start + 1, end]))
    assert straight.step_length.tolist() == [1, 3]
    assert straight.norm.tolist() == [0, 1, 4]
    assert straight.straightness == pytest.approx(1)
    assert straight.cosine_to_final.tolist() == pytest.approx([0, 1, 1])
    there_and_back = trajectory(np.stack([end, -end, end]))
    assert there_and_back.cosine_to_final.tolist() == pytest.approx([1, -1, 1])
    assert there_and_back.straightness == 0
    with pytest.raises(ValueError, match="at least 2"):
        trajectory(np.stack([start]))


@given(values=st.lists(st.floats(-100, 100), min_size=2, max_size=12))
def test_a_bootstrap_interval_holds_its_mean_and_stays_within_the_values(values):
    found = bootstrap_mean(values)
    assert min(values) - 1e-9 <= found.low <= found.mean + 1e-9
    assert found.mean - 1e-9 <= found.high <= max(values) + 1e-9
    assert found == bootstrap_mean(values)


def test_a_bootstrap_interval_has_about_the_width_of_the_normal_one():
    values = np.random.default_rng(1).normal(5, 2, 100)
    found = bootstrap_mean(values)
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 10, rel=0.15)
    assert bootstrap_mean([3.0]).mean == 3.0
    assert math.isnan(bootstrap_mean([3.0]).low)
    assert math.isnan(bootstrap_mean([]).mean)


def test_pairs_are_resampled_by_item_and_never_with_themselves():
    table = np.full((5, 5), 0.3)
    np.fill_diagonal(table, 0.0)
    found = bootstrap_pairs(table)
    assert (found.mean, found.low, found.high) == pytest.approx((0.3, 0.3, 0.3))
    assert math.isnan(bootstrap_pairs(table[:2, :2]).low)
    assert math.isnan(bootstrap_pairs(table[:1, :1]).mean)


def test_the_interval_of_a_vendi_score_lies_around_it_and_within_one_to_n():
    vectors = np.random.default_rng(0).normal(size=(12, 6)) + 1
    kernel = cosine_table(vectors, vectors)
    found = bootstrap_vendi(kernel)
    assert found == bootstrap_vendi(kernel)
    assert found.mean == pytest.approx(vendi_score(kernel), rel=1e-6)
    assert 1 < found.low < found.mean < found.high < 12
    same = bootstrap_vendi(np.ones((5, 5)))
    assert (same.low, same.mean, same.high) == pytest.approx((1, 1, 1))
    assert bootstrap_vendi(np.eye(5)).high == 5
    assert math.isnan(bootstrap_vendi(np.eye(2)).low)


def test_shares_of_a_picture_sum_to_one_and_do_not_overflow():
    shares = prompt_shares(np.array([[0.3, -1.0], [0.1, 1.0]]), 10.0)
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    assert shares[0, 0] == pytest.approx(1 / (1 + math.exp(-2)))
    assert np.isfinite(prompt_shares(np.array([[1.0], [-1.0]]), 1e6)).all()
