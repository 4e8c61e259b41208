"""What this installation is made of: the store, the models, the device, the versions."""

from __future__ import annotations

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.system import data
from dashboard.data.export import inert
from dashboard.ui.jobs import say_trouble
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.models.registry import listed_models

EXAMINED = "examined"  # in the session: what the doctor found


def show_store() -> None:
    """Where the store is, how much it holds of what, and how much room is left."""
    store = the_store()
    stats = store.stats()
    runs = stats.by_prefix["run"].entries if "run" in stats.by_prefix else 0
    st.subheader("Store")
    st.code(str(stats.folder), language=None)
    figures = {
        "Runs": f"{runs:,}",
        "Entries": f"{stats.entries:,}",
        "Size": size(stats.size_bytes),
        "Free on its disk": size(stats.free_bytes),
        "Pinned runs": f"{len(store.pins()):,}",
    }
    for column, (label, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.metric(label, escaped(value))
    st.dataframe(
        inert(data.store_table(stats)),
        hide_index=True,
        width="stretch",
        height="content",
        column_config={
            "what": st.column_config.TextColumn("What", width="large"),
            "entries": st.column_config.NumberColumn("Entries", format="localized"),
            "MB": st.column_config.NumberColumn("MB", format="%.2f"),
        },
    )
    st.caption("Nothing is evicted: what is here stays until somebody deletes it.")


def show_models() -> None:
    """Which models can be used here; another one is any local folder or hub id."""
    st.subheader("Models")
    with st.spinner("Checking the models' files"):
        table = data.model_table(listed_models())
    st.dataframe(
        inert(table.assign(here=table["here"].map({True: "yes", False: "no"}))),
        hide_index=True,
        width="stretch",
        column_config={
            "model": st.column_config.TextColumn("Model", width=266),
            "kind": st.column_config.TextColumn("Kind", width=60),
            "here": st.column_config.TextColumn("Here", width=50),
            "source": st.column_config.TextColumn("Source", width=84),
            "licence": st.column_config.TextColumn("Licence", width=160),
            "what": st.column_config.TextColumn("What its files say", width=420),
            "fingerprint": st.column_config.TextColumn("Fingerprint", width=110),
            "folder": st.column_config.TextColumn("Folder", width=300),
        },
    )
    missing = [str(name) for name in table.loc[~table["here"], "model"]]
    if missing:
        st.caption("Where the hub is in reach, a model is downloaded only when somebody asks:")
        st.code(f"python -m engine models fetch {missing[0]}", language="bash")


def show_device() -> None:
    """What a worker would compute on; asked of a process of its own, for torch is not here."""
    st.subheader("Device and versions")
    left, right = st.columns([2, 3])
    table = data.versions()
    with left:
        st.dataframe(
            inert(table),
            hide_index=True,
            width="stretch",
            height="content",
            column_config={"package": "Package", "version": "Version"},
        )
    with right:
        st.caption(
            "This server never imports torch. The examination starts a process that does, as a "
            "worker would, and takes some seconds."
        )
        if st.button("Examine this machine", key="examine"):
            _examine()
        if EXAMINED in st.session_state:
            checks = st.session_state[EXAMINED]
            elsewhere = {*table["package"], *(model.name for model in listed_models())}
            st.dataframe(
                inert(checks[~checks["name"].isin(elsewhere)]),  # those are beside it and above
                hide_index=True,
                width="stretch",
                height="content",
                column_config={
                    "name": st.column_config.TextColumn("What", width=110),
                    "state": st.column_config.TextColumn("State", width=60),
                    "detail": st.column_config.TextColumn("Detail", width=370),
                },
            )


def _examine() -> None:
    try:
        with st.spinner("Examining", show_time=True):
            st.session_state[EXAMINED] = data.examine(the_store().folder)
    except StepscopeError as error:
        say_trouble("This machine could not be examined.", str(error))


def size(size_bytes: int) -> str:
    """Bytes as people say them."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes / 1e6:.1f} MB"
