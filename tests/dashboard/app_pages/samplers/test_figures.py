import math

import pandas as pd
import pytest

from dashboard.app_pages.samplers.figures import LEAST, distance_curves
from dashboard.figures.template import OPENED, SERIES

NAN = float("nan")
NAMES = ("method", "steps", "evaluations", "calls", "whole", "latent_distance")
NAMES += ("picture_distance", "seconds", "alone", "random", "run")
TABLE = pd.DataFrame(
    [
        ("ddim", 20, 20, 40, 20, 0.05, NAN, 0.4, True, False, "b" * 64),
        ("ddim", 5, 5, 10, 5, 0.2, 0.1, 0.1, True, False, "a" * 64),
        ("ddim + deepcache", 5, 5, 10, 2, 0.0, 0.2, 0.06, True, False, "c" * 64),
        ("ddpm", 5, 5, 10, 5, 0.9, 0.3, 0.1, False, True, "d" * 64),
    ],
    columns=list(NAMES),
)
METHODS = ["ddim", "ddim + deepcache", "ddpm"]


def drawn(**given):
    usual = {
        "methods": METHODS,
        "distance": "latent_distance",
        "cost": "calls",
        "floor": None,
        "chosen": None,
        "mode": "light",
    }
    return distance_curves(TABLE, **(usual | given))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_line_a_method_by_cost_and_random_ones_look_otherwise(mode):
    figure = drawn(mode=mode, chosen="b" * 64)
    ddim, deep, ddpm, opened = figure.data
    assert list(ddim.x) == [10, 40]
    assert list(ddim.y) == [0.2, 0.05]
    assert list(ddim.customdata) == ["a" * 64, "b" * 64]
    assert (list(opened.x), list(opened.y), list(opened.customdata)) == ([40], [0.05], ["b" * 64])
    assert opened.marker.size > ddim.marker.size
    assert opened.marker.line.color == SERIES[1] != ddim.marker.line.color
    assert opened.text[0] == ddim.text[1]
    assert opened.meta == OPENED
    assert list(deep.y) == [LEAST]
    assert "2 of them whole" in deep.text[0]
    assert ddpm.name == "ddpm (random)"
    assert ddpm.line.dash == "dot"
    assert ddpm.marker.symbol.endswith("-open")
    assert "in shared batches" in ddpm.text[0]
    assert "does not converge" in ddpm.text[0]
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"


def test_a_hover_names_all_whose_points_lie_there():
    ddim, deep, ddpm = drawn(alike=[["ddim", "ddpm"]]).data
    assert "ddim and ddpm lie on one another here" in ddim.text[0]
    assert "lie on one another" in ddpm.text[0]
    assert "lie on one another" not in deep.text[0]


def test_colours_stay_when_lines_go():
    full = {trace.name: trace.marker.color for trace in drawn().data}
    some = distance_curves(
        TABLE[TABLE.method != "ddim"],
        methods=METHODS,
        distance="latent_distance",
        cost="seconds",
        floor=None,
        chosen=None,
        mode="light",
    )
    assert len(some.data) == 2
    assert all(full[trace.name] == trace.marker.color for trace in some.data)


def test_the_floor_is_a_line_with_its_name_on_it():
    figure = drawn(floor=0.05)
    (line,), (note,) = figure.layout.shapes, figure.layout.annotations
    assert line.y0 == line.y1 == 0.05
    assert note.y == pytest.approx(math.log10(0.05))
    assert not drawn().layout.shapes


def test_missing_pictures_are_left_out():
    ddim = drawn(distance="picture_distance").data[0]
    assert list(ddim.x) == [10]


def test_few_costs_have_a_tick_each_and_many_round_ones():
    few = TABLE.assign(calls=[100, 10, 10, 37])
    usual = {"methods": METHODS, "distance": "latent_distance", "cost": "calls", "floor": None}
    figure = distance_curves(few, **usual, chosen=None, mode="light")
    assert list(figure.layout.xaxis.ticktext) == ["10", "37", "100"]
    many = pd.concat([TABLE.assign(calls=TABLE["calls"] + k) for k in range(1, 9)])
    figure = distance_curves(many, **usual, chosen=None, mode="light")
    assert "13" not in figure.layout.xaxis.ticktext


def test_nothing_is_still_a_figure():
    figure = distance_curves(
        TABLE[:0],
        methods=[],
        distance="latent_distance",
        cost="seconds",
        floor=0.1,
        chosen=None,
        mode="dark",
    )
    assert len(figure.data) == 0


@pytest.mark.parametrize(
    ("values", "least"),
    [
        ((0.001, 0.9), [0.01, 0.02, 0.05, 0.1]),
        ((10.0, 40.0), [10, 15, 20, 30, 40]),
        ((0.45, 0.7), [0.45, 0.5, 0.55, 0.6, 0.65, 0.7]),
        ((3.0, 3.0), [3.0]),
        ((7.0, 8.0), [7.0, 7.2, 7.4, 7.6, 7.8, 8.0]),
    ],
)
def test_there_are_round_ticks_between_values_that_lie_close_together(values, least):
    table = TABLE[:2].assign(latent_distance=values, calls=values)
    figure = distance_curves(
        table, methods=METHODS, distance="latent_distance", cost="calls", floor=None, chosen=None,
        mode="light",
    )  # fmt: skip
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        ticks = [float(text) for text in axis.ticktext]
        assert set(least) <= set(ticks)
        assert sum(min(values) <= tick <= max(values) for tick in ticks) <= 16


def test_lines_that_lie_on_one_another_are_dashed_differently():
    dashes = [trace.line.dash for trace in drawn().data]
    assert dashes[0] != dashes[1]
    assert "dot" not in dashes[:2]
