"""A set to embed and the model that it names: whether they fit. No torch."""

from __future__ import annotations

from engine.embed.spec import EmbedSpec
from engine.models.clip_folder import check_clip_folder
from engine.models.registry import FoundModel


def fit_embed(spec: EmbedSpec, model: FoundModel) -> EmbedSpec:
    """The spec as it is. Raises ModelDamaged for a folder that is no CLIP."""
    check_clip_folder(model)
    return spec
