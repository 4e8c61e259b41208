"""From runs that are shown to the page that compares them: one click."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.ui.link import open_page
from engine.chain.records import Manifest

MOST = 16  # runs that the page compares
KINDS = ("text", "image", "corruption")


def compare_button(runs: Sequence[Manifest], label: str) -> None:
    """The same as a button that nobody overlooks, where it is what comes next."""
    if len(runs) < 2 or runs[0].kind not in KINDS:
        return
    if st.button(label, type="primary", icon=":material/compare:", key="compare-these"):
        open_page("app_pages/compare/page.py", _query(runs))


def offer_compare(runs: Sequence[Manifest], label: str, *, step: int | None = None) -> None:
    """A link to Compare with these runs, the first sixteen; nothing for fewer than two.

    Runs of unlike lengths go together by share of the way.
    """
    if len(runs) < 2 or runs[0].kind not in KINDS:
        return
    query = _query(runs)
    if step is not None:
        query.pop("sync", None)
        query["step"] = str(step)
    st.page_link(
        "app_pages/compare/page.py", label=label, icon=":material/compare:", query_params=query
    )


def _query(runs: Sequence[Manifest]) -> dict[str, str]:
    shown = runs[:MOST]
    together = {"sync": "share"} if len({run.step_count for run in shown}) > 1 else {}
    return {"runs": ",".join(run.short for run in shown), **together}
