"""The store of this dashboard: opened once, shared by every page and person."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

import streamlit as st

from cache.errors import StepscopeError, StoreError
from cache.folder import default_folder
from cache.guarded import guarded
from cache.store import Store
from dashboard.data.roles import Role, act_of, ask_leave
from dashboard.data.shelf import Shelf, shelf_of
from dashboard.ui.link import stop_page
from dashboard.ui.page_record import note_runs
from dashboard.ui.plain import escaped
from dashboard.ui.roles import the_role
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.image import stored as image_stored
from engine.image.records import ImageRun
from engine.text import stored as text_stored
from engine.text.records import CorruptionRun, TextRun

TRIED_AGAIN_S = 30  # after which a store that could not be written is tried once more
Run = TypeVar("Run", TextRun, CorruptionRun, ImageRun)


@st.cache_resource(show_spinner=False)
def _opened(folder: str) -> Store:
    return Store.open(folder)


@st.cache_resource(show_spinner=False)
def _opened_to_read(folder: str) -> Store:
    return Store.open(folder, to_read=True)


@st.cache_data(ttl=TRIED_AGAIN_S, max_entries=4, show_spinner=False)
def _writable(folder: str) -> str:
    """Why a store cannot be written, asked anew every now and then; '' where it can."""
    try:
        _opened(folder)
    except StoreError as error:
        return str(error)
    return ""


def the_store() -> Store:
    """The open store; a store that cannot be opened stops the page with a clear message.

    One that can only be read (a read-only disk, a full one, another's) is read, and says so. Where
    people have roles, what may be changed in it is what the role of who looks lets them.
    """
    try:
        folder = str(default_folder())
        trouble = _writable(folder)
        role = the_role()
        if role not in (None, "owner") and not trouble:
            return _of_role(folder, role)
        return _opened_to_read(folder) if trouble else _opened(folder)
    except StepscopeError as error:
        st.error("This store cannot be opened.")
        st.text(str(error))
        st.caption("Choose another folder with the environment variable STEPSCOPE_STORE.")
        stop_page()


def open_store() -> Store:
    """The open store itself, whoever looks: for what works on behalf of all of them, as jobs do."""
    return _opened(str(default_folder()))


@st.cache_resource(show_spinner=False)
def _of_role(folder: str, role: Role) -> Store:
    return guarded(
        _opened(folder),
        lambda change, kind: ask_leave(role, act_of(change, kind)),
        read_only=role == "viewer",
    )


def say_read_only() -> bool:
    """Whether the store can only be read, said with the reason where it is so."""
    if not the_store().read_only:
        return False
    if the_role() == "viewer":
        st.info("Your role is viewer: you see everything, and can change nothing.")
        return True
    st.info("This store can only be read here: nothing can be computed, pinned or deleted.")
    st.text(_writable(str(default_folder())))
    return True


def the_shelf() -> Shelf:
    """What the Library remembers of the store's runs, shared by every person."""
    return shelf_of(the_store())


@st.cache_resource(max_entries=64, show_spinner=False)
def _text_run(folder: str, run: str, stored: int) -> TextRun:
    return text_stored.load_text_run(the_store(), run)


@st.cache_resource(max_entries=64, show_spinner=False)
def _corruption_run(folder: str, run: str, stored: int) -> CorruptionRun:
    return text_stored.load_corruption_run(the_store(), run)


@st.cache_resource(max_entries=16, show_spinner=False)
def _image_run(folder: str, run: str, stored: int) -> ImageRun:
    return image_stored.load_image_run(the_store(), run)


def image_run(manifest: Manifest) -> ImageRun:
    """An image run, read once for as long as no step is added to it."""
    store = the_store()
    stored = manifests.stored_steps(store, manifest)
    note_runs([manifest])
    return _whole_enough(manifest, lambda: _image_run(str(store.folder), manifest.run, stored))


def text_run(manifest: Manifest) -> TextRun:
    """A text run, read once for as long as no step is added to it."""
    store = the_store()
    stored = manifests.stored_steps(store, manifest)
    note_runs([manifest])
    return _whole_enough(manifest, lambda: _text_run(str(store.folder), manifest.run, stored))


def corruption_run(manifest: Manifest) -> CorruptionRun:
    """A forward process, read once for as long as no level is added to it."""
    store = the_store()
    stored = manifests.stored_steps(store, manifest)
    note_runs([manifest])
    return _whole_enough(manifest, lambda: _corruption_run(str(store.folder), manifest.run, stored))


def _whole_enough(manifest: Manifest, load: Callable[[], Run]) -> Run:
    """The run; one that is damaged or has nothing to show yet stops the page and says so."""
    if not the_store().has(manifest.step_keys[0]):
        st.info("No step of this run is stored yet.")
        short = manifest.short
        st.page_link("app_pages/new_run/page.py", label="Compute it", query_params={"from": short})
        stop_page()
    try:
        return load()
    except StepscopeError as error:
        stop_unreadable(manifest, error)


def stop_unreadable(manifest: Manifest, error: StepscopeError) -> NoReturn:
    """Say that a run cannot be read and how it is mended, and stop the page."""
    st.error(f"Run {escaped(manifest.short)} cannot be read.")
    st.text(str(error))
    st.caption(
        "The command that made it computes anew what is damaged. `python -m engine store verify` "
        "names all that is, and with `--drop` it is made anew when it is asked for."
    )
    stop_page()
