"""An axis from menus: what can be chosen, and the line that is written."""

import pytest

from dashboard.app_pages.sweep.axis_menu import SPECS, USUAL, WORD, bounds_of, choices_of, with_axis
from engine.requests.sweeps import parse_axes


def test_a_line_is_added_or_takes_the_place_of_the_old_one():
    assert with_axis("", "seed", "0:4") == "seed=0:4"
    assert with_axis("seed=0:4\n\n", "top_k", " 5,9 ") == "seed=0:4\ntop_k=5,9"
    assert with_axis("seed=0:4\ntop_k=5", "seed", "7") == "seed=7\ntop_k=5"


def test_closed_sets_are_chosen_and_numbers_have_bounds():
    assert "ddim" in choices_of("image", "sampler")
    assert choices_of("text", "temperature") == []
    assert bounds_of("text", "temperature") == "0.01 to 10"
    assert bounds_of("text", "top_p") == "more than 0 to 1"


@pytest.mark.parametrize("kind", ["text", "image"])
def test_every_setting_of_the_menu_is_one_of_a_run_and_its_values_can_be_read(kind):
    fields = SPECS[kind].model_fields
    for name, values in USUAL[kind].items():
        if name == WORD:
            continue
        assert name in fields
        typed = values or ",".join(choices_of(kind, name))
        if typed:
            assert len(parse_axes([f"{name}={typed}"])[name]) >= 2
