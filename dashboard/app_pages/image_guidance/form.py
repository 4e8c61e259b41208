"""The form that makes a comparison of guidance scales."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from dashboard.app_pages.image_guidance.data import VARYING
from dashboard.ui.group_picker import offer_group
from dashboard.ui.image_form import ask_image, offer_comparison
from engine.image.spec import GUIDANCE_COMPARED

SEEDS = "0:8"


def ask_guidance(given: Mapping[str, Any], *, known: Collection[str]) -> None:
    """Widgets for a comparison, the offer to compute it, and the way to it once it is there."""
    asked = ask_image(
        "guidance",
        axis="guidance",
        axis_label="Guidance scales",
        values=GUIDANCE_COMPARED,
        seeds=SEEDS,
        given=given,
    )
    specs = offer_comparison(
        "guidance", asked, axis="guidance", fixed={}, title="guidance scales compared"
    )
    offer_group(specs, varying=VARYING, known=known)
