"""The board as one document that is read without Stepscope."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from cache.errors import InvalidInput
from cache.store import Store
from dashboard.app_pages.board.data import agenda_table
from dashboard.app_pages.board.results import seen_and_hidden
from dashboard.data import render
from dashboard.data.export import file_stem, inert
from dashboard.ui.downloads import offer_file
from dashboard.ui.stores import the_store
from engine.reviews import voices
from engine.reviews.boards import Board
from engine.reviews.report import report_html
from engine.reviews.report_links import USUAL, checked_address
from engine.reviews.report_markdown import report_markdown_zip
from engine.reviews.report_pdf import printed

Form = tuple[str, str, str, Callable[[], bytes]]  # its name, its ending, its type, what makes it


SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def _slides(store: Store, board: str, address: str) -> bytes:
    from engine.reviews.report_slides import report_slides  # its library takes a while to load

    return report_slides(store, board, address=address)


def offer_report(board: Board) -> None:
    """The report to download, and what is in it."""
    store, stem = the_store(), file_stem(board.title)
    address = _here()  # asked now: what makes a file runs outside the page
    st.markdown(
        "One document with every item, its pictures or words, the settings that differ, the votes "
        "with their intervals, what was said, and what was decided by whom."
    )
    st.dataframe(inert(agenda_table(store, board)), hide_index=True, width="stretch")
    _, hidden = seen_and_hidden(board, voices.verdicts(store, board.id))
    if hidden:
        many = "1 item" if len(hidden) == 1 else f"{len(hidden)} items"
        st.warning(f"A report tells all votes, also those on {many} that you may not see yet.")
        if not st.toggle("Make it all the same", key="report-all"):
            return
    forms: tuple[Form, ...] = (
        (
            "HTML, one file",
            "html",
            "text/html",
            partial(report_html, store, board.id, address=address),
        ),
        (
            "Markdown and figures",
            "md.zip",
            "application/zip",
            partial(report_markdown_zip, store, board.id, address=address),
        ),
        ("Slides (PPTX)", "pptx", SLIDES, lambda: _slides(store, board.id, address)),
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
                lambda: printed(report_html(store, board.id, address=address), printing),
            ),
        )
    with st.container(horizontal=True):
        for label, ending, mime, make in forms:
            offer_file(label, make, file_name=f"{stem}.{ending}", mime=mime, key=f"report-{ending}")
    st.caption(
        "The HTML file asks nothing of the network and prints as pages. Slides have an item each, "
        "with run ids and settings in the notes. Links lead back to this dashboard. From a shell:"
    )
    st.code(f"python -m engine report {board.id[:12]} --to report.html", language="bash")


def _here() -> str:
    """The address of this dashboard, as the browser asked for it."""
    url = (st.context.url or "").partition("?")[0].rpartition("/")[0]
    try:
        return checked_address(url) if url else USUAL
    except InvalidInput:
        return USUAL
