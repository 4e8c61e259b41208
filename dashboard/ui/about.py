"""What is known of a run beside what it shows: its id, its settings, what people said of it."""

from __future__ import annotations

import streamlit as st

from dashboard.data.glossary import TERMS_OF, meaning_of
from dashboard.data.library import described
from dashboard.ui.add_to_board import keep_slot
from dashboard.ui.meeting import in_meeting
from dashboard.ui.plain import escaped
from dashboard.ui.tour import show_tour
from engine.chain.records import Manifest


def page_head(headline: str, lesson: str) -> None:
    """A page's title, and behind one click what it is about; ``lesson`` is Markdown of our own."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.title(headline, width="content")
        if not in_meeting():
            with st.popover("What is this?", type="tertiary", key="lesson"):
                st.markdown(lesson)
                for word in TERMS_OF.get(headline, ()):
                    st.markdown(f"**{escaped(word)}**: {meaning_of(word)}")
            keep_slot()
    show_tour()


def show_about(manifest: Manifest) -> None:
    """A run's id, model and settings, and its tags and note where it has some."""
    st.text(f"run {manifest.run}")
    st.text(f"{manifest.model}: {described(manifest.spec)}")
    if manifest.tags:
        st.text(f"tags: {', '.join(manifest.tags)}")
    if manifest.note:
        st.text(f"note: {manifest.note}")
