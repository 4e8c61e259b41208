import pandas as pd

from dashboard.app_pages.no_return.figures import decided_curve

TABLE = pd.DataFrame(
    [
        (4, "tokens", "one another", 0.8, 0.7, 0.9, 6, 6),
        (0, "tokens", "one another", 0.2, 0.1, 0.3, 6, 6),
        (0, "tokens", "the run", 0.3, float("nan"), float("nan"), 5, 6),
        (0, "masked tokens", "one another", 0.1, 0.0, 0.2, 6, 6),
    ],
    columns=["step", "measure", "against", "mean", "low", "high", "continuations", "asked"],
)
REVEALED = pd.DataFrame({"step": [0, 4], "share": [0.0, 0.5]})


def test_one_measure_is_drawn_in_the_order_of_steps():
    figure = decided_curve(
        TABLE, measure="tokens", steps=6, revealed=REVEALED, point=4, chosen=4, mode="light"
    )
    under, among, run = figure.data
    assert list(under.y) == [0.0, 0.5]
    assert list(among.x) == [0, 4]
    assert list(among.customdata) == [0, 4]
    assert among.marker.size[1] > among.marker.size[0]
    assert "5 of 6 continuations" in run.text[0]
    assert "nan" not in run.text[0]
    assert [note.text for note in figure.layout.annotations] == ["point of no return"]


def test_likeness_below_zero_is_not_cut_off():
    table = TABLE.assign(mean=-0.4, low=-0.5, measure="latents")
    figure = decided_curve(
        table, measure="latents", steps=6, revealed=None, point=None, chosen=None, mode="dark"
    )
    assert figure.layout.yaxis.range[0] < -0.5
    assert len(figure.data) == 2
