"""A text spec and the model that it names: whether they fit. No torch."""

from __future__ import annotations

from engine.models.registry import FoundModel
from engine.models.text_folder import text_facts
from engine.text.spec import CorruptionSpec, TextSpec


def fit_text(spec: TextSpec, model: FoundModel) -> TextSpec:
    """The spec as it is. Raises ModelDamaged for a folder that is no text model."""
    text_facts(model)
    return spec


def fit_corruption(spec: CorruptionSpec, model: FoundModel) -> CorruptionSpec:
    """As ``fit_text``."""
    text_facts(model)
    return spec
