"""What have we got? Every run of the store."""

import streamlit as st

from dashboard.data import library
from dashboard.ui.empty import offer_demo
from dashboard.ui.library_actions import offer_actions
from dashboard.ui.stores import the_store

st.title("Library")
store = the_store()
found = library.entries(store)
if not found:
    st.write(
        "Stepscope keeps every step of every run and shows them here. "
        "This is where your runs will be."
    )
    offer_demo()
    st.stop()

left, middle, right = st.columns([1, 1, 2])
kinds = left.multiselect("Kind", sorted({e.manifest.kind for e in found}), key="kind")
models = middle.multiselect("Model", sorted({e.manifest.model for e in found}), key="model")
text = right.text_input("Find", placeholder="words, settings, an id", key="find")
shown = library.matching(found, kinds=kinds, models=models, text=text)
st.caption(
    f"{len(shown)} of {len(found)} runs, newest first. Select one to open, pin or delete it."
)
picked = st.dataframe(
    library.table(shown),
    hide_index=True,
    width="stretch",
    height=min(720, 40 + 36 * max(1, len(shown))),
    on_select="rerun",
    selection_mode="multi-row",
    key="library",
    column_config={
        "run": st.column_config.TextColumn("Run", width="small"),
        "kind": st.column_config.TextColumn("Kind", width="small"),
        "words": st.column_config.TextColumn("Text or prompt", width="large"),
        "settings": st.column_config.TextColumn("Settings", width="medium"),
        "steps": st.column_config.TextColumn("Steps", width="small"),
        "model": st.column_config.TextColumn("Model", width="small"),
        "made": st.column_config.TextColumn("Made", width="small"),
        "pinned": st.column_config.CheckboxColumn("Pinned", width="small"),
    },
)
offer_actions([shown[row] for row in picked.selection.rows if row < len(shown)])
