"""The page of a zip: what opens first, and shows every figure without a server or a network."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self' file:"
LOOK = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;"
    "color:#16232b;background:#fff}iframe{width:100%;border:1px solid #8fa1ab;border-radius:8px}"
    "a{color:#00598c}section{margin-bottom:2rem}"
)
TALL = 450  # pixels of a figure that says no height of its own
ROOM = 40  # pixels that a figure's page takes beside it


def page_index(
    title: str, made: str, figures: Mapping[str, tuple[int | None, Sequence[str]]]
) -> str:
    """``index.html``: each figure in place, and links to its files.

    ``figures`` maps the stem of each to its height in pixels, None where it has none, and the
    names of its files, the first of them its HTML.
    """
    parts = []
    for stem, (height, files) in figures.items():
        links = ", ".join(
            f'<a href="{html.escape(file)}">{html.escape(file)}</a>' for file in files
        )
        name = html.escape(stem.replace("-", " "))
        parts.append(
            f"<section><h2>{name}</h2>"
            f'<iframe src="{html.escape(files[0])}" title="{name}" '
            f'height="{(height or TALL) + ROOM}"></iframe><p>{links}</p></section>'
        )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
        f"<style>{LOOK}</style></head><body><h1>{html.escape(title)}</h1>"
        f"<p>A page of Stepscope as it was shown on {html.escape(made)}. "
        '<a href="README.md">README.md</a> says where it comes from, '
        '<a href="runs.json">runs.json</a> has the runs.</p>'
        f"{''.join(parts)}</body></html>"
    )
