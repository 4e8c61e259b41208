"""Runs of a job as they come out of noise or masks, and where they open once they are done."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cache.errors import MissingFromStore, StepscopeError
from dashboard.app_pages.new_run.emerging_runs import Way, at_work, emerging_picture, emerging_text
from dashboard.data.library import called, described
from dashboard.figures.emerging import emerging_sentence
from dashboard.ui.compare_link import MOST, compare_button
from dashboard.ui.link import RUN_PAGES
from dashboard.ui.panels import finished_scene
from dashboard.ui.plain import escaped
from dashboard.ui.player import play
from dashboard.ui.state import mode
from dashboard.ui.stores import the_store
from dashboard.ui.trouble import fragment
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
    """What finished runs came to, in the player, and the ways on; unfinished ones as they are."""
    stored = [m for m in map(_manifest, runs[:MOST]) if m is not None and m.kind in NAMES]
    there = the_store().present([m.step_keys[-1] for m in stored])
    whole = [m for m, done in zip(stored, there, strict=True) if done]
    if whole and len({(m.kind, m.step_count) for m in whole}) == 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            compare_button(whole, f"Compare these {_what_differs(whole)}")
            for manifest, name in list(zip(whole, called(whole), strict=True))[:OPENED]:
                one = f"Open in {NAMES[manifest.kind]}"
                st.page_link(
                    RUN_PAGES[manifest.kind],
                    label=one if len(whole) == 1 else f"{one}: {escaped(name)}",
                    query_params={"run": manifest.short},
                )
        fragment(_play)(whole[:OPENED])
    for number, manifest in enumerate(m for m in stored[:OPENED] if m not in whole):
        _try_to_show(manifest, f"result-{number}")
    if len(runs) > OPENED:
        st.caption(f"The first {OPENED} of {len(runs)} runs; the Library has them all.")
        st.page_link("app_pages/library/page.py", label="Open the Library")


def _play(manifests: Sequence[Manifest]) -> None:
    what = ",".join(manifest.run[:16] for manifest in manifests)
    try:
        play(finished_scene(manifests), what=f"new-{what}")
    except StepscopeError as error:
        st.text(str(error))


def _what_differs(manifests: Sequence[Manifest]) -> str:
    """The setting that differs, in the plural; runs where it is another one or several."""
    specs = [manifest.spec for manifest in manifests]
    names = [n for n in specs[0] if len({repr(spec.get(n)) for spec in specs}) > 1]
    plural = {"seed": "seeds", "guidance": "guidance scales"}
    return plural.get(names[0], "runs") if len(names) == 1 else "runs"


def _try_to_show(manifest: Manifest, key: str, *, beside: bool = False) -> None:
    try:
        _show(manifest, key, beside=beside)
    except StepscopeError as error:
        st.text(f"run {manifest.short}: {error}")


def _show(manifest: Manifest, key: str, *, beside: bool) -> None:
    if manifest.kind == "image":
        _show_picture(manifest, beside=beside)
    else:
        _show_text(manifest, key)


def _show_text(manifest: Manifest, key: str) -> None:
    pieces, mask_id = _vocabulary(str(the_store().folder), manifest.shared_keys[0])
    now = emerging_text(the_store(), manifest, pieces=pieces, mask_id=mask_id)
    if now is None:
        return
    _caption(manifest, now.step, now.of)
    figure = emerging_sentence(
        now.words, revealed=now.revealed, confidence=now.confidence, mode=mode()
    )
    st.plotly_chart(figure, width="stretch", theme=None, key=key, config={"displayModeBar": False})


def _show_picture(manifest: Manifest, *, beside: bool) -> None:
    now = emerging_picture(the_store(), manifest)
    if now is None:
        return
    _caption(manifest, now.step, now.of)
    pictures = [(now.latents, "x_t" if now.step < now.of else "final picture", now.way)]
    if now.predicted_x0 is not None and now.step < now.of:
        way: Way = "linear preview" if now.way == "decoded" else now.way
        pictures.insert(0, (now.predicted_x0, "predicted x0", way))  # what shows itself first
    places = [st.container() for _ in pictures] if beside else st.columns(3)
    for (picture, name, way), place in zip(pictures, places, strict=False):
        place.image(
            picture.png, width=SIDE, output_format="PNG", caption=f"{escaped(name)}: {escaped(way)}"
        )


def _caption(manifest: Manifest, step: int, of: int) -> None:
    st.text(f"step {step} of {of}: {described(manifest.spec)}")


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
