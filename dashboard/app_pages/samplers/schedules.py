"""The noise schedules of pictures and texts, drawn from their formulas."""

from __future__ import annotations

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.samplers.schedule_figures import (
    image_schedule_curves,
    image_schedules,
    text_schedule_curves,
    text_schedules,
)
from dashboard.ui.export import show_figure
from dashboard.ui.plain import escaped
from dashboard.ui.state import mode
from engine.image.schedules import Curve, betas_of
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import find_model


def show_schedules() -> None:
    """Beta, alpha-bar and SNR of pictures' schedules; mask probability of texts'."""
    st.subheader("Pictures: noise is added")
    images = image_schedules()
    show_figure(
        image_schedule_curves(images, mode=mode()), name="image-schedules", data=lambda: images
    )
    last = images.groupby("schedule", sort=False)["snr"].last()
    ends = "; ".join(f"{escaped(name)}: {snr:.2g}" for name, snr in last.items())
    st.caption(
        "1000 training steps. Alpha-bar is the product of 1 - beta: the share of the picture's "
        "variance that is left; signal to noise is alpha-bar / (1 - alpha-bar). "
        f"Signal to noise at the last step: {ends}. Stable Diffusion's never reaches zero, so at "
        "the noisiest step its model still saw a trace of the picture, which pure noise does not "
        "have (Lin et al. 2023, arXiv:2305.08891). The built-in model uses the same schedule."
    )
    st.subheader("Texts: words are masked")
    texts = text_schedules()
    show_figure(text_schedule_curves(texts, mode=mode()), name="text-schedules", data=lambda: texts)
    st.caption(
        "The share alpha of words that are kept plays the part of the signal: linear is 1 - t "
        "(D3PM, arXiv:2107.03006), cosine is 1 - cos(pi (1 - t) / 2), fast at first (MD4, Shi et "
        "al. 2024, arXiv:2406.04329; read backwards it is MaskGIT's, arXiv:2202.04200, which "
        "reveals few tokens first and many at the end), geometric is exp(-b0^(1 - t) b1^t) with b0 "
        "1e-5 and b1 20 (MD4). Alpha / (1 - alpha) answers to signal to noise. The Corruption page "
        "shows them on a text; the rules quota, ancestral and remask go back along them."
    )


def own_betas(model: str, fingerprint: str) -> Curve | None:
    """The betas of a model on this machine, by its scheduler's config.

    None where the model is not here, is another version, or has a schedule that is not known.
    """
    try:
        local = find_model(model)
        facts = pipeline_facts(local)
    except StepscopeError:
        return None
    return betas_of(facts.scheduler) if local.fingerprint == fingerprint else None
