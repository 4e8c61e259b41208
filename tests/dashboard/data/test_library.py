import time
from dataclasses import replace

from dashboard.data import library
from dashboard.data.shelf import shelf_of
from dashboard.data.shelf_table import table
from dashboard.data.text_runs import candidate_table, most_open_position, step_table
from engine.requests.computing import compute
from engine.text.spec import TextSpec
from tests.dashboard.conftest import SPEC


def test_settings_say_what_differs_from_the_defaults():
    assert library.described(SPEC.facts()) == "seed 0, 5 steps, temperature 1.2, top-k 5"
    greedy = SPEC.but(top_k=None, temperature=1.0, order="margin", seed=3)
    assert library.described(greedy.facts()) == "seed 3, 5 steps, order margin, greedy"
    special = SPEC.but(suppress_special=False, exact=True)
    assert "special tokens allowed, exact" in library.described(special.facts())


def test_runs_are_called_by_what_differs_and_not_by_what_they_have_not(run):
    spec = {"prompt": "a castle", "init_image": None, "strength": None, "seed": 0}
    drawn = replace(run.manifest, kind="image", spec=spec)
    picture = "009c5f900aa9" + 52 * "0"
    varied = replace(drawn, spec=spec | {"prompt": "a sea", "init_image": picture, "strength": 0.7})
    assert library.called([drawn, varied]) == [
        "“a castle”", "“a sea”, init image 009c5f900aa9, strength 0.7"
    ]  # fmt: skip
    alike = [
        replace(run.manifest, spec={"length": length, "steps": length, "temperature": t, "seed": s})
        for length, t, s in ((10, 1.0, 7), (10, 1.0, 6), (12, 0.7, 1))
    ]
    assert library.called(alike) == [
        "length 10, seed 7", "length 10, seed 6", "length 12, seed 1"
    ]  # fmt: skip
    weak = replace(drawn, spec=spec | {"strength": 0.5})
    assert library.called([drawn, weak]) == ["strength none", "strength 0.5"]


def test_an_embedding_says_its_first_prompts():
    spec = {"kind": "embed", "texts": ["a", "b", "c", "d"], "pictures": ["0" * 64]}
    assert library.embedded_words(spec) == "a; b; 2 more texts; 1 picture"
    assert library.embedded_words({"kind": "embed", "texts": ["a"]}) == "a"
    assert "seed" not in library.described(spec)


def test_age_in_words():
    now = time.time()
    assert library.age(now, now=now) == "just now"
    assert library.age(now - 61, now=now) == "1 min ago"
    assert library.age(now - 7300, now=now) == "2 hours ago"
    assert library.age(now - 3 * 86_400, now=now) == "3 days ago"


def test_the_step_table_has_a_row_a_masked_position(run):
    table = step_table(run)
    assert len(table) == 5 + 4 + 3 + 2 + 1
    assert table[table.revealed].position.tolist() == [0, 1, 2, 3, 4]


def test_candidate_table_and_the_most_open_position(run):
    table = candidate_table(run, step=1, position=3)
    assert table.token[0] == "calm"
    assert table.probability.is_monotonic_decreasing
    assert len(candidate_table(run, step=3, position=0)) == 0
    assert most_open_position(run, step=1) == 4
    assert most_open_position(run, step=0) is None


def test_a_rule_that_was_done_sooner_says_so(store):
    spec = TextSpec(length=4, steps=9, rule="threshold", threshold=0.001)
    (run,) = compute(store, [spec]).runs
    assert library.described(spec.facts()).startswith("seed 0, at most 9 steps")
    assert library.described(TextSpec(length=4, steps=9).facts()).startswith("seed 0, 9 steps")
    shelf = shelf_of(store)
    (entry,) = shelf.entries(store, [shelf.by_run(store)[run]])
    assert (entry.complete, entry.steps_used) == (True, 1)
    assert table([entry])["steps"].tolist() == ["1 used"]
