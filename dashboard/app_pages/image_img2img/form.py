"""The form that makes pictures from a picture at several strengths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.img2img import MOST_BYTES, checked_upload
from dashboard.ui.finished import finished_pictures
from dashboard.ui.image_form import ask_image, offer_comparison
from dashboard.ui.jobs import say_trouble
from dashboard.ui.link import params
from dashboard.ui.run_picker import find_in_box, run_labels
from dashboard.ui.stores import the_store
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.spec import STRENGTHS_COMPARED, ImageSpec

SEEDS = "0:3"
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
    listed, boxed = find_in_box("image", key="img2img-run")
    by_run = {card.run: card.manifest for card in listed}
    finished = finished_pictures(by_run.values(), shown=False)
    if not finished:
        st.info("No run has a finished picture yet: upload one.")
        return None
    if st.session_state.get("img2img-run") not in finished:
        st.session_state["img2img-run"] = next(iter(finished))
    labels = run_labels(list(finished))
    with boxed:
        picked = st.selectbox(
            "Run whose result to start from", list(finished), key="img2img-run", filter_mode=None,
            format_func=lambda run: labels.get(run, run),
        )  # fmt: skip
    return image_stored.keep_result(the_store(), picked)
