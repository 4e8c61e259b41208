"""The form that makes pictures from a picture at several strengths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.img2img import MOST_BYTES, checked_upload
from dashboard.data.library import described
from dashboard.ui.finished import finished_pictures, image_runs
from dashboard.ui.image_form import ask_image, offer_comparison
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import params
from dashboard.ui.stores import the_store
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.spec import STRENGTHS_COMPARED, ImageSpec

SEEDS = "0:3"
SHOWN = 200
SOURCES = ("a stored run's result", "an upload")


def ask_img2img(given: Mapping[str, Any]) -> list[ImageSpec]:
    """Widgets for the picture and the strengths, and the offer; the specs, [] when it cannot be."""
    digest = _ask_picture()
    asked = ask_image(
        "img2img",
        axis="strength",
        axis_label="Strengths (above 0 to 1)",
        values=STRENGTHS_COMPARED,
        seeds=SEEDS,
        given=given,
    )
    if digest is None:
        st.info("Choose a picture to start from.")
        return []
    return offer_comparison(
        "img2img",
        asked,
        axis="strength",
        fixed={"init_image": digest},
        title="pictures from a picture",
    )


def _ask_picture() -> str | None:
    """The digest of the picture to start from, kept in the store; None until there is one."""
    source = st.segmented_control(
        "Start from", SOURCES, default=SOURCES[0], key="img2img-source", required=True
    )
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        try:
            digest = _uploaded() if source == SOURCES[1] else _of_a_run()
        except StepscopeError as error:
            say_trouble("This picture cannot be used.", str(error))
            return None
    if digest is not None:
        right.image(image_stored.load_picture(the_store(), digest), width=160)
    return digest


def _uploaded() -> str | None:
    upload = st.file_uploader(
        f"Picture: PNG, JPEG or WebP, at most {MOST_BYTES / 1e6:g} MB",
        type=["png", "jpg", "jpeg", "webp"],
        max_upload_size=MOST_BYTES // 1_000_000,
        key="img2img-upload",
    )
    if upload is not None:
        kept = image_stored.keep_picture(the_store(), checked_upload(upload.getvalue()))
        params["init"] = kept
        return kept
    linked = params.get("init", "")
    if not linked:
        return None
    if len(linked) == 64 and the_store().has(image_keys.picture_key(linked)):
        return linked
    st.warning("The picture of this link is not in this store: upload it again.")
    del params["init"]
    return None


def _of_a_run() -> str | None:
    runs = image_runs()[:SHOWN]
    finished = finished_pictures(runs)
    by_run = {run.run: run for run in runs if run.run in finished}
    if not by_run:
        st.info("No run has a finished picture yet: upload one.")
        return None
    picked = st.selectbox(
        "Run whose result to start from",
        list(by_run),
        format_func=lambda run: (
            f"{run[:6]}  {by_run[run].spec['prompt'][:60]}  ({described(by_run[run].spec)})"
        ),
        key="img2img-run",
    )
    return image_stored.keep_result(the_store(), picked)
