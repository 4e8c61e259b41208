"""Which CLIP measures the pictures, and a way to have it do so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.embeddings import (
    ClipModel,
    clip_models,
    embed_specs,
    flattered,
    measured_before,
    stored_embeddings,
)
from dashboard.ui.jobs import offer_compute, say_trouble
from dashboard.ui.link import params, stop_page
from dashboard.ui.plain import escaped
from dashboard.ui.state import choice_from_url
from dashboard.ui.stores import the_store
from engine.embed.spec import EmbedSpec
from engine.embed.stored_memo import Embeddings
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.records import Picture


def embeddings_or_offer(
    texts: Sequence[str], pictures: Mapping[str, str | Picture], *, image_model: str
) -> tuple[ClipModel, Embeddings] | None:
    """A CLIP and its embeddings of some texts and pictures or an offer to compute.

    ``pictures`` maps each digest to the run that ended in it, or to the picture itself.
    """
    store = the_store()
    clip = pick_clip(clip_models(store))
    if clip is None:
        st.info("No CLIP is on this machine: only what pixels tell is shown.")
        return None
    specs = embed_specs(clip.name, texts, pictures)
    embeddings = stored_embeddings(store, specs, clip.fingerprint)
    if embeddings.has(texts, list(pictures)):
        _say_who_measured(clip, image_model)
        return clip, embeddings
    missing = len(set(pictures) - set(embeddings.pictures))
    if not clip.here:
        st.info(
            f"{missing:d} of {len(pictures)} pictures were not embedded by this CLIP, "
            "which is not on this machine. What pixels tell is shown."
        )
        return None
    say_measured_before(clip, specs)
    st.caption(
        f"{missing or 'None'} of {len(pictures)} pictures still "
        f"{'has' if missing == 1 else 'have'} to be embedded by this CLIP. "
        "Until then the rest is shown."
    )
    keep_pictures({digest: pictures[digest] for digest in set(pictures) - set(embeddings.pictures)})
    offer_compute(
        specs,
        title=f"CLIP embeddings of {len(pictures)} pictures",
        label=f"Measure {len(pictures)} pictures with CLIP",
        key="embed",
    )
    return None


def say_measured_before(clip: ClipModel, specs: Sequence[EmbedSpec]) -> None:
    """Where a store has all that is asked for by another version of a CLIP, say how to see it."""
    other = measured_before(the_store(), clip, specs)
    if other is not None:
        label = escaped(clip_label(other.name, other.fingerprint))
        st.info(
            f'Another version, {label}, has measured all of this: choose it under "Measured by" '
            "to see it. Scores of two CLIPs do not compare."
        )


def keep_pictures(pictures: Mapping[str, str | Picture]) -> None:
    """Put pictures where the worker finds them."""
    store = the_store()
    there = store.present([image_keys.picture_key(digest) for digest in pictures])
    try:
        for each, kept in zip(pictures.values(), there, strict=True):
            if kept:
                continue
            if isinstance(each, str):
                image_stored.keep_result(store, each)
            else:
                image_stored.keep_pixels(store, image_stored.picture_pixels(each.png))
    except StepscopeError as error:
        say_trouble("The pictures cannot be put where a worker finds them.", str(error))
        stop_page()


def pick_clip(models: Sequence[ClipModel]) -> ClipModel | None:
    """The chosen one of some CLIPs, kept in the URL's ``clip``; None when there is none."""
    if not models:
        return None
    labels = {clip_label(model.name, model.fingerprint): model for model in models}
    if "clip" not in st.session_state:
        st.session_state["clip"] = choice_from_url("clip", list(labels)) or next(iter(labels))
    if st.session_state["clip"] not in labels:
        st.session_state["clip"] = next(iter(labels))
    chosen = st.selectbox("Measured by", list(labels), key="clip")
    if chosen != next(iter(labels)):
        params["clip"] = chosen
    else:
        params.pop("clip", None)
    return labels[chosen]


def clip_label(name: str, fingerprint: str) -> str:
    """A CLIP as the choice names it."""
    return f"{name} ({fingerprint[:6]})"


def _say_who_measured(clip: ClipModel, image_model: str) -> None:
    line = f"Measured by {clip.name}; scores of one CLIP only compare with its own."
    if flattered(image_model, clip.name):
        line += (
            f" {image_model} reads prompts with this CLIP's text encoder or an earlier state "
            "of it: no impartial judge, its score flatters the pictures."
        )
    st.text(line)
