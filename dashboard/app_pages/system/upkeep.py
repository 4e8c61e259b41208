"""Looking after the store: verify it, and free space after saying what that would free."""

from __future__ import annotations

import streamlit as st

from cache import upkeep
from cache.errors import StepscopeError
from cache.upkeep import GcReport, VerifyReport
from dashboard.app_pages.system import data
from dashboard.app_pages.system.data import DAY_S, MIB
from dashboard.app_pages.system.view import size
from dashboard.data.export import inert
from dashboard.ui.jobs import say_trouble
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.capsules.verifying import drop_unreadable, verify_store

VERIFIED = "verified"  # in the session: the last report
PLANNED = "clean-up-planned"  # in the session: the bounds, and the dry run's report
ASKED = "clean-up-asked"  # in the session: what was asked to be freed and not confirmed yet
TOLD = "upkeep-told"  # in the session: what was done last


def offer_verify() -> None:
    """Re-hash everything that is stored; what is damaged can then be dropped."""
    store = the_store()
    st.subheader("Verify")
    st.caption(
        "Reads and re-hashes every entry and looks for files that no entry names. It changes "
        "nothing, and others may go on working."
    )
    if st.button("Verify the store", key="verify"):
        bar = st.progress(0.0, text="Listing")
        shown = [0]

        def show_progress(done: int, total: int) -> None:
            if done * 100 // total > shown[0]:
                shown[0] = done * 100 // total
                bar.progress(done / total, text=f"{done:,} of {total:,} entries")

        try:
            st.session_state[VERIFIED] = verify_store(store, on_progress=show_progress)
        except StepscopeError as error:
            say_trouble("The store could not be verified.", str(error))
        bar.empty()
    report: VerifyReport | None = st.session_state.get(VERIFIED)
    if report is not None:
        _show_verified(report)


def _show_verified(report: VerifyReport) -> None:
    faulty = len(report.faulty)
    if not faulty and not report.foreign:
        st.success(f"All {report.checked:,} entries are what was stored.")
    else:
        st.error(
            f"Of {report.checked:,} entries {len(report.damaged)} are damaged, "
            f"{len(report.missing)} have lost their file and {len(report.unreadable)} cannot be "
            f"read; {report.foreign:d} rows are of unknown origin."
        )
        if faulty:
            st.dataframe(inert(data.fault_table(report)), hide_index=True, width="stretch")
        st.caption("What is dropped is computed again when it is asked for.")
        if st.button(f"Drop these {faulty + report.foreign:d}", key="drop"):
            _drop(report)
    if report.later:
        st.info(
            f"{len(report.later)} entries were made by a later version of Stepscope: they are "
            "kept, and this version cannot read them."
        )
    if report.orphaned:
        st.caption(f"{len(report.orphaned)} files that no entry names; a clean-up removes them.")


def _drop(report: VerifyReport) -> None:
    try:
        dropped = drop_unreadable(the_store(), report)
    except StepscopeError as error:
        say_trouble("Nothing was dropped.", str(error))
        return
    del st.session_state[VERIFIED]
    st.session_state[TOLD] = f"{dropped} entries were dropped."
    st.rerun()


def offer_clean_up() -> None:
    """Free space: first what would go, then a button that frees exactly that."""
    st.subheader("Free space")
    st.caption(
        "Always: what killed writers left behind, and steps older than a day that no run names. "
        "Beyond that, whole runs with the steps that only they have. Pinned runs always stay."
    )
    aged, small, go = st.columns([2, 2, 1.4], vertical_alignment="bottom")
    older = aged.number_input(
        "Runs older than (days)", 0.0, 36_500.0, None, key="older", placeholder="keep all"
    )
    most = small.number_input(
        "Oldest runs first, down to (MiB)", 0.0, 1e9, None, key="down-to", placeholder="no bound"
    )
    bounds = (older, most)
    if go.button("What would it free?", key="dry-run", width="stretch"):
        _plan(bounds)
    planned = st.session_state.get(PLANNED)
    if planned is not None and planned[0] == bounds:
        _offer_to_free(bounds, planned[1])
    elif planned is not None:
        del st.session_state[PLANNED]
    message = st.session_state.pop(TOLD, None)
    if message:
        st.info(escaped(message))


def _plan(bounds: tuple[float | None, float | None]) -> None:
    report = _clean_up(bounds, dry_run=True)
    if report is not None:
        st.session_state[PLANNED] = (bounds, report)


def _offer_to_free(bounds: tuple[float | None, float | None], report: GcReport) -> None:
    pinned = len(the_store().pins())
    kept = f", with all {pinned:,} pinned runs" if pinned else ""
    st.markdown(
        f"It would free **{size(report.freed_bytes)}**: {len(report.runs):,} runs, "
        f"{report.entries:,} entries in all, {report.orphans:,} files that no entry names. "
        f"{size(report.left_bytes)} would be left{kept}."
    )
    if report.runs:
        st.dataframe(
            inert(data.going_table(the_store(), report.runs)),
            hide_index=True,
            width="stretch",
        )
        if len(report.runs) > 200:
            st.caption("The 200 oldest of them are shown.")
    nothing = not report.entries and not report.orphans
    if st.button("Free it", type="primary", disabled=nothing, key="free"):
        st.session_state[ASKED] = (bounds, report)
    if st.session_state.get(ASKED) == (bounds, report):
        _ask_once_more(bounds, report)
    if nothing:
        st.caption("There is nothing to free within these bounds.")
    else:
        st.caption("It cannot be undone.")


def _ask_once_more(bounds: tuple[float | None, float | None], report: GcReport) -> None:
    """What goes, and the last word on it."""
    runs = f"{len(report.runs):,} runs with every step that only they have, "
    st.warning(
        f"This deletes {runs if report.runs else ''}{report.entries:,} entries in all, and frees "
        f"{size(report.freed_bytes)}. It cannot be undone."
    )
    yes, no = st.columns(2)
    if yes.button("Delete them", type="primary", key="free-yes", width="stretch"):
        del st.session_state[ASKED]
        _free(bounds, report)
    if no.button("Keep them", key="free-no", width="stretch"):
        del st.session_state[ASKED]
        st.rerun()


def _free(bounds: tuple[float | None, float | None], planned: GcReport) -> None:
    """Do what was told; when other runs would go by now, tell that instead."""
    now = _clean_up(bounds, dry_run=True)
    if now is None:
        return
    if now.runs != planned.runs:
        st.session_state[PLANNED] = (bounds, now)
        st.session_state[TOLD] = "Nothing was freed: the store has changed. Look once more."
        st.rerun()
    done = _clean_up(bounds, dry_run=False)
    if done is not None:
        del st.session_state[PLANNED]
        st.session_state[TOLD] = (
            f"{size(done.freed_bytes)} were freed: {len(done.runs)} runs, {done.entries} entries "
            f"in all, {done.orphans} files that no entry named."
        )
        st.rerun()


def _clean_up(bounds: tuple[float | None, float | None], *, dry_run: bool) -> GcReport | None:
    older, most = bounds
    try:
        with st.spinner("Looking at every run" if dry_run else "Freeing"):
            return upkeep.gc(
                the_store(),
                older_than_s=None if older is None else older * DAY_S,
                to_size_bytes=None if most is None else int(most * MIB),
                dry_run=dry_run,
            )
    except StepscopeError as error:
        say_trouble("Nothing was freed.", str(error))
        return None
