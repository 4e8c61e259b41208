"""Runs as one HTML file that plays: the player's own code, all data inline, no network."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from cache.errors import InvalidInput, PayloadError
from cache.store import Store
from dashboard.data.finished import shrunk
from dashboard.data.image_runs import stored_picture
from dashboard.data.library import in_common
from dashboard.data.scenes import Panel, Scene, has_pictures
from engine.chain.records import Manifest
from engine.image.records import Source
from engine.image.spec import Shown

SCRIPT = Path(__file__).parents[1] / "ui" / "player.js"
MOST_BYTES = 4_600_000  # of all pictures of a file together, as they stand in it
SIDES = (256, 192, 128)  # pixels of a picture's longer side, the largest that fits
LEAST = 12  # steps that are kept before pictures are made smaller
# what Streamlit's theme gives the player on a page, for a page of its own
LOOK = """
:root { color-scheme: light; --st-text-color: #16232b; --st-background-color: #ffffff;
  --st-primary-color: #0072b2; --st-border-color: #8fa1ab; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 24px auto; max-width: 1400px;
  padding: 0 20px; color: #16232b; background: #ffffff; }
h1 { font-size: 26px; margin: 0 0 12px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; font-size: 14px; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
"""
POLICY = (
    "default-src 'none'; img-src data: blob:; connect-src data:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)


def playing_page(
    store: Store,
    scene: Scene,
    runs: Sequence[Manifest],
    *,
    title: str,
    step: int,
    view: str,
    look: Mapping[str, object],
) -> bytes:
    """A file that shows a scene as the player does. Raises InvalidInput where nothing is to see.

    ``view`` is how the player was looked at; ``look`` is what colours it: ``scale``, ``paper``,
    ``fixed``. Pictures are made smaller, and steps left out, until all is at most MOST_BYTES; the
    file says what was done.
    """
    if any(panel["kind"] == "pictures" for panel in scene.panels) and not has_pictures(scene):
        raise InvalidInput("no picture of these runs can be drawn yet: decode them first")
    inline, done = _within(store, scene, runs)
    nearest = min(range(inline.last + 1), key=lambda i: abs(inline.steps[i] - step))
    data = {
        "scene": "file", "placed": "file", "step": nearest, "view": view, "word": None,
        "last": inline.last, "labels": inline.scene.labels, "panels": inline.scene.panels,
        "abreast": scene.abreast,
        **look,
    }  # fmt: skip
    said = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    script = SCRIPT.read_text("utf-8").replace("export default function", "const show = function")
    facts = [("Made by", f"Stepscope, with streamlit {version('streamlit')}"), *done]
    for panel, manifest in zip(scene.panels, runs, strict=True):
        facts.append((str(panel["label"]), f"run {manifest.run}"))
        facts.append(("", _settings(manifest)))
    rows = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts
    )
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
        f"<style>{LOOK}</style></head><body><h1>{html.escape(title)}</h1>"
        f"<p>{html.escape(in_common(runs))}</p>"
        f'<div id="player"></div><h2>Where it comes from</h2><dl>{rows}</dl>'
        f'<script type="application/json" id="data">{said}</script>'
        f"<script>(() => {{\n{script}\n"
        'show({ data: JSON.parse(document.getElementById("data").textContent),\n'
        '  parentElement: document.getElementById("player"), setStateValue() {} });\n'
        "})();</script></body></html>"
    )
    return page.encode()


def _settings(manifest: Manifest) -> str:
    """Every setting of a run, as it is read."""
    settings = {"model": manifest.model, **manifest.spec}
    said = (
        f"{name.replace('_', ' ')}: {'none' if value in (None, '', [], ()) else value}"
        for name, value in settings.items()
    )
    return "; ".join(said)


class _Inline:
    """A scene of some of the slider's positions, its pictures as data URIs."""

    def __init__(self, scene: Scene, steps: Sequence[int]) -> None:
        self.steps = list(steps)
        self.scene = scene

    @property
    def last(self) -> int:
        return len(self.steps) - 1


def _within(
    store: Store, scene: Scene, runs: Sequence[Manifest]
) -> tuple[_Inline, list[tuple[str, str]]]:
    """The scene with its pictures, no larger than a file may be, and what was left out."""
    if not any(panel["kind"] == "pictures" for panel in scene.panels):
        return _Inline(scene, range(scene.last + 1)), []
    for side in SIDES:
        every = 1
        while True:
            steps = sorted({*range(0, scene.last + 1, every), scene.last})
            fits = _filled(store, scene, runs, steps, side)
            if fits is not None:
                return fits, _told(side, every)
            if len(steps) <= LEAST:
                break
            every += 1
    raise InvalidInput(
        f"{len(runs)} runs of {scene.last} steps are too many for one file of "
        f"{MOST_BYTES / 1e6:.1f} MB: take fewer"
    )


def _told(side: int, every: int) -> list[tuple[str, str]]:
    left = [] if every == 1 else [f"every {every}. step and the last; the others are left out"]
    return [("Pictures", "; ".join([f"at most {side} pixels a side", *left]))]


def _filled(
    store: Store, scene: Scene, runs: Sequence[Manifest], steps: Sequence[int], side: int
) -> _Inline | None:
    """The scene at some positions; None as soon as it is larger than a file may be."""
    room, panels = MOST_BYTES, []
    for panel, manifest in zip(scene.panels, runs, strict=True):
        wanted = {panel["at"][step] for step in steps}
        rows = []
        for row in panel["rows"]:
            frames: list[tuple[str, Source] | None] = []
            for index, frame in enumerate(row["frames"]):
                uri = None
                if frame is not None and index in wanted:
                    uri = _uri(store, manifest, index, row["name"], frame[1], side)
                room -= len(uri or "")
                if room < 0:
                    return None
                frames.append(None if uri is None or frame is None else (uri, frame[1]))
            rows.append({**row, "frames": frames})
        filled: Panel = {**panel, "at": [panel["at"][step] for step in steps], "rows": rows}
        panels.append(filled)
    labels = tuple(scene.labels[step] for step in steps)
    return _Inline(replace(scene, labels=labels, panels=tuple(panels)), steps)


def _uri(
    store: Store, manifest: Manifest, index: int, shows: Shown, source: Source, side: int
) -> str | None:
    try:
        picture = stored_picture(store, manifest, index, shows, source)
        if picture is None:
            return None
        kind, data = shrunk(picture.png, side=side)
    except PayloadError:
        return None
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
