"""The board as one document that is read without Stepscope."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.data import render
from dashboard.data.export import file_stem
from dashboard.ui.downloads import offer_file
from dashboard.ui.stores import the_store
from engine.reviews.boards import Board
from engine.reviews.report import report_html, report_markdown
from engine.reviews.report_pdf import printed

Form = tuple[str, str, str, Callable[[], bytes]]  # its name, its ending, its type, what makes it


def offer_report(board: Board) -> None:
    """The report to download, and what is in it."""
    store, stem = the_store(), file_stem(board.title)
    st.markdown(
        "One document with every item, its pictures or words, the settings that differ, the votes "
        "with their intervals, what was said, and what was decided by whom."
    )
    forms: tuple[Form, ...] = (
        ("HTML, one file", "html", "text/html", lambda: report_html(store, board.id)),
        ("Markdown", "md", "text/markdown", lambda: report_markdown(store, board.id)),
    )
    browser = render.browser()
    if browser is not None:
        printing = browser  # the lambda is called later
        forms = (
            *forms,
            (
                "PDF",
                "pdf",
                "application/pdf",
                lambda: printed(report_html(store, board.id), printing),
            ),
        )
    with st.container(horizontal=True):
        for label, ending, mime, make in forms:
            offer_file(label, make, file_name=f"{stem}.{ending}", mime=mime, key=f"report-{ending}")
    st.caption("The HTML file asks nothing of the network and prints as pages. From a shell:")
    st.code(f"python -m engine report {board.id[:12]} --to report.html", language="bash")
