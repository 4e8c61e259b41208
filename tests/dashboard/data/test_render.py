import asyncio
import threading

import plotly.graph_objects as go
import pytest

from cache.errors import BrowserMissing, RenderError
from dashboard.data import render

FIGURE = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]), layout={"height": 300, "title": "<b>hey</b>"})
# kaleido leaves a temporary folder of its browser to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:Implicitly cleaning up:ResourceWarning")


@pytest.fixture
def chromium():
    if render.browser() is None:
        pytest.skip("no browser here")
    yield
    render.close()


def test_a_figure_becomes_a_picture_in_every_form(chromium):
    png = render.render(FIGURE, "png")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) == render.WIDTH * render.SCALE
    assert int.from_bytes(png[20:24]) == 300 * render.SCALE
    svg = render.render(FIGURE, "svg")
    assert svg.startswith(b"<svg")
    assert b"http://" not in svg.replace(b"http://www.w3.org", b"")
    assert render.render(FIGURE, "pdf").startswith(b"%PDF")


def test_threads_may_draw_at_once_and_a_browser_that_ended_is_started_anew(chromium):
    drawn = []
    figures = [go.Figure(layout={"height": 100 * (i + 1)}) for i in range(3)]
    threads = [
        threading.Thread(target=lambda f=f: drawn.append((f, render.render(f, "png"))))
        for f in figures
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {int.from_bytes(png[20:24]) for _, png in drawn} == {200, 400, 600}
    for figure, png in drawn:
        assert int.from_bytes(png[20:24]) == figure.layout.height * render.SCALE
    render.close()
    assert render.render(FIGURE, "svg").startswith(b"<svg")


def test_a_browser_that_does_not_answer_is_closed_and_another_one_started(monkeypatch):
    made = []

    class Kaleido:
        def __init__(self, **how):
            self.closed = False
            made.append(self)

        async def open(self):
            if len(made) == 1:
                await asyncio.Event().wait()

        async def calc_fig(self, figure, opts):
            return b"drawn"

        async def close(self):
            self.closed = True

    monkeypatch.setattr("kaleido.Kaleido", Kaleido)
    monkeypatch.setattr(render, "browser", lambda: "/somewhere")
    monkeypatch.setattr(render, "START_S", 0.2)
    try:
        assert render.render(FIGURE, "png") == b"drawn"
        assert [each.closed for each in made] == [True, False]
    finally:
        render.close()
    assert [each.closed for each in made] == [True, True]


def test_without_a_browser_it_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(render, "browser", lambda: None)
    with pytest.raises(BrowserMissing, match="need Chrome or Chromium"):
        render.render(FIGURE, "png")


def test_a_browser_that_does_not_start_is_a_typed_error(monkeypatch):
    class Broken:
        def __init__(self, **how):
            raise RuntimeError("no such thing")

    monkeypatch.setattr("kaleido.Kaleido", Broken)
    monkeypatch.setattr(render, "browser", lambda: "/somewhere")
    for _ in range(2):  # and the next try is a new one
        with pytest.raises(RenderError, match="no such thing"):
            render.render(FIGURE, "png")
