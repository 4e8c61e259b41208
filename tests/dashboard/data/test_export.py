import io

import pandas as pd
import plotly.graph_objects as go

from dashboard.data.export import (
    capsule_name,
    figure_html,
    file_stem,
    inert,
    modebar_config,
    table_csv,
    table_parquet,
)

TABLE = pd.DataFrame({"token": ["=1+1", "+a", "-b", "@c", "sea", None], "p": [-1.5, 0, 1, 2, 3, 4]})


def test_csv_cells_are_never_formulas_and_numbers_stay_numbers():
    back = pd.read_csv(io.BytesIO(table_csv(TABLE)))
    assert back.token.tolist()[:5] == ["'=1+1", "'+a", "'-b", "'@c", "sea"]
    assert back.p.tolist() == TABLE.p.tolist()
    assert TABLE.token[0] == "=1+1"


def test_parquet_round_trips():
    back = pd.read_parquet(io.BytesIO(table_parquet(TABLE)))
    pd.testing.assert_frame_equal(back, TABLE)


def test_html_is_self_contained_stable_and_offers_no_upload():
    figure = go.Figure(go.Scatter(x=[1], y=[2]))
    html = figure_html(figure, name="My figure!")
    assert html == figure_html(figure, name="My figure!")
    assert b'id="my-figure"' in html
    assert b'src="http' not in html
    assert b'"showSendToCloud": false' in html or b'"showSendToCloud":false' in html


def test_pages_that_differ_in_the_middle_end_differently():
    one, other = (go.Figure(go.Scatter(x=[0] * 50_000, y=[v] * 50_000)) for v in (1, 2))
    ends = {figure_html(figure, name="big")[-90:] for figure in (one, other)}
    assert len(ends) == 2


def test_a_capsule_is_named_after_its_runs():
    assert capsule_name(["b" * 64]) == f"capsule-{'b' * 12}.zip"
    assert capsule_name(["b" * 64, "a" * 64]) == f"capsule-2-runs-{'a' * 12}.zip"


def test_names_are_safe():
    assert file_stem("../../Evil name?") == "evil-name"
    assert file_stem("???") == "figure"
    assert modebar_config("a b")["toImageButtonOptions"]["filename"] == "a-b"


def test_a_shown_table_downloads_no_formula_and_looks_the_same():
    table = pd.DataFrame({"word": ["=1+1", "sea"], "tags": [["@a"], ["b"]], "n": [-1, 2]})
    shown = inert(table)
    assert [word.lstrip("\u2060") for word in shown["word"]] == ["=1+1", "sea"]
    lines = shown.to_csv(index=False).splitlines()
    assert not any(cell.startswith(("=", "@")) for line in lines for cell in line.split(","))
    assert shown["n"].tolist() == [-1, 2]


def test_csv_begins_with_a_byte_order_mark():
    assert table_csv(TABLE).startswith(b"\xef\xbb\xbf")
