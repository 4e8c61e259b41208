"""What can be done with the selected runs: open, pin, delete."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cache.store import Store
from dashboard.data.library import Entry
from dashboard.ui.stores import the_store

PAGES = {
    "text": "app_pages/text_unmasking.py",
    "corruption": "app_pages/text_corruption.py",
    "image": "app_pages/image_denoising.py",
}


def offer_actions(chosen: Sequence[Entry]) -> None:
    """Buttons for the selected entries; nothing when none is selected."""
    if not chosen:
        return
    store = the_store()
    one = chosen[0]
    page = PAGES.get(one.manifest.kind)
    opened, pinned, deleted, _ = st.columns([1, 1, 1, 3])
    if opened.button(
        "Open",
        type="primary",
        disabled=len(chosen) != 1 or page is None,
        key="open",
        width="stretch",
    ):
        st.switch_page(str(page), query_params={"run": one.manifest.run})
    all_pinned = all(e.pinned for e in chosen)
    if pinned.button("Unpin" if all_pinned else "Pin", key="pin", width="stretch"):
        for entry in chosen:
            (store.unpin if all_pinned else store.pin)(entry.manifest.run)
        st.rerun()
    if deleted.button("Delete", key="delete", width="stretch"):
        confirm_delete(store, chosen)


@st.dialog("Delete runs")
def confirm_delete(store: Store, chosen: Sequence[Entry]) -> None:
    """Say what goes and what stays, then do it or not."""
    from cache.upkeep import delete_runs

    pinned = [e for e in chosen if e.pinned]
    runs = [e.manifest.run for e in chosen if not e.pinned]
    report = delete_runs(store, runs, dry_run=True)
    for entry in chosen[:8]:
        st.text(f"{entry.short}  {entry.words[:60]}")
    if len(chosen) > 8:
        st.text(f"and {len(chosen) - 8} more")
    if pinned:
        st.warning(f"{len(pinned)} of them pinned: they stay.")
    st.write(
        f"This frees {report.freed_bytes / 1e6:.1f} MB. Steps that other runs share stay, and "
        "so do the other runs. It cannot be undone."
    )
    yes, no = st.columns(2)
    if yes.button("Delete", type="primary", disabled=not runs, key="yes", width="stretch"):
        delete_runs(store, runs, dry_run=False)
        st.rerun()
    if no.button("Keep", key="no", width="stretch"):
        st.rerun()
