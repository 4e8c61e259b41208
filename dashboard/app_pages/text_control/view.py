"""The parts of the control page: the curve, both measures against strength, the sentences."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.text_control import data
from dashboard.app_pages.text_control.figures import control_curve, strength_curves
from dashboard.data.export import inert
from dashboard.data.groups import Group
from dashboard.data.library import asked_words
from dashboard.ui.choices import url_choice
from dashboard.ui.export import show_figure
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from engine.chain import manifests
from engine.chain.records import Manifest

VIEWS = ("Curve", "Against the strength", "Sentences")


def group_line(group: Group) -> str:
    """A group in a line."""
    spec = group.shared
    start = asked_words(spec)
    strengths = sorted({data.strength_of(run.spec) for run in group.runs})
    return (
        f"{', '.join(spec['controls'])[:60]} on {start[:40]}  "
        f"(strength {', '.join(f'{s:g}' for s in strengths)}; {len(group.values('seed'))} seeds; "
        f"{spec['steps']} steps; {str(spec['model']).rsplit('/', 1)[-1]})"
    )


def show_control(group: Group) -> None:
    """Everything of one group."""
    texts = _finished(group.runs)
    if not texts:
        st.info("No text of this comparison is finished yet.")
        return
    table = data.measures(texts)
    sentences = partial(data.sentence_table, texts)
    view = url_choice("View", "view", VIEWS)
    if view == "Sentences":
        shares = st.column_config.NumberColumn(format="%.2f")
        numbers = {"controls met": shares, "log-probability (nats)": shares}
        st.dataframe(inert(sentences()), hide_index=True, width="stretch", column_config=numbers)
    elif view == "Curve":
        show_figure(control_curve(table, mode=mode()), name="control-curve", data=sentences)
    else:
        show_figure(strength_curves(table, mode=mode()), name="control-strength", data=sentences)
    seeds = int(table["seeds"].max()) if len(table) else 0
    st.caption(
        f"Over the {seeds} seeds that every strength has; bars are 95 % bootstrap intervals. Met: "
        "the mean over the controls, 1 or 0 for words, their number and endings, the mean cosine "
        "of the text's words for a topic. Fluency: how likely the plain model, with nothing added, "
        "found each token when it was written."
    )


def _finished(runs: Iterable[Manifest]) -> list[data.Controlled]:
    store, listed = the_store(), list(runs)
    present = store.present([manifest.step_keys[-1] for manifest in listed])
    found, damaged = [], 0
    for manifest, there in zip(listed, present, strict=True):
        if not there:
            continue
        try:
            text = _controlled(str(store.folder), manifest.run)
        except StepscopeError:
            damaged += 1
            continue
        if text is not None:
            found.append(text)
    if damaged:
        st.warning(f"{damaged:d} texts are damaged and left out.")
    return found


@st.cache_resource(max_entries=2048, show_spinner=False)
def _controlled(folder: str, run: str) -> data.Controlled | None:
    store = the_store()
    return data.load_controlled(store, manifests.load(store, run))
