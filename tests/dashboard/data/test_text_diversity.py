import math

import numpy as np
import pytest

from dashboard.data.measure_tables import wide
from dashboard.data.text_diversity import (
    Cut,
    Sample,
    cell_table,
    cells_of,
    grids,
    load_sample,
    measured,
    measures,
    missing,
    samples_of,
    seed_order,
    sentences,
    sentences_of_cut,
    usual_count,
)
from engine.chain import manifests
from engine.metrics.text_diversity import distinct, ngram_similarity, self_bleu
from engine.metrics.vendi import vendi_score
from tests.dashboard.conftest import SPEC, keep_text

FIVE, ALL = Cut(5, None), Cut(None, 1.0)


def sample(words: str, run: str = "r", confidence: float = 0.5) -> Sample:
    return Sample(run, tuple(words.split()), words, confidence, -1.0)


SAMPLES = {
    (0.5, FIVE): {0: sample("a b c d"), 1: sample("a b c e"), 2: sample("a b c d")},
    (0.5, ALL): {0: sample("a b c d"), 2: sample("q r s t")},
    (2.0, FIVE): {0: sample("a b x y"), 1: sample("u v w x"), 2: sample("k l m n")},
}


def keep_grid(store, *, heats=(0.5, 2.0), seeds=range(3)) -> dict:
    return {
        (heat, seed): keep_text(store, SPEC.but(temperature=heat, seed=seed), 6)
        for heat in heats
        for seed in seeds
    }


def test_cuts_are_told_and_sorted_by_how_much_they_let_through():
    cuts = [ALL, Cut(None, 0.9), Cut(50, None), Cut(5, 0.9), FIVE, Cut(None, None)]
    ordered = [cut.label for cut in sorted(cuts, key=lambda cut: cut.openness)]
    assert ordered == [
        "greedy",
        "top-k 5, top-p 0.9",
        "top-k 5",
        "top-k 50",
        "top-p 0.9",
        "all tokens",
    ]


def test_only_runs_that_draw_at_two_temperatures_or_cuts_are_a_grid(store):
    keep_text(store, SPEC, 6)
    keep_text(store, SPEC.but(top_k=None), 6)
    keep_text(store, SPEC.but(steps=4, temperature=2.0), 5)
    assert grids(manifests.listed(store)) == []
    keep_text(store, SPEC.but(top_k=None, top_p=1.0), 6)
    (group,) = grids(manifests.listed(store, kind="text"))
    assert list(cells_of(group)) == [(1.2, FIVE), (1.2, ALL)]


def test_a_sample_holds_the_means_over_what_was_revealed(store):
    run = keep_text(store, SPEC, 6)
    finished = load_sample(store, manifests.load(store, run))
    assert finished.text == "the <b>sea</b> is calm."
    assert finished.pieces == ("the", "<b>sea</b>", "is", "calm", ".")
    # by hand: each step reveals its first masked position, of confidence 0.9, probability 0.8
    assert finished.confidence == pytest.approx(0.9)
    assert finished.log_probability == pytest.approx(math.log(0.8))
    partial = keep_text(store, SPEC.but(seed=1), 3)
    assert load_sample(store, manifests.load(store, partial)) is None


def test_samples_are_sorted_into_cells(store):
    runs = keep_grid(store)
    unfinished = keep_text(store, SPEC.but(temperature=2.0, seed=3), 2)
    (group,) = grids(manifests.listed(store, kind="text"))
    finished = {run: load_sample(store, manifests.load(store, run)) for run in runs.values()}
    samples = samples_of(group, finished)
    assert [cell[0] for cell in samples] == [0.5, 2.0]
    assert list(samples[2.0, FIVE]) == [0, 1, 2]
    assert unfinished in {m.run for m in group.runs}


def test_seeds_that_most_cells_have_come_first():
    assert seed_order(SAMPLES) == [0, 2, 1]
    assert usual_count(SAMPLES) == 3
    assert missing(SAMPLES, [0, 2, 1]) == {(0.5, ALL): 2}
    assert missing(SAMPLES, [0, 2]) == {}


def test_measures_take_the_same_seeds_in_every_cell():
    table = measures(SAMPLES, [0, 2, 1])
    assert set(zip(table.temperature, table.cut, strict=True)) == {(0.5, "top-k 5"), (2, "top-k 5")}
    assert set(table.seeds) == {3}
    narrow = measures(SAMPLES, [0, 2])
    assert "all tokens" in set(narrow.cut)
    assert measures(SAMPLES, [0]).empty
    shown = wide(table, {"vendi": "Vendi"}, by=("temperature", "cut", "seeds"))
    assert list(shown.columns) == ["temperature", "cut", "seeds", "Vendi"]
    assert len(shown) == 2


def test_every_measure_is_that_of_the_metrics():
    texts = [sample("a b c d", confidence=0.2), sample("a b c e", confidence=0.4), sample("x b y")]
    intervals = measured(texts)
    pieces = [t.pieces for t in texts]
    assert intervals["distinct_1"].mean == pytest.approx(distinct(pieces, 1))
    assert intervals["distinct_2"].mean == pytest.approx(distinct(pieces, 2))
    assert intervals["self_bleu"].mean == pytest.approx(self_bleu([t.text for t in texts]))
    assert intervals["vendi"].mean == pytest.approx(vendi_score(ngram_similarity(pieces)))
    assert intervals["confidence"].mean == pytest.approx(1.1 / 3)
    assert intervals["log_probability"].mean == -1
    for interval in intervals.values():
        assert interval.low <= interval.mean <= interval.high
    two = measured(texts[:2])
    assert np.isnan(two["distinct_1"].low)


def test_equal_texts_are_one():
    intervals = measured([sample("a b c")] * 4)
    assert intervals["vendi"].mean == pytest.approx(1)
    assert intervals["self_bleu"].mean == pytest.approx(100)
    assert intervals["distinct_1"].mean == 1 / 4


def test_sentences_stand_by_temperature_and_cut_or_seed():
    table = sentences(SAMPLES, seed=1)
    assert list(table.columns) == ["top-k 5", "all tokens"]
    assert table.index.tolist() == ["0.5", "2"]
    assert table.loc["2", "top-k 5"] == "u v w x"
    assert table["all tokens"].isna().all()
    seeds = sentences_of_cut(SAMPLES, cut=ALL)
    assert list(seeds.columns) == ["seed 0", "seed 2"]
    assert seeds.loc["0.5", "seed 2"] == "q r s t"
    assert cell_table(SAMPLES[0.5, ALL]).text.tolist() == ["a b c d", "q r s t"]
