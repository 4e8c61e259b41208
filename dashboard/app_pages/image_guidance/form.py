"""The form that makes a comparison of guidance scales."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.ui.image_form import ask_image, offer_comparison
from engine.image.spec import GUIDANCE_COMPARED, ImageSpec

SEEDS = "0:8"


def ask_guidance(given: Mapping[str, Any]) -> list[ImageSpec]:
    """Widgets for a comparison and the offer to compute it; its specs, [] when it cannot be."""
    asked = ask_image(
        "guidance",
        axis="guidance",
        axis_label="Guidance scales",
        values=GUIDANCE_COMPARED,
        seeds=SEEDS,
        given=given,
    )
    return offer_comparison(
        "guidance", asked, axis="guidance", fixed={}, title="guidance scales compared"
    )
