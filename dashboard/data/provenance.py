"""Where a figure comes from, inside the file itself: PNG text, SVG metadata, PDF information."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Mapping
from typing import Any

from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter

from dashboard.data.render import Format

KEY = "Stepscope"


def with_provenance(
    data: bytes, kind: Format, *, title: str, facts: Mapping[str, Any], dpi: float
) -> bytes:
    """The file with a title, and with facts as JSON where programs look for such things.

    ``dpi``: pixels of a PNG for each inch that it is to have.
    """
    said = json.dumps(dict(facts), ensure_ascii=False, allow_nan=False)
    if kind == "png":
        return _png(data, title, said, dpi)
    return _svg(data, title, said) if kind == "svg" else _pdf(data, title, said)


def _png(data: bytes, title: str, said: str, dpi: float) -> bytes:
    """``Title`` and ``Stepscope`` as text chunks; the pixels are the same."""
    text, out = PngImagePlugin.PngInfo(), io.BytesIO()
    text.add_itxt("Title", title)
    text.add_itxt(KEY, said)
    with Image.open(io.BytesIO(data), formats=["PNG"]) as opened:
        opened.save(out, "PNG", pnginfo=text, dpi=(dpi, dpi))
    return out.getvalue()


def _svg(data: bytes, title: str, said: str) -> bytes:
    """``title`` and ``metadata`` as the first elements (SVG 1.1, 5.4 and 21)."""
    head, end, rest = data.partition(b">")
    name, facts = html.escape(title, quote=False), html.escape(said, quote=False)
    inside = f"<title>{name}</title><metadata>{facts}</metadata>".encode()
    return head + end + inside + rest


def _pdf(data: bytes, title: str, said: str) -> bytes:
    """Title and subject of the information dictionary."""
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(data))), io.BytesIO()
    writer.add_metadata({"/Title": title, "/Subject": said, "/Creator": "Stepscope"})
    writer.write(out)
    return out.getvalue()
