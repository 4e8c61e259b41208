"""Pairs: asked once each, the least judged first, a share of them once more."""

from collections import Counter

import numpy as np

from engine.reviews import boards, voices
from engine.reviews.pairs import REPEAT_EVERY, next_pair, pair_count, seed_for
from engine.reviews.records import Question, person
from engine.reviews.report_lines import result_rows
from engine.reviews.results import agreement_of, results_of

ANNA, BORIS = person("Anna"), person("Boris")
RUNS = tuple(f"{i:064x}" for i in range(5))
BLIND = Question(kind="pair", blind=True)


def judged(store, judges, choose, runs=RUNS):
    """A board whose pairs were all judged by some judges in turn; its item and all verdicts."""
    board = boards.make_board(store, "Pairs", by=ANNA)
    boards.add_items(store, board, [{"title": "x", "runs": runs, "question": BLIND}], by=ANNA)
    (item,) = boards.load_board(store, board).items
    for seed in range(200):
        left = False
        for judge in judges:
            given = voices.verdicts(store, board)
            shown = next_pair(runs, given, judge, blind=True, seed=seed)
            if shown is not None:
                left = True
                answer = choose(judge, shown)
                voices.give_verdict(store, board, item, answer, by=judge, pair=shown)
        if not left:
            break
    return item, voices.verdicts(store, board)


def lower(_judge, shown):
    return "left" if shown.left < shown.right else "right"


def test_every_pair_is_asked_once_and_a_share_once_more_the_other_way_round(store):
    _, given = judged(store, [ANNA], lower)
    new = [v for v in given if not v.pair.repeat]
    again = [v for v in given if v.pair.repeat]
    assert len(new) == pair_count(RUNS) == len({frozenset(v.runs) for v in new})
    assert len(again) == len(given) // REPEAT_EVERY >= 1
    for verdict in again:
        (before,) = [v for v in new if set(v.runs) == set(verdict.runs)]
        assert (before.pair.left, before.pair.right) == (verdict.pair.right, verdict.pair.left)


def test_sides_are_drawn_and_the_seed_says_how(store):
    _, given = judged(store, [ANNA], lower)
    lefts = {v.pair.left < v.pair.right for v in given}
    assert lefts == {True, False}
    first = given[0].pair
    assert next_pair(RUNS, [], ANNA, blind=True, seed=first.seed) == first


def test_what_was_judged_least_is_asked_first(store):
    _, given = judged(store, [ANNA], lower, runs=RUNS[:2])
    shown = next_pair(RUNS[:3], given, BORIS, blind=True, seed=0)
    assert {shown.left, shown.right} != set(RUNS[:2])


def test_results_rank_the_runs_and_measure_the_judges(store):
    item, given = judged(store, [ANNA, BORIS], lower)
    results = results_of(item, given, {run: {"guidance": i} for i, run in enumerate(RUNS)})
    assert [row.name for row in results.strengths] == list(RUNS)
    assert (results.votes, results.judges) == (2 * pair_count(RUNS), 2)
    assert results.agreement.alpha == 1
    assert {c.judge: c.same == c.count > 0 for c in results.consistency} == {
        "Anna": True, "Boris": True,
    }  # fmt: skip
    assert results.settings[0].name == "guidance"
    assert not results.too_few


def test_a_few_votes_have_no_interval(store):
    item, given = judged(store, [ANNA], lower)
    few = results_of(item, given[:4])
    assert few.too_few
    assert all(np.isnan(few.told(row.low, row.high)).all() for row in few.strengths)
    _, rows = result_rows(few, {})
    assert all(np.isnan(row[2:4]).all() for row in rows)
    assert not any("(" in row[4] for row in rows)
    many = results_of(*judged(store, [ANNA, BORIS], lower))
    assert all(many.told(row.low, row.high) == (row.low, row.high) for row in many.strengths)


def test_the_pair_before_a_judge_is_the_same_until_it_is_judged():
    item = "1" * 64
    assert seed_for(item, ANNA, 2) == seed_for(item, ANNA, 2)
    others = {seed_for(item, ANNA, 3), seed_for(item, BORIS, 2), seed_for("2" * 64, ANNA, 2)}
    assert len(others - {seed_for(item, ANNA, 2)}) == 3
    lefts = [
        next_pair(RUNS, [], ANNA, blind=True, seed=seed_for(f"{i:064}", ANNA, 0)).left
        for i in range(400)
    ]
    shares = np.array([lefts.count(run) for run in RUNS]) / 400
    assert abs(shares - 1 / len(RUNS)).max() < 0.1  # every side is as likely as the other


def test_a_judge_who_only_looks_left_is_found_out(store):
    item, given = judged(
        store, [ANNA, BORIS], lambda who, s: "left" if who is BORIS else lower(who, s)
    )
    same = {c.judge: c.same for c in results_of(item, given).consistency}
    assert same["Boris"] == 0 < same["Anna"]
    assert agreement_of([item], given).alpha < 0.9


def test_repeats_count_for_nothing_else(store):
    _, given = judged(store, [ANNA], lower)
    counts = Counter(frozenset(v.runs) for v in voices.counted(given))
    assert set(counts.values()) == {1}


def test_stars_have_a_mean_and_few_of_them_tell_nothing(store):
    board = boards.make_board(store, "Stars", by=ANNA)
    fields = {"title": "x", "runs": RUNS[:1], "question": Question(kind="stars")}
    boards.add_items(store, board, [fields], by=ANNA)
    (item,) = boards.load_board(store, board).items
    for i, answer in enumerate((5, 4, 3)):
        voices.give_verdict(store, board, item, answer, by=person(f"judge {i}"))
    results = results_of(item, voices.verdicts(store, board))
    assert results.mean.mean == 4
    assert results.counts == {"1": 0, "2": 0, "3": 1, "4": 1, "5": 1}
    assert results.too_few
