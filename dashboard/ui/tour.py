"""A tour of a minute through one text and one picture: a link leads from stop to stop."""

from __future__ import annotations

import streamlit as st

from dashboard.data.kin import seeds_of
from dashboard.ui.compare_link import MOST
from dashboard.ui.link import params
from dashboard.ui.stores import the_shelf, the_store
from engine.chain.records import Manifest

TOUR = "tour"  # in the URL: the stop one is at, from 1
RUNS = "tour-runs"  # in the session: the runs it leads through
SAID = (
    "A sentence begins as masks. Press **Play**, or the right arrow key, and watch it come.",
    "**Click a word**: what else was likely there, and a way to force another.",
    "Every reveal was a decision: how sure the model was of each position, before every step.",
    "A picture begins as noise. Left what the sampler holds, right where it thinks it is going.",
    "**Seeds side by side**: wipe, blink or subtract two pictures; one slider moves all.",
)
Stop = tuple[str, dict[str, str]]


def begin_tour(text: Manifest | None, picture: Manifest | None) -> None:
    """A link to the first stop; nothing while there is nothing to be seen."""
    if text is None or picture is None:
        return
    st.session_state[RUNS] = (text, picture)
    page, query = _stops(text, picture)[0]
    st.page_link(
        page=page,
        label="**Take the tour**",
        icon=":material/signpost:",
        query_params=query,
        help="A minute through one text and one picture.",
    )


def show_tour() -> None:
    """At a stop what there is to see, and the way to the next."""
    at, runs = params.get(TOUR, ""), st.session_state.get(RUNS)
    if runs is None or not (at.isdecimal() and 1 <= int(at[:3]) <= len(SAID)):
        return
    stops, number = _stops(*runs), int(at)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"{number:d} of {len(SAID)}. {SAID[number - 1]}", width="stretch")
        if number < len(SAID):
            page, query = stops[number]
            st.page_link(
                page=page,
                label="Next",
                icon=":material/arrow_forward:",
                query_params=query,
            )
        else:
            st.page_link("app_pages/new_run/page.py", label="Make your own")


def _stops(text: Manifest, picture: Manifest) -> list[Stop]:
    unmasking = "app_pages/text_unmasking/page.py"
    seeds = seeds_of(the_store(), the_shelf(), picture)[:MOST]
    compared = ",".join(m.short for m in (seeds if len(seeds) > 1 else [picture]))
    stops: list[Stop] = [
        (unmasking, {"run": text.short, "step": "0"}),
        (unmasking, {"run": text.short, "step": str(text.step_count), "word": "1"}),
        (unmasking, {"run": text.short, "step": str(text.step_count // 2), "view": "Heatmap"}),
        ("app_pages/image_denoising/page.py", {"run": picture.short, "step": "1"}),
        ("app_pages/compare/page.py", {"runs": compared}),
    ]
    return [(page, {**query, TOUR: str(i)}) for i, (page, query) in enumerate(stops, start=1)]
