"""Runs of a job as they come out of noise or masks, and where they open once they are done."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cache.errors import MissingFromStore, StepscopeError
from dashboard.app_pages.new_run.emerging_runs import Way, at_work, emerging_picture, emerging_text
from dashboard.data.library import described
from dashboard.figures.emerging import emerging_sentence
from dashboard.ui.compare_link import MOST, offer_compare
from dashboard.ui.link import RUN_PAGES
from dashboard.ui.plain import escaped
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.jobs.work import Job
from engine.text import stored as text_stored

SHOWN = 4
OPENED = 8
NAMES = {"text": "Unmasking", "corruption": "Corruption", "image": "Denoising"}
SIDE = 220


def show_emerging(job: Job) -> None:
    """The last stored step of the runs that a job is at work on."""
    stored = [_manifest(run) for run in job.runs]
    begun = [manifest for manifest in stored if manifest is not None]
    shown = at_work(the_store(), begun, most=SHOWN)
    beside = bool(shown) and shown[0].kind == "image" and len(job.runs) > 1
    places = st.columns(SHOWN) if beside else [st.container() for _ in shown]
    for number, (manifest, place) in enumerate(zip(shown, places, strict=False)):
        with place:
            _try_to_show(manifest, f"emerging-{number}", beside=beside)
    if len(job.runs) > SHOWN:
        st.caption(f"{len(shown)} of {len(job.runs)} runs are shown while they are made.")


def show_results(runs: Sequence[str]) -> None:
    """What finished runs came to, each with a link to its page."""
    stored = [_manifest(run) for run in runs[:OPENED]]
    shown = [m for m in stored if m is not None and m.kind in NAMES]
    beside = bool(shown) and shown[0].kind == "image"
    rows = -(-len(shown) // SHOWN)
    places = [place for _ in range(rows) for place in st.columns(SHOWN)] if beside else None
    for number, manifest in enumerate(shown):
        with places[number] if places is not None else st.container():
            _try_to_show(manifest, f"result-{number}", done=True, beside=beside)
            st.page_link(
                RUN_PAGES[manifest.kind],
                label=f"Open in {NAMES[manifest.kind]}",
                query_params={"run": manifest.short},
            )
    finished = [m for m in map(_manifest, runs[:MOST]) if m is not None]
    if len({m.kind for m in finished}) == 1:
        offer_compare(finished, "Compare these runs side by side")
    if len(runs) > OPENED:
        st.caption(f"The first {OPENED} of {len(runs)} runs; the Library has them all.")
        st.page_link("app_pages/library/page.py", label="Open the Library")


def _try_to_show(manifest: Manifest, key: str, *, done: bool = False, beside: bool = False) -> None:
    try:
        _show(manifest, key, done=done, beside=beside)
    except StepscopeError as error:
        st.text(f"run {manifest.short}: {error}")


def _show(manifest: Manifest, key: str, *, done: bool, beside: bool) -> None:
    if manifest.kind == "image":
        _show_picture(manifest, done=done, beside=beside)
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


def _show_picture(manifest: Manifest, *, done: bool, beside: bool) -> None:
    now = emerging_picture(the_store(), manifest)
    if now is None:
        return
    _caption(manifest, now.step, now.of, done)
    pictures = [(now.latents, "the result" if done else "x_t", now.way)]
    if now.predicted_x0 is not None and not done:
        way: Way = "linear preview" if now.way == "decoded" else now.way
        pictures.insert(0, (now.predicted_x0, "predicted x0", way))  # what shows itself first
    places = [st.container() for _ in pictures] if beside else st.columns(3)
    for (picture, name, way), place in zip(pictures, places, strict=False):
        place.image(
            picture.png, width=SIDE, output_format="PNG", caption=f"{escaped(name)}: {escaped(way)}"
        )


def _caption(manifest: Manifest, step: int, of: int, done: bool) -> None:
    far = "" if done else f"step {step} of {of}: "
    st.text(f"{far}{described(manifest.spec)}")


def _manifest(run: str) -> Manifest | None:
    """A run's manifest, held: what is read of it here never changes. None while it is not there."""
    try:
        return _held(str(the_store().folder), run)
    except MissingFromStore:
        return None


@st.cache_resource(max_entries=2048, show_spinner=False)
def _held(folder: str, run: str) -> Manifest:
    return manifests.load(the_store(), run)


@st.cache_resource(max_entries=4, show_spinner=False)
def _vocabulary(folder: str, key: str) -> tuple[tuple[str, ...], int]:
    return text_stored.load_vocabulary(the_store(), key)
