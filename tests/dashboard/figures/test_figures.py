import dataclasses

import numpy as np
import pytest
from plotly.colors import hex_to_rgb, sample_colorscale

from dashboard.app_pages.text_unmasking.figures import (
    MEASURES,
    candidate_bars,
    entropy_curve,
    measure_heatmap,
    unmask_order,
)
from dashboard.app_pages.text_unmasking.line_figures import measure_lines
from dashboard.figures.boxes import layout_boxes
from dashboard.figures.sentence import reveal_confidence, sentence_figure
from dashboard.figures.template import INKS, SCALE, SERIES, house_template, ink_on
from engine.text.joining import join_pieces

MODES = ["light", "dark"]
SHOWN = ["the", "&lt;b&gt;sea&lt;/b&gt;", "is", "calm", "."]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("measure", list(MEASURES))
def test_the_heatmap_shows_masked_positions_only(run, measure, mode):
    figure = measure_heatmap(run, measure=measure, step=2, mode=mode)
    z = np.array(figure.data[0].z, float)
    assert z.shape == (5, 5)
    assert np.isnan(z[0, 1:]).all()  # position 0 was revealed by step 1
    assert not np.isnan(z[4]).any()
    assert list(figure.data[1].x) == [1, 2, 3, 4, 5]  # the reveals
    assert len(figure.data[2].customdata) == 5 + 4 + 3 + 2 + 1
    assert tuple(figure.data[2].customdata[-1]) == (5, 4)


def test_the_cells_answer_to_hover_and_click(run):
    cells = measure_heatmap(run, measure="entropy_nats", step=2, mode="light").data[2]
    assert cells.hoverinfo is None  # "skip" would also swallow the clicks
    assert cells.text[0] == "entropy (nats) 0.500<br>revealed by this step"
    assert "revealed" not in cells.text[1]


def test_lines_end_where_their_position_is_revealed(run):
    figure = measure_lines(run, measure="confidence", step=0, mode="light")
    *lines, dots = figure.data
    assert [line.name for line in lines] == [f"{i} {word}" for i, word in enumerate(SHOWN)]
    for position, line in enumerate(lines):
        assert list(line.x[:-1]) == list(range(1, position + 2))
        assert np.isnan(line.x[-1])
    assert list(dots.x) == [1, 2, 3, 4, 5]
    assert list(dots.y) == [pytest.approx(float(line.y[-2]), abs=1e-4) for line in lines]


def widened(run, count):
    """The run with ``count`` positions, all masked at every step; a fifth is revealed by each."""
    steps = []
    for step in run.steps:
        masked = np.arange(count, dtype=np.int32) if step.index else np.zeros(0, np.int32)
        halves = np.full(len(masked), 0.5, np.float32)
        wide = {"masked": masked, "confidence": halves, "revealed": masked[step.index - 1 :: 5]}
        if not step.index:
            wide["revealed"] = masked
        steps.append(dataclasses.replace(step, tokens=np.full(count, 5, np.int32), **wide))
    return dataclasses.replace(run, steps=tuple(steps))


def test_many_positions_share_a_trace_a_colour_and_keep_their_names(run):
    figure = measure_lines(widened(run, 40), measure="confidence", step=2, mode="dark")
    assert len(figure.data) == len(SERIES) + 1
    assert figure.layout.showlegend is False
    line = figure.data[1]
    assert line.text[0] == "1 the"
    assert line.text[6] == "9 the"
    assert np.isnan(line.y[5])  # the gap between position 1 and position 9
    assert len(figure.data[-1].x) == 40


def test_a_crowd_of_positions_is_faint_behind_its_median_and_what_the_step_reveals(run):
    crowd = widened(run, 60)
    *faint, middle, revealed = measure_lines(crowd, measure="confidence", step=2, mode="light").data
    assert {trace.opacity for trace in faint} == {0.3}
    assert list(middle.y) == [0.5] * 5
    assert set(revealed.text) == {f"{i} the" for i in range(1, 60, 5)}
    before = measure_lines(crowd, measure="confidence", step=0, mode="light").data
    assert before[-1].name == middle.name
    assert unmask_order(crowd, step=2, mode="light").data[0].mode == "markers"


def test_of_many_cells_the_step_and_the_reveals_can_be_clicked(run, monkeypatch):
    monkeypatch.setattr("dashboard.app_pages.text_unmasking.figures.CLICKABLE", 6)
    cells = measure_heatmap(run, measure="confidence", step=3, mode="light").data[2]
    assert {tuple(c) for c in cells.customdata} == {
        (1, 0), (2, 1), (3, 2), (3, 3), (3, 4), (4, 3), (5, 4)
    }  # fmt: skip


def test_the_order_is_that_of_the_run(run):
    figure = unmask_order(run, step=3, mode="light")
    assert list(figure.data[0].y) == [1, 2, 3, 4, 5]
    assert list(figure.data[0].marker.color)[:3] == [SERIES[0]] * 3
    assert SERIES[0] not in list(figure.data[0].marker.color)[3:]


def test_entropy_is_between_its_least_and_most(run):
    band, mean = entropy_curve(run, step=0, mode="light").data
    assert list(mean.y) == [
        pytest.approx(float(step.entropy_nats.mean())) for step in run.steps[1:]
    ]
    assert max(band.y) == 2.0


def test_candidates_are_of_the_asked_position(run):
    figure = candidate_bars(run, step=2, position=3, mode="light")
    assert len(figure.data[0].x) == 16
    assert figure.data[0].y[0] == "1  calm"
    assert figure.data[0].marker.color[0] == SERIES[1]
    assert candidate_bars(run, step=3, position=0, mode="light") is None
    assert candidate_bars(run, step=0, position=0, mode="light") is None
    assert candidate_bars(run, step=99, position=0, mode="light") is None


def test_the_sentence_frames_what_the_step_revealed(run):
    boxes, words = sentence_figure(run, step=2, mode="light").data
    assert list(boxes.marker.line.width) == [1, 4, 1, 1, 1]
    assert list(boxes.customdata) == [0, 1, 2, 3, 4]
    assert boxes.hovertext[1].startswith("position 1: &lt;b&gt;sea&lt;/b&gt;")
    assert list(words.text) == ["the", "&lt;b&gt;sea&lt;/b&gt;", "", "", ""]


def test_confidence_is_that_of_the_reveal(run):
    confidence = reveal_confidence(run.steps[1:3], run.length)
    assert confidence[:2] == pytest.approx([0.9, 0.9])
    assert np.isnan(confidence[2:]).all()


def test_long_sentences_break_into_rows():
    boxes = layout_boxes(["internationalization"] * 12)
    assert max(row for row, _, _ in boxes) >= 3
    for row, left, width in boxes:
        assert row >= 0
        assert left + width <= 78 or left == 0
    assert layout_boxes([]) == []


def test_a_long_text_is_drawn_smaller(run):
    usual = sentence_figure(widened(run, 72), step=5, mode="light")
    small = sentence_figure(widened(run, 73), step=5, mode="light")
    assert small.layout.height < 0.7 * usual.layout.height
    assert small.data[1].textfont.size < usual.data[1].textfont.size
    assert max(left + width for _, left, width in layout_boxes(["the"] * 73)) <= 104


@pytest.mark.parametrize("mode", MODES)
def test_the_template_is_whole(mode):
    layout = house_template(mode).layout
    assert layout.font.size >= 14
    assert layout.paper_bgcolor == layout.plot_bgcolor


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["the", "sea", "##s", "."], "the seas."),
        (["don", "'", "t"], "don't"),
        (["why", "?", "(", "no", ")"], "why? (no)"),
        ([], ""),
        (["##s"], "s"),
        (["##"], "##"),
    ],
)
def test_pieces_become_text(pieces, text):
    assert join_pieces(pieces) == text


def test_no_label_of_any_figure_is_markup(run):
    figures = [
        measure_heatmap(run, measure="confidence", step=2, mode="light"),
        measure_lines(run, measure="confidence", step=2, mode="light"),
        unmask_order(run, step=2, mode="light"),
        candidate_bars(run, step=1, position=1, mode="light"),
        sentence_figure(run, step=2, mode="light"),
    ]
    for figure in figures:
        shown = figure.to_json().encode().decode("unicode_escape")
        assert "&lt;b&gt;sea" in shown
        assert "<b>sea" not in shown


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_number_on_a_colour_is_read_as_well_as_can_be(mode):
    for share in np.linspace(0, 1, 21):
        fill = sample_colorscale(SCALE[mode], [share])[0]
        best = max(INKS, key=lambda ink: contrast(ink, fill))
        assert ink_on(SCALE[mode], share) == best
        assert contrast(best, fill) > 4.3


def contrast(one, other):
    lights = sorted(luminance(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour):
    rgb = hex_to_rgb(colour) if colour[0] == "#" else [float(c) for c in colour[4:-1].split(",")]
    linear = [((c / 255 + 0.055) / 1.055) ** 2.4 if c > 10 else c / 255 / 12.92 for c in rgb]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))
