"""Statistics of reviews, against cases computed by hand and published ones."""

import itertools
import math

import numpy as np
import pytest

from engine.reviews.agreement import krippendorff_alpha
from engine.reviews.preferences import Vote, settings_that_win, strengths, wilson, win_rates

NAN = float("nan")
# Krippendorff 2011, part C: four observers, twelve units, some answers missing
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]


def by_unit(rows):
    return {
        unit: {j: float(v) for j, row in enumerate(rows) if (v := row[unit]) is not None}
        for unit in range(len(rows[0]))
    }


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_is_krippendorffs_own_of_his_example(level, alpha):
    found = krippendorff_alpha(by_unit(OBSERVERS), level=level)
    assert found.alpha == pytest.approx(alpha, abs=5e-4)
    assert (found.units, found.judges) == (11, 4)
    assert found.low <= found.alpha <= found.high


def test_alpha_of_two_observers_and_two_categories_is_krippendorffs_own():
    """Krippendorff 2011, part A: ten units, 0.095."""
    rows = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    assert krippendorff_alpha(by_unit(rows), level="nominal").alpha == pytest.approx(
        0.095, abs=5e-4
    )


def test_alpha_of_two_observers_and_five_categories_is_krippendorffs_own():
    """Krippendorff 2011, part B: a, b, c, d, e over twelve units, 0.692."""
    rows = [list(map("abcde".index, said)) for said in ("aabbddccedda", "bababccccedd")]
    rows = [
        [0, 0, 1, 1, 3, 2, 2, 2, 4, 3, 3, 0],
        [1, 0, 1, 1, 1, 2, 2, 2, 4, 3, 3, 3],
    ]
    assert krippendorff_alpha(by_unit(rows), level="nominal").alpha == pytest.approx(
        0.692, abs=5e-4
    )


def test_alpha_is_one_for_judges_who_agree_and_nan_where_nothing_varies():
    same = {unit: {0: unit % 3, 1: unit % 3} for unit in range(6)}
    assert krippendorff_alpha(same, level="ordinal").alpha == 1
    flat = {unit: {0: 1.0, 1: 1.0} for unit in range(6)}
    assert math.isnan(krippendorff_alpha(flat, level="nominal").alpha)
    assert math.isnan(krippendorff_alpha({0: {0: 1.0}}, level="nominal").alpha)


def test_alpha_by_definition_on_random_answers():
    """Against the definition itself: pairs of answers within units over pairs of all answers."""
    generator = np.random.default_rng(3)
    for _ in range(5):
        answers = {
            unit: {j: float(generator.integers(4)) for j in range(5) if generator.random() < 0.7}
            for unit in range(9)
        }
        units = [list(u.values()) for u in answers.values() if len(u) > 1]
        every = [v for u in units for v in u]
        n = len(every)
        within = sum(
            sum(a != b for a, b in itertools.permutations(u, 2)) / (len(u) - 1) for u in units
        )
        across = sum(a != b for a, b in itertools.permutations(every, 2)) / (n - 1)
        found = krippendorff_alpha(answers, level="nominal")
        assert found.alpha == pytest.approx(1 - within / across)


@pytest.mark.parametrize(
    ("wins", "count", "low", "high"),
    [(14, 20, 0.4810, 0.8545), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 2, 0.0945, 0.9055)],
)
def test_wilsons_interval_is_the_published_one(wins, count, low, high):
    share = wilson(wins, count)
    assert (share.low, share.high) == pytest.approx((low, high), abs=1e-4)


def test_too_few_votes_tell_nothing():
    assert not wilson(5, 5).tells  # 5 of 5, and still too few
    assert not wilson(14, 20).tells  # the interval holds a half
    assert wilson(17, 20).tells


def votes(*results):
    return [Vote(a, b, won, "j") for a, b, won, count in results for _ in range(count)]


def test_a_tie_is_half_a_win_each_way():
    rates = win_rates(votes(("a", "b", "a", 1), ("a", "b", None, 1)))
    assert (rates["a"].share, rates["b"].share) == (0.75, 0.25)


def test_the_strengths_of_two_are_the_log_odds():
    """One pair: half a win is added each way, so 8 of 10 are 8.5 to 2.5."""
    first, second = strengths(votes(("a", "b", "a", 8), ("a", "b", "b", 2)))
    assert (first.name, second.name) == ("a", "b")
    assert first.strength - second.strength == pytest.approx(math.log(8.5 / 2.5), abs=1e-4)
    assert first.strength + second.strength == pytest.approx(0, abs=1e-9)
    assert first.low < first.strength < first.high


def test_the_strengths_of_three_maximise_the_likelihood():
    """Against a search of the likelihood itself, with the same half wins."""
    given = votes(
        ("a", "b", "a", 7), ("a", "b", "b", 3), ("b", "c", "b", 6), ("b", "c", "c", 4),
        ("a", "c", "a", 9), ("a", "c", "c", 1),
    )  # fmt: skip
    wins = {("a", "b"): 7.5, ("b", "a"): 3.5, ("b", "c"): 6.5, ("c", "b"): 4.5,
            ("a", "c"): 9.5, ("c", "a"): 1.5}  # fmt: skip

    def likelihood(b, c):
        s = {"a": -b - c, "b": b, "c": c}
        return sum(w * -math.log1p(math.exp(s[y] - s[x])) for (x, y), w in wins.items())

    grid = np.linspace(-2, 2, 401)
    best = max((likelihood(b, c), b, c) for b in grid for c in grid)
    found = {row.name: row.strength for row in strengths(given, resamples=20)}
    assert found["b"] == pytest.approx(best[1], abs=0.011)
    assert found["c"] == pytest.approx(best[2], abs=0.011)


def test_who_never_lost_has_a_strength_that_is_finite():
    rows = strengths(votes(("a", "b", "a", 4), ("b", "c", "b", 4)))
    assert [row.name for row in rows] == ["a", "b", "c"]
    assert all(np.isfinite([row.strength, row.low, row.high]).all() for row in rows)


def test_the_settings_that_win_are_told_where_they_alone_differ():
    specs = {
        "a": {"guidance": 7.5, "seed": 1, "steps": 20},
        "b": {"guidance": 4.0, "seed": 2, "steps": 20},
        "c": {"guidance": 4.0, "seed": 3, "steps": 50},
    }
    given = votes(("a", "b", "a", 14), ("b", "a", "b", 6), ("a", "c", "c", 5))
    (row,) = settings_that_win(given, specs)
    assert (row.name, row.better, row.worse) == ("guidance", 7.5, 4.0)
    assert (row.share.wins, row.share.count) == (14, 20)
