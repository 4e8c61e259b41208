"""An image spec and the model that it names: whether they fit. No torch."""

from __future__ import annotations

from engine.image import stored as image_stored
from engine.image.spec import DecodeSpec, ImageSpec
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import FoundModel
from engine.models.replaced import check_same
from engine.models.scheduler_config import check_sampler


def fit_image(spec: ImageSpec, model: FoundModel) -> ImageSpec:
    """The spec with the model's own size where it has none.

    Raises ModelDamaged for a folder that is no pipeline, InvalidInput for a sampler that cannot
    run on its scheduler's config.
    """
    facts = pipeline_facts(model)
    for sampler in {spec.sampler, *(spec.at_step(c.at + 1).sampler for c in spec.changes)}:
        check_sampler(spec.model, facts.scheduler, sampler)
    spec = image_stored.resolved(spec, facts.width, facts.height)
    return spec.but(corrected=facts.corrected)


def fit_decode(spec: DecodeSpec, model: FoundModel) -> DecodeSpec:
    """The spec as it is. Raises ModelReplaced, ModelMissing when the steps were another model's."""
    check_same(model, spec.fingerprint)
    return spec


def check_size_known(spec: ImageSpec) -> None:
    """Raises ValueError for a stored spec that does not say how large its picture is."""
    if spec.width is None or spec.height is None:
        raise ValueError("must say how wide and high its picture is")
