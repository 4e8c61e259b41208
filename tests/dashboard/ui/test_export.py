"""Ways to take things home: the buttons are there, and what they give is made on a click only."""

import io
import json
import zipfile

import pandas as pd
import pytest
from PIL import Image

from cache.errors import InvalidInput
from dashboard.data import frames, render
from dashboard.ui import figure_files
from engine.image.keys import image_chain
from engine.text.keys import text_chain
from tests.dashboard.conftest import FINGERPRINT, IMAGE_SPEC, SPEC
from tests.dashboard.pages import open_page


def opened(name, **query):
    at = open_page(name, **query)
    assert not at.exception
    return at


def captions(at):
    return " ".join(caption.value for caption in at.caption)


@pytest.fixture
def drawn(monkeypatch):
    """Pictures without a browser."""
    calls = []
    monkeypatch.setattr(render, "browser", lambda: "/somewhere")
    monkeypatch.setattr(
        render, "render", lambda figure, kind, **_: calls.append(kind) or f"a {kind}".encode()
    )
    monkeypatch.setattr(figure_files, "with_provenance", lambda data, kind, **_: data)
    return calls


def asked(name, figure, **query):
    at = opened(name, **query)
    at.button(key=f"export-{figure}").click().run()
    assert not at.exception
    return at


def test_every_figure_offers_every_form_and_makes_none_of_them(small_store, downloads, drawn):
    name = "sentence-0"
    asked("text_unmasking", name, step="3")
    keys = {f"{form}-{name}" for form in ("png", "svg", "pdf", "html", "csv", "parquet")}
    assert keys <= set(downloads)
    assert drawn == []
    assert downloads[f"pdf-{name}"] == b"a pdf"
    assert downloads[f"html-{name}"].startswith(b"<!doctype html>")
    assert len(pd.read_csv(io.BytesIO(downloads[f"csv-{name}"]))) == 15
    assert len(pd.read_parquet(io.BytesIO(downloads[f"parquet-{name}"]))) == 15
    assert downloads.names[f"svg-{name}"] == "sentence-0.svg"


def test_what_a_file_is_made_for_is_asked_and_kept_for_the_next_figure(
    small_store, downloads, monkeypatch
):
    seen = []
    monkeypatch.setattr(render, "browser", lambda: "/somewhere")
    monkeypatch.setattr(render, "render", lambda figure, kind, **_: seen.append(figure) or b"")
    monkeypatch.setattr(
        figure_files, "with_provenance", lambda data, kind, **said: json.dumps(said).encode()
    )
    at = opened("text_unmasking", step="3")
    at.session_state["print-for"] = "one column"
    at.session_state["print-title-sentence-0"] = "How it came"
    at.button(key="export-sentence-0").click().run()
    preview = json.loads(at.get("plotly_chart")[-1].proto.spec)
    assert preview["layout"]["width"] == 321  # 85 mm
    assert "85 × " in captions(at)
    said = json.loads(downloads["svg-sentence-0"])
    assert seen[-1].layout.width == 321
    assert said["title"] == "How it came"
    assert said["facts"]["runs"]
    assert said["facts"]["state"]["step"] in ("3", ["3"])
    assert "columnwidth" in at.code[0].value


def test_without_a_browser_it_says_what_is_missing_and_offers_the_rest(
    small_store, downloads, monkeypatch
):
    monkeypatch.setattr(render, "browser", lambda: None)
    at = asked("text_unmasking", "sentence-0", step="3")
    assert "need Chrome or Chromium on the machine" in captions(at)
    assert "html-sentence-0" in downloads
    assert not any(key.startswith(("png-", "svg-", "pdf-")) for key in downloads)


@pytest.mark.parametrize("page", ["text_unmasking", "text_corruption", "image_denoising"])
def test_a_run_is_taken_home_in_every_form(small_store, downloads, page):
    at = opened(page)
    run = at.query_params["run"]
    run = run if isinstance(run, str) else run[0]
    record = json.loads(downloads[f"record-{run}"])
    assert record["run"].startswith(run)
    with zipfile.ZipFile(io.BytesIO(downloads[f"capsule-{run}"])) as capsule:
        assert json.loads(capsule.read("manifest.json"))["runs"][0]["run"] == record["run"]
    with zipfile.ZipFile(io.BytesIO(downloads[f"frames-{run}"])) as archive:
        assert "frames.json" in archive.namelist()
    for kind in ("webp", "gif"):
        with Image.open(io.BytesIO(downloads[f"{kind}-{run}"])) as moving:
            assert moving.format == kind.upper()
    words = captions(at)
    assert f"at most {frames.MOST_MOVING} frames" in words
    assert ("linear previews" in words) == (page == "image_denoising")


def test_a_file_that_cannot_be_made_is_told_of_as_plain_text(small_store, downloads, monkeypatch):
    run = text_chain(SPEC, FINGERPRINT).run
    at = opened("text_unmasking", run=run[:12])

    def broken(store, runs, target):
        raise InvalidInput("![x](http://elsewhere/x.png)")

    monkeypatch.setattr("dashboard.data.export.export_runs", broken)
    with pytest.raises(InvalidInput):
        downloads[f"capsule-{run[:12]}"]
    at.run()
    assert [error.value for error in at.error] == ["This file could not be made."]
    assert "![x](http://elsewhere/x.png)" in [text.value for text in at.text]
    at.run()
    assert not at.error


def test_a_page_is_taken_home_as_one_zip(small_store, downloads, drawn):
    run = image_chain(IMAGE_SPEC, FINGERPRINT).run
    at = opened("image_denoising", run=run[:12], step="2")
    assert "page-zip-go" not in downloads
    at.session_state["page-zip"] = True
    at.run()
    assert not at.exception
    assert "5 figures as HTML, PNG, SVG and CSV" in captions(at)
    with zipfile.ZipFile(io.BytesIO(downloads["page-zip-go"])) as archive:
        names = archive.namelist()
        readme = archive.read("README.md").decode()
    assert {"filmstrip.html", "filmstrip.png", "filmstrip.svg", "filmstrip.csv"} <= set(names)
    assert "alpha-bar.csv" in names
    assert readme.startswith("# Denoising")
    assert f"run={run[:12]}" in readme
    assert "step=2" in readme
    assert run in readme
    assert downloads.names["page-zip-go"] == "stepscope-denoising.zip"


def test_a_page_is_taken_home_as_it_is_when_asked(small_store, downloads, drawn):
    at = opened("text_unmasking", step="3", view="Heatmap")
    at.session_state["page-zip"] = True
    at.run()
    with zipfile.ZipFile(io.BytesIO(downloads["page-zip-go"])) as archive:
        assert "confidence-heatmap-0.html" in archive.namelist()
    at.query_params["view"] = "Entropy"
    at.session_state["view"] = "Entropy"
    at.run()
    with zipfile.ZipFile(io.BytesIO(downloads["page-zip-go"])) as archive:
        names = archive.namelist()
    assert "entropy-0.html" in names
    assert "confidence-heatmap-0.html" not in names


def test_a_page_without_figures_offers_none(small_store, downloads):
    opened("jobs")
    assert "page-zip-go" not in downloads
