"""Everything a page has shown, as one zip."""

from __future__ import annotations

import streamlit as st

from dashboard.data import render
from dashboard.data.export import file_stem
from dashboard.data.page_zip import page_zip
from dashboard.ui.downloads import offer_file
from dashboard.ui.link import params
from dashboard.ui.page_record import end_page


def offer_page_zip(title: str) -> None:
    """A button for everything the page has shown, as one zip; nothing where it showed no figure.

    Opening it draws the page once more, so that what was moved in the meantime counts.
    """
    record = end_page()
    if record is None or not record.figures:
        return
    with st.popover("Export all of this page", key="page-zip", on_change="rerun") as popover:
        if not popover.open:
            return
        url, state = st.context.url or "", params.to_dict()
        count = len(record.figures)
        forms = "HTML, PNG, SVG and CSV" if render.browser() else "HTML and CSV"
        st.caption(
            f"{count} {'figure' if count == 1 else 'figures'} as {forms}, and where they come "
            "from, as the page was when this was opened. A figure takes about a second."
        )
        if render.browser() is None:
            st.caption(render.MISSING)
        offer_file(
            "Download the zip",
            lambda: page_zip(title, url, state, record),
            file_name=f"stepscope-{file_stem(title)}.zip",
            mime="application/zip",
            key="page-zip-go",
        )
