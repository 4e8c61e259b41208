"""Runs to another Stepscope and back: a button for a capsule, a place to drop one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from cache.errors import CapsuleRefused, StepscopeError
from dashboard.data.export import capsule_bytes, capsule_name
from dashboard.ui.downloads import offer_file
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import rerun_page
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.capsules.importing import Imported, import_runs
from engine.chain.records import Manifest
from engine.reviews.boards import load_board

NEW = "new"  # what is told of a capsule that came in
TAKEN = "capsule-taken"  # in the session: the last file that was imported or refused
TOLD = "capsule-told"  # in the session: what came of the last capsule


def offer_capsule(
    manifests: Sequence[Manifest],
    *,
    key: str = "capsule",
    width: Literal["content", "stretch"] = "stretch",
) -> None:
    """A button that downloads runs as one capsule; disabled where there is none to download."""
    runs = [manifest.run for manifest in manifests]
    if not runs:
        hint = "Select runs first."
        st.button("Capsule", disabled=True, key=f"{key}-none", help=hint, width=width)
        return
    store = the_store()
    many = "" if len(runs) == 1 else f" of {len(runs)} runs"
    offer_file(
        f"Capsule{many}",
        lambda: capsule_bytes(store, runs),
        file_name=capsule_name(runs),
        mime="application/zip",
        key=key,
        hint="Every stored step, to be opened by another Stepscope without any model.",
        width=width,
    )


def import_capsule() -> None:
    """A place to drop a capsule; why the last one was refused stays told until the next.

    What came in is told by ``tell_imported``, on a page that is drawn anew with it.
    """
    dropped = st.file_uploader(
        "Import a capsule",
        type="zip",
        key="capsule-import",
        help="Runs of another Stepscope. One too large to be uploaded goes in with "
        "`python -m engine runs import FILE`.",
    )
    # the uploader keeps its file: a rerun must not import it once more
    if dropped is not None and st.session_state.get(TAKEN) != dropped.file_id:
        with st.spinner("Checking every entry before anything is kept"):
            st.session_state[TOLD] = _imported(dropped)
            st.session_state[TAKEN] = dropped.file_id
        if st.session_state[TOLD][0] == NEW:
            rerun_page()
    kind, message = st.session_state.get(TOLD, ("", ""))
    if kind not in ("", NEW):
        say_trouble(escaped(kind), message)


def tell_imported() -> None:
    """What the last capsule brought, until the next one."""
    kind, message = st.session_state.get(TOLD, ("", ""))
    if kind == NEW:
        st.success(escaped(message))


def _imported(dropped: io.BytesIO) -> tuple[str, str]:
    """What came of one try: (NEW, what) or (what failed, why, which may quote the capsule)."""
    try:
        imported = import_runs(the_store(), dropped)
    except CapsuleRefused as error:
        return "This capsule was refused, and nothing of it was imported.", error.reason
    except StepscopeError as error:
        return "This capsule could not be kept.", str(error)
    return NEW, imported_line(imported, [_title(board) for board in imported.boards])


def _title(board: str) -> str:
    """What a board is called here; its id where it cannot be read."""
    try:
        return load_board(the_store(), board).title
    except StepscopeError:
        return board[:12]


def imported_line(imported: Imported, boards: Sequence[str] = ()) -> str:
    """What a capsule brought, in words; ``boards`` are the titles of those that came along."""
    new, here = len(imported.new_runs), len(imported.present_runs)
    line = f"{new} {'run' if new == 1 else 'runs'} new, {here} already here"
    if imported.new_entries and here:
        line += f"; {imported.new_entries} steps and pictures were added"
    if imported.left_out:
        line += f"; {imported.left_out} pictures of steps computed here were left out: decode them"
    if boards:
        many = "the board" if len(boards) == 1 else f"{len(boards)} boards:"
        line += f"; with {many} {', '.join(f'“{title}”' for title in boards[:5])}"
        line += " and more" if len(boards) > 5 else ""
    return line + ". What was here already was not changed."
