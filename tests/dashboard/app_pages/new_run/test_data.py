"""What is typed into a form becomes specs, and a run's spec becomes what is typed."""

import pytest

from cache.errors import InvalidInput
from dashboard.app_pages.new_run.data import (
    START,
    bounds,
    defaults,
    parse_guidance,
    same_runs,
    seeds_text,
    specs_of,
    values_of,
)
from engine.image.spec import ImageSpec
from engine.text.spec import TextChange, TextSpec


@pytest.mark.parametrize("kind", START)
def test_a_form_starts_with_something_that_can_be_computed_and_read_back(kind):
    typed = defaults(kind)
    specs = specs_of(kind, typed)
    assert len(specs) == (4 if kind == "text" else 1)
    facts = [spec.facts() for spec in specs]
    assert values_of(facts) == (kind, typed)
    assert same_runs(specs, facts[::-1])
    assert not same_runs(specs, [specs[0].but(steps=3).facts()])


def test_scales_and_seeds_are_a_run_each():
    specs = specs_of("image", defaults("image") | {"guidance": "1, 4", "seed": "0:3", "steps": 2})
    assert [(s.guidance, s.seed) for s in specs] == [(g, s) for g in (1, 4) for s in range(3)]
    kind, values = values_of([spec.facts() for spec in specs])
    assert (values["guidance"], values["seed"]) == ("1, 4", "0:3")
    assert specs_of(kind, values) == specs


def test_scales_with_spaces_between_are_one_for_each_step():
    assert parse_guidance("1 2 3, 7.5", 3) == [(1.0, 2.0, 3.0), 7.5]
    spec = ImageSpec(prompt="x", steps=3, guidance=(1.0, 2.0, 3.5))
    assert values_of([spec.facts()])[1]["guidance"] == "1 2 3.5"
    with pytest.raises(InvalidInput, match=r"3 with spaces between.*got 2 with spaces"):
        parse_guidance("1 2", 3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"steps": 0}, "steps must be 1 to 200, got 0"),
        ({"temperature": 0.0}, "temperature must be 0.01 to 10, got 0.0"),
        ({"seed": "x"}, "seeds must be whole numbers"),
        ({"seed": " "}, "seeds must be given"),
        ({"seed": "0:300"}, "runs must be 1 to 256 from one form, got 300"),
        ({"length": None, "template": "no mask"}, "at least one"),
    ],
)
def test_what_is_out_of_bounds_is_named(given, said):
    with pytest.raises(InvalidInput, match=said.replace("[", r"\[")):
        specs_of("text", defaults("text") | given)


@pytest.mark.parametrize("typed", ["", "much", "true", "4, "])
def test_a_scale_that_is_no_number_is_named(typed):
    with pytest.raises(InvalidInput, match="guidance must be"):
        parse_guidance(typed, 25)


def test_a_fork_is_taken_over_from_its_beginning():
    fork = TextSpec(length=4, steps=4, changes=(TextChange(at=2, temperature=2.0),))
    kind, values = values_of([fork.facts()])
    assert specs_of(kind, values) == [fork.but(changes=())]
    assert not same_runs(specs_of(kind, values), [fork.facts()])


def test_no_form_asks_for_embeddings():
    assert values_of([{"kind": "embed", "texts": ["x"]}]) is None


def test_bounds_stand_beside_labels():
    assert bounds("text", "steps") == "1 to 200"
    assert bounds("text", "top_p") == "above 0 to 1"
    assert bounds("image", "width") == "16 to 2048"
    assert bounds("text", "exact") == ""


def test_seeds_as_a_person_types_them():
    assert seeds_text([3]) == "3"
    assert seeds_text([2, 3, 4]) == "2:5"
    assert seeds_text([1, 5, 9]) == "1,5,9"
