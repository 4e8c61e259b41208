"""Figures as PNG, SVG and PDF: kaleido, with the browser that this machine has.

The browser starts with the first figure (seconds), serves every page and person, and ends when
nothing was asked of it for a while. It loads plotly.js from this disk and nothing else.
"""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import shutil
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

import plotly.graph_objects as go

from cache.errors import BrowserMissing, RenderError

Format = Literal["png", "svg", "pdf"]
FORMATS: tuple[Format, ...] = get_args(Format)
WIDTH = 1200  # pixels of a figure that takes the width it is given
HEIGHT = 450
SCALE = 2  # of PNGs: legible on a projector
TIMEOUT_S = 90.0
IDLE_S = 300.0
START_S = 40.0
STARTS = 2  # browsers that are tried
END_S = 15.0
MISSING = "PNG, SVG and PDF need Chrome or Chromium on the machine that serves this dashboard."


@lru_cache(maxsize=1)
def browser() -> str | None:
    """The path of the browser that would draw, None when there is none."""
    from choreographer.browsers.chromium import Chromium  # here: no page needs it before a popover

    if (shell := shutil.which("chromium-headless-shell")) is not None:  # starts in half the time
        return shell
    path = Chromium.find_browser(skip_local=False)
    return str(path) if path else None


def render(figure: go.Figure, kind: Format, *, scale: float = SCALE) -> bytes:
    """A figure as a picture, at its own size; takes part of a second, the first time seconds.

    ``scale``: pixels of a PNG for each of the figure's own.

    Safe from any thread. Raises BrowserMissing, RenderError.
    """
    if browser() is None:
        raise BrowserMissing(MISSING)
    data = _drawer.draw(figure, kind, scale)
    if kind == "svg":  # Streamlit tells large files apart by their length and a sample of them
        data += f"<!-- sha256 {hashlib.sha256(data).hexdigest()} -->\n".encode()
    return data


class _Drawer:
    """One browser on an event loop in a thread of its own, started when it is needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._serving: _Serving | None = None
        self._idle: threading.Timer | None = None

    def draw(self, figure: go.Figure, kind: Format, scale: float) -> bytes:
        options = {
            "format": kind,
            "width": int(figure.layout.width or WIDTH),
            "height": int(figure.layout.height or HEIGHT),
            "scale": scale if kind == "png" else 1,
        }
        with self._lock:  # one at a time: the browser has one tab
            try:
                serving = self._serving or self._start()
                drawing = serving.kaleido.calc_fig(figure.to_dict(), opts=options)
                asked = asyncio.run_coroutine_threadsafe(drawing, serving.loop)
                data = bytes(asked.result(TIMEOUT_S))
            except Exception as error:  # whatever it was, the next figure gets a new browser
                self._end()
                raise RenderError(f"the figure could not be drawn: {error!r}") from error
            self._end_later()
        return data

    def close(self) -> None:
        """End the browser; the next figure starts another."""
        with self._lock:
            self._end()

    def _start(self) -> _Serving:
        """A browser that answers; another one where the first does not.

        Where a browser has just ended, choreographer's reader of its pipe may still be there and
        take the answers of the next one, whose pipe got the same number.
        """
        for attempt in range(STARTS):
            ready: Future[_Serving] = Future()
            self._thread = threading.Thread(target=asyncio.run, args=(_serve(ready),), daemon=True)
            self._thread.start()
            try:
                self._serving = ready.result(START_S + END_S)
                break
            except Exception:
                if attempt == STARTS - 1:
                    raise
                self._thread.join(END_S)
        assert self._serving is not None
        return self._serving

    def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        if self._serving is not None:
            with suppress(RuntimeError):  # its loop has ended already
                self._serving.loop.call_soon_threadsafe(self._serving.stop.set)
        if self._thread is not None:
            self._thread.join(END_S)
        self._serving = self._thread = None

    def _end_later(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = threading.Timer(IDLE_S, self.close)
        self._idle.daemon = True
        self._idle.start()


@dataclass(frozen=True, slots=True)
class _Serving:
    """A browser that is up, the loop it belongs to, and what ends it."""

    loop: asyncio.AbstractEventLoop
    kaleido: Any
    stop: asyncio.Event


async def _serve(ready: Future[_Serving]) -> None:
    from kaleido import Kaleido  # here: a fifth of a second that only a click has to wait for

    try:
        # MathJax would be asked of a server elsewhere
        kaleido = Kaleido(path=browser(), n=1, mathjax=False, timeout=TIMEOUT_S)
    except Exception as error:
        ready.set_exception(error)
        return
    try:
        async with asyncio.timeout(START_S):
            await kaleido.open()
        stop = asyncio.Event()
        ready.set_result(_Serving(asyncio.get_running_loop(), kaleido, stop))
        await stop.wait()
    except Exception as error:
        ready.set_exception(error)
    finally:
        with suppress(Exception):  # it is given up either way
            async with asyncio.timeout(END_S):
                await kaleido.close()


_drawer = _Drawer()
close = _drawer.close
atexit.register(close)
