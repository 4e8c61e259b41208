from dashboard.app_pages.why.data import steps_table
from dashboard.app_pages.why.figures import step_strip


def test_every_step_is_a_box_of_the_colour_of_what_it_was():
    table = steps_table(["a" * 64, "a" * 64, "b" * 64, None], "b" * 64)
    figure = step_strip(table, step=2, mode="light")
    assert {bars.name: list(bars.customdata) for bars in figure.data} == {
        "there already": [0, 1],
        "computed": [2],
        "not there yet": [3],
    }
    there, computed, missing = figure.data
    assert there.text[0] == "the start: there from run aaaaaaaaaaaa"
    assert computed.text[0] == "step 2: computed"
    assert missing.text[0] == "step 3: not there yet"
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1) == (1.5, 2.5)
