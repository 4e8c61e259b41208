"""What one can do next with a run at a step: links, so that they can be opened beside it."""

from __future__ import annotations

import itertools

import streamlit as st

from dashboard.data.kin import seeds_of
from dashboard.ui.compare_link import MOST, offer_compare
from dashboard.ui.meeting import in_meeting
from dashboard.ui.stores import the_shelf, the_store
from engine.chain.records import Manifest


def offer_next(manifest: Manifest, step: int) -> None:
    """Links to the experiments that begin with this run at this step; none in a meeting."""
    if in_meeting():
        return
    run = manifest.short
    with st.container(horizontal=True):
        seeds = seeds_of(the_store(), the_shelf(), manifest)
        offer_compare(_around(manifest, seeds), "Compare its seeds", step=step)
        over = step >= manifest.step_count  # nothing is left to go on with: the page chooses
        st.page_link(
            "app_pages/fork/page.py",
            icon=":material/fork_right:",
            label="Fork this run" if over else f"Fork at step {step:d}",
            query_params={"run": run} if over else {"run": run, "at": str(step)},
            help="Go on otherwise from this step, and keep both futures.",
        )
        st.page_link(
            "app_pages/no_return/page.py",
            icon=":material/lock_clock:",
            label="Point of no return",
            query_params={"run": run},
            help="How much of the result was decided at each step?",
        )
        st.page_link(
            "app_pages/new_run/page.py",
            icon=":material/add_circle:",
            label="New like it",
            query_params={"from": run},
            help="The form of a new run, filled in with this one's settings.",
        )
        st.page_link(
            "app_pages/why/page.py",
            icon=":material/help_center:",
            label="Why computed?",
            query_params={"run": run, "step": str(step)},
            help="Which fact made this step new; and compute it again to compare.",
        )


def _around(manifest: Manifest, seeds: list[Manifest]) -> list[Manifest]:
    """A run and those of its seeds that Compare takes, the first ones but for the run itself."""
    others = itertools.islice((m for m in seeds if m.run != manifest.run), MOST - 1)
    return sorted([manifest, *others], key=lambda m: int(m.spec.get("seed", 0)))
