"""Runs on one step slider: what they show, where they part, what they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.app_pages.compare import data as compare_data
from dashboard.app_pages.compare.data import Parted, Sync
from dashboard.app_pages.compare.figures import curves, token_differences
from dashboard.data.export import inert
from dashboard.data.library import called
from dashboard.figures.boxes import rows_of_boxes
from dashboard.figures.corruption import corruption_boxes
from dashboard.figures.sentence import text_boxes
from dashboard.ui.choices import url_choice
from dashboard.ui.export import keep_figure, show_figure
from dashboard.ui.linked import link_positions
from dashboard.ui.panels import scene_of, shown_runs
from dashboard.ui.plain import escaped
from dashboard.ui.player import play
from dashboard.ui.playing import offer_playing
from dashboard.ui.state import mode
from dashboard.ui.step_clicks import show_over_steps
from dashboard.ui.stores import the_store
from engine.chain.records import Bools, Manifest
from engine.text.records import CorruptionRun, TextRun

FEW = 4  # runs whose maps are drawn one beside the other
SYNCS = {compare_data.BY_STEP: "by step", compare_data.BY_SHARE: "by share of the way"}
TEXT = {
    "agreement": "share of tokens equal to the first run's",
    "confidence": "mean confidence of what a step reveals",
}
CORRUPTION = {
    "agreement": "share of tokens equal to the first run's",
    "masked": "share of positions masked",
}


def show_shared(manifests: Sequence[Manifest]) -> None:
    """Which steps the runs have in common, and the table of what they have not."""
    for sentence in compare_data.shared_sentences(manifests):
        st.text(sentence)
    table = compare_data.differing(manifests, [_made_by(m) for m in manifests])
    if table.empty:
        st.caption("All their settings are the same, and so is what computed them.")
        return
    st.dataframe(inert(table), width="stretch")
    made = (
        " Made by: where and how the last step was computed; it is no part of a step's key."
        if any(str(row).startswith(compare_data.MADE_BY) for row in table.index)
        else ""
    )
    st.caption(f"Only what differs is listed.{made}")
    if len({m.fingerprint for m in manifests}) > 1:
        st.warning(
            "These runs are of different weights: numbers that compare their tokens or latents "
            "say little where a token id or a latent channel means another thing to each."
        )


def show_texts(runs: Sequence[TextRun | CorruptionRun]) -> None:
    """The texts as rows whose columns are positions, curves, which position differs when."""
    sync, position = synced_player(runs)
    tokens = compare_data.tokens_at(runs, sync)
    differs = None if tokens is None else compare_data.differs_from_first(tokens)
    labels = called([run.manifest for run in runs])
    if differs is None:
        st.info(
            "These texts have different lengths, so figures of their positions are left out; the "
            "player compares those of one length with the first of them."
        )
    else:
        keep_figure(
            partial(_rows_figure, runs, labels, differs, sync.places(position), position),
            name="compared-texts",
            label="Download the texts",
            data=partial(_difference_table, differs, labels),
        )
    text = all(isinstance(run, TextRun) for run in runs)
    table = _text_table(runs, sync)
    show_curves(table, TEXT if text else CORRUPTION, sync, position)
    if differs is not None and len(runs) <= FEW:
        _show_positions(runs, differs, labels, sync, position)
    show_parted(compare_data.parted(runs, tokens), labels, sync)


def synced_player(runs: Sequence[compare_data.AnyRun]) -> tuple[Sync, int]:
    """How runs of different lengths go together, and the player they share."""
    by = compare_data.BY_STEP
    if len({len(run.steps) for run in runs}) > 1:
        by = url_choice("Runs go together", "sync", tuple(SYNCS), SYNCS.get)
    sync = compare_data.sync_of(runs, by)
    positions = range(sync.longest + 1)
    at = [[sync.places(position)[number] for position in positions] for number in range(len(runs))]
    scene = scene_of(runs, at, [sync.label(position) for position in positions])
    position = play(scene, what=f"{shown_runs(runs)}-{by}")
    offer_playing(scene, [run.manifest for run in runs], title="Compared", step=position)
    return sync, position


def show_parted(where: Sequence[Parted], labels: Sequence[str], sync: Sync) -> None:
    """Where each run leaves the first one: by its keys, and by what was stored."""
    st.markdown("**Where each leaves the first**")
    table = compare_data.parting_table(where, labels, sync)
    st.dataframe(inert(table), hide_index=True, width="stretch")


def show_curves(
    table: pd.DataFrame, measures: Mapping[str, str], sync: Sync, position: int
) -> None:
    """Curves over the slider; a measure that is nowhere known is left out."""
    known = {name: title for name, title in measures.items() if table[name].notna().any()}
    if not known:
        return
    title, scale = axis_of(sync)
    figure = curves(table, known, marked=position, x_title=title, x_scale=scale, mode=mode())
    show_over_steps(
        figure,
        name="compared-curves",
        data=lambda: table,
        last=sync.longest,
        step_of=lambda x: round(x / scale),
    )


def axis_of(sync: Sync) -> tuple[str, float]:
    """The title of the slider's axis, and what turns a position into what it shows."""
    if sync.by == compare_data.BY_SHARE and sync.longest:
        return "share of the way (%)", 100 / sync.longest
    return "step", 1.0


def _rows_figure(
    runs: Sequence[TextRun | CorruptionRun],
    labels: Sequence[str],
    differs: Bools,
    places: Sequence[int],
    position: int,
) -> go.Figure:
    """What the player shows of texts, as a figure to download."""
    rows = [
        text_boxes(run, step=at, mode=mode())
        if isinstance(run, TextRun)
        else corruption_boxes(run, level=at, mode=mode())
        for run, at in zip(runs, places, strict=True)
    ]
    return rows_of_boxes(rows, labels, list(differs[:, position]), mode=mode())


def _text_table(runs: Sequence[TextRun | CorruptionRun], sync: Sync) -> pd.DataFrame:
    texts = [run for run in runs if isinstance(run, TextRun)]
    if len(texts) == len(runs):
        return compare_data.text_curves(texts, sync)
    return compare_data.corruption_curves([r for r in runs if isinstance(r, CorruptionRun)], sync)


def _show_positions(
    runs: Sequence[TextRun | CorruptionRun],
    differs: Bools,
    labels: Sequence[str],
    sync: Sync,
    position: int,
) -> None:
    st.markdown("**Which positions differ from the first run, and when**")
    title, scale = axis_of(sync)
    first = runs[0]
    words = first.words(len(first.steps) - 1 if isinstance(first, TextRun) else 0)
    figure = token_differences(
        differs[1:],
        words,
        labels[1:],
        first=labels[0],
        marked=position,
        x_title=title,
        x_scale=scale,
        mode=mode(),
    )
    link_positions()
    show_figure(figure, name="compared-positions", data=partial(_difference_table, differs, labels))
    st.caption(
        "Orange: another token than the first run's, a mask counted as a token. The words are "
        f"those of {escaped(labels[0])}. In the player the same colour marks the same."
    )


def _difference_table(differs: Bools, labels: Sequence[str]) -> pd.DataFrame:
    places = pd.MultiIndex.from_product(
        [labels, range(differs.shape[1]), range(differs.shape[2])],
        names=["run", "slider_position", "position"],
    )
    return pd.DataFrame({"differs": differs.ravel()}, index=places).reset_index()


def _made_by(manifest: Manifest) -> Mapping[str, object]:
    """The provenance of a run's last stored step; nothing for one that says none."""
    store = the_store()
    for key in reversed(manifest.step_keys):
        payload = store.find(key)
        if payload is not None:
            return dict(payload.meta.get("provenance", {}))
    return {}
