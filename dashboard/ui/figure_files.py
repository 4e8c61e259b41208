"""A figure's files: asked for in a dialog, made when they are clicked."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any, get_args

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.data import render
from dashboard.data.export import figure_html, file_stem, table_csv, table_parquet
from dashboard.data.provenance import with_provenance
from dashboard.figures.printed import (
    LONGEST,
    POINTS,
    PX_MM,
    Background,
    MadeFor,
    Wanted,
    at_most_wide,
    printed,
)
from dashboard.ui.downloads import offer_file
from dashboard.ui.link import params
from dashboard.ui.page_record import noted_runs
from dashboard.ui.plain import escaped
from dashboard.ui.state import mode

OWN_DPI, SCREEN_DPI, PRINT_DPI = 96, 192, 300  # pixels of an inch
PREVIEW = 680  # pixels of a figure in the dialog
PAGE_MM = 297  # the height of a page of A4
SIZE_MM, SIZE_PIXELS = "{:.0f} × {:.0f} mm", "{:.0f} × {:.0f} pixels"
Table = Callable[[], pd.DataFrame]
MIME: dict[render.Format, str] = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}
LATEX = """\\begin{{figure}}
  \\centering
  \\includegraphics[width={width}]{{{file}}}
  \\caption{{{said}}}
  \\label{{fig:{stem}}}
\\end{{figure}}"""
SPECIAL = str.maketrans(
    {each: f"\\{each}" for each in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


def offer_figure_files(
    draw: Callable[[], go.Figure], name: str, data: Table | None, *, label: str = "Download"
) -> None:
    """A button that asks how the figure is to be printed, and draws it then."""
    if st.button(label, key=f"export-{name}", type="tertiary", icon=":material/download:"):
        _ask(draw(), name, data)


@st.dialog("Download", width="large")
def _ask(figure: go.Figure, name: str, data: Table | None) -> None:
    wanted = _ask_wanted(name)
    _preview(figure, wanted, name)
    facts = _facts(name)
    if render.browser() is None:
        st.caption(f"{render.MISSING} The camera above the figure saves an SVG.")
    else:
        with st.container(horizontal=True):
            for kind in render.FORMATS:
                offer_file(
                    escaped(kind.upper()),
                    partial(_drawn, figure, wanted, kind, name, facts),
                    file_name=f"{file_stem(name)}.{kind}",
                    mime=MIME[kind],
                    key=f"{kind}-{name}",
                )
    with st.container(horizontal=True):
        offer_file(
            "HTML that can be hovered",
            partial(figure_html, figure, name=name),
            file_name=f"{file_stem(name)}.html",
            mime="text/html",
            key=f"html-{name}",
        )
        if data is not None:
            _offer_table(data, name)
    width = r"\columnwidth" if wanted.made_for == "one column" else r"\textwidth"
    stem = file_stem(name)
    st.code(
        LATEX.format(
            width=width,
            file=f"{stem}.pdf",
            said=wanted.caption.translate(SPECIAL),
            stem=stem,
        ),
        language="latex",
    )


def _ask_wanted(name: str) -> Wanted:
    """What was asked last is asked again for the next figure, but for title and caption."""
    made_for: MadeFor = st.segmented_control(
        "Made for", get_args(MadeFor), key="print-for", default=_kept("print-for", "screen"),
        format_func={"one column": "One column (85 mm)", "two columns": "Two columns (180 mm)",
                     "slide": "Slide (16:9)", "screen": "Screen"}.__getitem__,
        required=True, persist_state="session",
    )  # fmt: skip
    left, right = st.columns(2)
    points = left.number_input(
        "Font size (5 to 40 points)",
        5.0,
        40.0,
        float(POINTS[made_for]),
        0.5,
        key=f"print-points-{made_for}",
    )
    background: Background = right.segmented_control(
        "Background", get_args(Background), key="print-background",
        default=_kept("print-background", mode()), format_func=str.capitalize, required=True,
        persist_state="session",
    )  # fmt: skip
    left, right = st.columns(2)
    title = left.text_input("Title (none when empty)", max_chars=LONGEST, key=f"print-title-{name}")
    caption = right.text_input(
        "Caption (none when empty)", max_chars=LONGEST, key=f"print-caption-{name}"
    )
    return Wanted(made_for, float(points), background, title.strip(), caption.strip())


def _preview(figure: go.Figure, wanted: Wanted, name: str) -> None:
    """The figure as it will be printed, drawn by the browser, and how large that is."""
    drawn = printed(figure, wanted)
    shown = at_most_wide(drawn, PREVIEW)
    st.plotly_chart(
        shown, width="content", theme=None, key=f"preview-{name}", config={"staticPlot": True}
    )
    wide, high = drawn.layout.width, drawn.layout.height
    size = (
        SIZE_PIXELS.format(wide, high)
        if wanted.made_for == "screen"
        else SIZE_MM.format(wide / PX_MM, high / PX_MM)
    )
    share = round(100 * shown.layout.width / wide)
    if wanted.made_for != "screen" and high / PX_MM > PAGE_MM:
        st.warning(
            f"This is {high / PX_MM:.0f} mm high, more than a page of A4 ({PAGE_MM:d} mm): it will "
            "be cut or made smaller there."
        )
    st.caption(
        f"{escaped(size)}" if share == 100 else f"{escaped(size)}, shown here at {share:d} %"
    )


def _kept(key: str, usual: str) -> Any:
    """A widget's default, unless its state is set: Streamlit takes one of the two."""
    return None if key in st.session_state else usual


def _drawn(
    figure: go.Figure, wanted: Wanted, kind: render.Format, name: str, facts: dict[str, Any]
) -> bytes:
    dpi = SCREEN_DPI if wanted.made_for in ("screen", "slide") else PRINT_DPI
    drawn = render.render(printed(figure, wanted), kind, scale=dpi / OWN_DPI)
    title = wanted.title or plain_name(name)
    return with_provenance(drawn, kind, title=title, facts=facts, dpi=dpi)


def plain_name(name: str) -> str:
    """A figure's name as a title: ``Confidence over steps``."""
    words = [word for word in name.split("-") if not word.isdecimal()]
    return " ".join(words).capitalize()


def _facts(name: str) -> dict[str, Any]:
    """What a file says of where it comes from."""
    return {
        "figure": name,
        "page": st.context.url or "",
        "state": params.to_dict(),
        "runs": noted_runs(),
        "made": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime()),
        "versions": {each: version(each) for each in ("streamlit", "plotly", "numpy")},
    }


def _offer_table(data: Table, name: str) -> None:
    stem = file_stem(name)
    offer_file(
        "Data as CSV",
        lambda: table_csv(data()),
        file_name=f"{stem}.csv",
        mime="text/csv",
        key=f"csv-{name}",
    )
    offer_file(
        "Data as Parquet",
        lambda: table_parquet(data()),
        file_name=f"{stem}.parquet",
        mime="application/vnd.apache.parquet",
        key=f"parquet-{name}",
    )
