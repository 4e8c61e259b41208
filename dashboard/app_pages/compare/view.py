"""Two to four runs on one step slider: what they share, what they show, where they part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.app_pages.compare import data as compare_data
from dashboard.app_pages.compare.data import Parted, Sync
from dashboard.app_pages.compare.figures import curves, mark_differing, token_differences
from dashboard.data.export import inert
from dashboard.data.text_runs import corruption_table, step_table
from dashboard.figures.corruption import corrupted_sentence
from dashboard.figures.sentence import sentence_figure
from dashboard.ui.choices import url_choice
from dashboard.ui.export import show_figure
from dashboard.ui.plain import escaped
from dashboard.ui.player import step_player
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from engine.chain.records import Bools, Manifest
from engine.text.records import CorruptionRun, TextRun

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
    st.caption(
        "Only what differs is listed. Made by: where and how the last step was computed; it is no "
        "part of a step's key."
    )
    if len({m.fingerprint for m in manifests}) > 1:
        st.warning(
            "These runs are of different weights: numbers that compare their tokens or latents "
            "say little where a token id or a latent channel means another thing to each."
        )


def show_texts(runs: Sequence[TextRun | CorruptionRun]) -> None:
    """Sentences under one another, curves, and which position differs when."""
    sync, position = synced_player(runs)
    places = sync.places(position)
    tokens = compare_data.tokens_at(runs, sync)
    differs = None if tokens is None else compare_data.differs_from_first(tokens)
    where = compare_data.parted(runs, tokens)
    labels = compare_data.names([run.manifest for run in runs])
    for number, (run, at) in enumerate(zip(runs, places, strict=True)):
        apart = None if differs is None else differs[number, position]
        st.text(_run_line(run, at, labels[number], apart if number else None))
        _show_sentence(run, at, apart, number)
    say_parted(where, labels, sync, what="tokens")
    if differs is None:
        st.info("These texts have different lengths, so their positions are not compared.")
    text = all(isinstance(run, TextRun) for run in runs)
    table = _text_table(runs, sync)
    show_curves(table, TEXT if text else CORRUPTION, sync, position)
    if differs is not None:
        _show_positions(runs, differs, labels, sync, position)


def synced_player(runs: Sequence[compare_data.AnyRun]) -> tuple[Sync, int]:
    """How runs of different lengths go together, and the slider they share."""
    by = compare_data.BY_STEP
    if len({len(run.steps) for run in runs}) > 1:
        by = url_choice("Runs go together", "sync", tuple(SYNCS), SYNCS.get)
    sync = compare_data.sync_of(runs, by)
    return sync, step_player(sync.longest)


def say_parted(where: Sequence[Parted], labels: Sequence[str], sync: Sync, *, what: str) -> None:
    """Where each run leaves the first one: by its keys, and by what was stored."""
    for parted, label in list(zip(where, labels, strict=True))[1:]:
        if parted.key is None:
            sentence = "the same keys throughout"
        else:
            start = "the start" if parted.key == 0 else f"step {parted.key}"
            sentence = f"keys differ from {start} on"
            apart = (
                f"no {what} differ"
                if parted.state is None
                else f"{what} first differ at {sync.label(parted.state)}"
            )
            sentence = f"{sentence}; {apart}"
        st.text(f"First divergence of run {label} from run {labels[0]}: {sentence}.")


def show_curves(
    table: pd.DataFrame, measures: Mapping[str, str], sync: Sync, position: int
) -> None:
    """Curves over the slider; a measure that is nowhere known is left out."""
    known = {name: title for name, title in measures.items() if table[name].notna().any()}
    if not known:
        return
    title, scale = axis_of(sync)
    figure = curves(table, known, marked=position, x_title=title, x_scale=scale, mode=mode())
    show_figure(figure, name="compared-curves", data=lambda: table)


def axis_of(sync: Sync) -> tuple[str, float]:
    """The title of the slider's axis, and what turns a position into what it shows."""
    if sync.by == compare_data.BY_SHARE and sync.longest:
        return "share of the way (%)", 100 / sync.longest
    return "step", 1.0


def _show_sentence(run: TextRun | CorruptionRun, at: int, apart: Bools | None, number: int) -> None:
    if isinstance(run, TextRun):
        figure = sentence_figure(run, step=at, mode=mode())
        masked = run.steps[at].tokens == run.mask_id
        widths = ["" if m else word for m, word in zip(masked, run.words(at), strict=True)]
        data = partial(step_table, run)
    else:
        figure = corrupted_sentence(run, level=at, mode=mode())
        widths = run.words(0)
        data = partial(corruption_table, run)
    if apart is not None and number:
        figure = mark_differing(figure, widths, apart)
    show_figure(figure, name=f"compared-sentence-{number + 1}", data=data)


def _run_line(run: TextRun | CorruptionRun, at: int, label: str, apart: Bools | None) -> str:
    last = len(run.steps) - 1
    ended = ", its last" if at == last else ""
    line = f"Run {label}, step {at} of {last}{ended}"
    if apart is None:
        return line
    count = int(apart.sum())
    if not count:
        return f"{line}: equal to the first"
    shown = ", ".join(str(i) for i in apart.nonzero()[0][:12].tolist())
    more = " and more" if count > 12 else ""
    return f"{line}: {count} of {len(apart)} positions differ from the first: {shown}{more}"


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
        differs[1:], words, labels[1:], marked=position, x_title=title, x_scale=scale, mode=mode()
    )
    show_figure(figure, name="compared-positions", data=partial(_difference_table, differs, labels))
    st.caption(
        "Orange: another token than the first run's, a mask counted as a token. The words are "
        f"those of run {escaped(labels[0])}. Under a sentence the same colour marks the same."
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
