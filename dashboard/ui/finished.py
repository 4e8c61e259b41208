"""Image runs and their finished pictures, read once and held for every page and person."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.finished import Finished, load_finished
from dashboard.ui.page_record import note_runs
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_shelf, the_store
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.image import keys as image_keys


def image_runs() -> list[Manifest]:
    """Every image run of the store, newest first, read anew when a run comes or goes."""
    return the_shelf().manifests(the_store(), "image")


@st.cache_resource(max_entries=1024, show_spinner=False)
def _finished(folder: str, run: str) -> Finished | None:
    store = the_store()
    return load_finished(store, manifests.load(store, run))


def finished_pictures(runs: Iterable[Manifest], *, shown: bool = True) -> dict[str, Finished]:
    """The last pictures of the runs that have one, by run; damaged ones are told of.

    ``shown``: whether the page shows these runs, and does not only offer them to choose from.
    """
    store, listed = the_store(), list(runs)
    present = store.present([image_keys.decode_key(m.step_keys[-1], "latents") for m in listed])
    pictures, damaged = {}, []
    with st.spinner(f"Reading {sum(present)} pictures", show_time=False):
        for manifest, there in zip(listed, present, strict=True):
            if not there:
                continue
            try:
                picture = _finished(str(store.folder), manifest.run)
            except StepscopeError:
                damaged.append(manifest.short)
                continue
            if picture is not None:
                pictures[manifest.run] = picture
            if shown:
                note_runs([manifest])
    if damaged:
        st.warning(
            f"{len(damaged)} pictures are damaged and left out, the first of run "
            f"{escaped(damaged[0])}. "
            "`python -m engine store verify` names all that is damaged."
        )
    return pictures
