from dashboard.figures.why import step_strip


def test_every_step_is_a_box_of_one_of_two_colours():
    figure = step_strip(["a" * 64, "a" * 64, None, None], step=2, mode="light")
    there, computed = figure.data
    assert list(there.customdata) == [0, 1]
    assert list(computed.customdata) == [2, 3]
    assert there.text[0] == "the start: there from run aaaaaaaaaaaa"
    assert computed.text[1] == "step 3: computed"
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1) == (1.5, 2.5)
