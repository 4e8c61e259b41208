import dataclasses
import io
import json
import zipfile

import pandas as pd
import plotly.graph_objects as go
import pytest

from cache.errors import RenderError
from dashboard.data import page_zip as pages
from dashboard.data import render
from engine.chain import manifests
from tests.dashboard.conftest import SPEC, keep_image, keep_text

TABLE = pd.DataFrame({"token": ["=1+1"], "p": [0.5]})


@pytest.fixture
def page(store):
    figure = go.Figure(go.Scatter(x=[1], y=[2]))
    runs = [
        keep_text(store, SPEC.but(template="`x` [MASK]\n# y", length=None), 6),
        keep_image(store),
    ]
    return pages.PageRecord(
        figures={
            "a figure": pages.ShownFigure(lambda: figure, lambda: TABLE),
            "bare": pages.ShownFigure(lambda: figure, None),
        },
        runs={run: manifests.load(store, run) for run in runs},
    )


def opened(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def made(page):
    url, state = "http://127.0.0.1:8501/x?old=1", {"run": "abc", "step": "3"}
    return opened(pages.page_zip("Denoising", url, state, page))


def test_a_page_without_a_browser_says_what_is_missing(page, monkeypatch):
    monkeypatch.setattr(render, "browser", lambda: None)
    files = made(page)
    assert set(files) == {
        "a-figure.html",
        "a-figure.csv",
        "bare.html",
        "plotly.min.js",
        "index.html",
        "runs.json",
        "README.md",
    }
    readme = files["README.md"].decode()
    assert "need Chrome or Chromium" in readme.split("## What is missing")[1]


def test_pictures_are_there_where_a_browser_is(page, monkeypatch):
    monkeypatch.setattr(render, "browser", lambda: "/somewhere")

    def drawn(figure, kind):
        if kind == "svg":
            raise RenderError("the figure could not be drawn: out of ink")
        return b"PNG"

    monkeypatch.setattr(render, "render", drawn)
    files = made(page)
    assert files["a-figure.png"] == files["bare.png"] == b"PNG"
    assert "a-figure.svg" not in files
    assert "bare.svg: the figure could not be drawn: out of ink" in files["README.md"].decode()


def test_the_readme_says_where_it_all_comes_from(page, monkeypatch):
    monkeypatch.setattr(render, "browser", lambda: None)
    files = made(page)
    readme = files["README.md"].decode()
    assert readme.startswith("# Denoising\n")
    assert "    http://127.0.0.1:8501/x?run=abc&step=3\n" in readme
    for run, manifest in page.runs.items():
        assert f"- `{run}`" in readme
        assert manifest.fingerprint[:12] in readme
    assert "template `'x' [MASK] # y`" in readme  # no markup, no new line
    assert "linear previews" in readme.split("## What is approximate")[1]
    assert "built-in models are small" in readme
    assert "- streamlit " in readme
    runs = json.loads(files["runs.json"])
    assert {run["run"] for run in runs} == set(page.runs)
    assert runs[0]["spec"]["template"] == "`x` [MASK]\n# y"


def test_the_index_shows_every_figure_and_asks_for_nothing_else(page, monkeypatch):
    monkeypatch.setattr(render, "browser", lambda: None)
    page.figures["<b>odd</b>"] = pages.ShownFigure(go.Figure, None)
    files = made(page)
    index = files["index.html"].decode()
    for name in files:
        if name.endswith(".html") and name != "index.html":
            assert f'<iframe src="{name}"' in index
    assert 'href="a-figure.csv"' in index
    assert "<b>" not in index
    assert "http" not in index.replace("http-equiv", "")


def test_the_figures_open_without_a_network_and_the_data_is_no_formula(page, monkeypatch):
    monkeypatch.setattr(render, "browser", lambda: None)
    files = made(page)
    html = files["a-figure.html"].decode()
    assert 'src="plotly.min.js"' in html
    assert "cdn" not in html
    assert len(html) < 50_000
    assert len(files["plotly.min.js"]) > 1_000_000
    assert files["a-figure.csv"].decode("utf-8-sig").splitlines()[1] == "'=1+1,0.5"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"accelerator": "tome"}, "The accelerator tome changes results"),
        ({"precision": "float16"}, "float16"),
        ({"exact": False}, "batches"),
    ],
)
def test_what_is_approximate_is_told(page, change, words):
    manifest = list(page.runs.values())[1]
    plain = {**manifest.spec, "exact": True, "model": "some/model"}
    assert not any(words in line for line in approximate(manifest, plain))
    assert any(words in line for line in approximate(manifest, plain | change))


def approximate(manifest, spec):
    return pages.approximations([dataclasses.replace(manifest, spec=spec)])
