"""Runs of a job as they come out of noise or masks, and where they open once they are done."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.emerging import emerging_picture, emerging_text, listed
from dashboard.data.library import described
from dashboard.figures.emerging import emerging_sentence
from dashboard.ui.library_actions import PAGES
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from engine import stored_runs
from engine.image_records import Picture
from engine.jobs import Job
from engine.records import Manifest

SHOWN = 4
OPENED = 8
NAMES = {"text": "Unmasking", "corruption": "Corruption", "image": "Denoising"}
SIDE = 240


def show_emerging(job: Job) -> None:
    """The last stored step of a job's first runs."""
    for number, run in enumerate(job.runs[:SHOWN]):
        manifest = listed(the_store(), run)
        if manifest is None:
            continue
        try:
            _show(manifest, f"emerging-{number}")
        except StepscopeError as error:
            st.text(f"run {run[: stored_runs.SHORT]}: {error}")
    if len(job.runs) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(job.runs)} runs are shown while they are made.")


def show_results(runs: Sequence[str]) -> None:
    """What finished runs came to, each with a link to its page."""
    for number, run in enumerate(runs[:OPENED]):
        manifest = listed(the_store(), run)
        if manifest is None or manifest.kind not in NAMES:
            continue
        link, shown = st.columns([1, 6], vertical_alignment="center")
        link.page_link(
            PAGES[manifest.kind],
            label=f"Open in {NAMES[manifest.kind]}",
            query_params={"run": run[: stored_runs.SHORT]},
        )
        with shown:
            try:
                _show(manifest, f"result-{number}", done=True)
            except StepscopeError as error:
                st.text(f"run {run[: stored_runs.SHORT]}: {error}")
    if len(runs) > OPENED:
        st.caption(f"The first {OPENED} of {len(runs)} runs; the Library has them all.")
        st.page_link("app_pages/library.py", label="Open the Library")


def _show(manifest: Manifest, key: str, *, done: bool = False) -> None:
    if manifest.kind == "image":
        _show_picture(manifest, done=done)
    else:
        _show_text(manifest, key, done=done)


def _show_text(manifest: Manifest, key: str, *, done: bool) -> None:
    pieces, mask_id = _vocabulary(str(the_store().folder), manifest.shared_keys[0])
    now = emerging_text(the_store(), manifest, pieces=pieces, mask_id=mask_id)
    if now is None:
        return
    _caption(manifest, now.step, now.of, done)
    figure = emerging_sentence(now.words, revealed=() if done else now.revealed, mode=mode())
    st.plotly_chart(figure, width="stretch", theme=None, key=key, config={"displayModeBar": False})


def _show_picture(manifest: Manifest, *, done: bool) -> None:
    now = emerging_picture(the_store(), manifest)
    if now is None:
        return
    _caption(manifest, now.step, now.of, done)
    if now.latents is None:
        st.text("No preview: this model has not finished a picture here yet.")
        return
    pictures: list[tuple[Picture, str]] = [(now.latents, "x_t")]
    if now.predicted_x0 is not None and not done:
        pictures.append((now.predicted_x0, "predicted x0"))
    for (picture, name), column in zip(pictures, st.columns([1, 1, 2]), strict=False):
        source = "decoded" if picture.source == "decode" else "linear preview"
        column.image(picture.png, width=SIDE, output_format="PNG", caption=f"{name}, {source}")


def _caption(manifest: Manifest, step: int, of: int, done: bool) -> None:
    far = "" if done else f"step {step} of {of}: "
    st.text(f"{far}{described(manifest.spec)}")


@st.cache_resource(max_entries=4, show_spinner=False)
def _vocabulary(_folder: str, key: str) -> tuple[tuple[str, ...], int]:
    return stored_runs.load_vocabulary(the_store(), key)
