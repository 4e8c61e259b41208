"""A text spec and the model that it names: whether they fit. No torch."""

from __future__ import annotations

from cache.errors import InvalidInput
from engine.models.diffusion_file import DIFFUSION, noise_words
from engine.models.registry import FoundModel
from engine.models.text_folder import text_facts
from engine.text.spec import CorruptionSpec, KernelName, TextSpec


def fit_text(spec: TextSpec, model: FoundModel) -> TextSpec:
    """The spec as it is. Raises ModelDamaged for a folder that is no text model.

    Raises InvalidInput for one of another kernel, and for guidance where nothing is given.
    """
    _check_kernel(spec.kernel, model)
    steps = {change.at + 1 for change in spec.changes} | {1}
    guided = any(spec.at_step(step).guided for step in steps)
    if guided and spec.template is None and not any(change.write for change in spec.changes):
        raise InvalidInput(
            "guidance must have a template: it compares with the text without its given words"
        )
    return spec


def fit_corruption(spec: CorruptionSpec, model: FoundModel) -> CorruptionSpec:
    """As ``fit_text``."""
    _check_kernel(spec.kernel, model)
    return spec


def _check_kernel(kernel: KernelName, model: FoundModel) -> None:
    own: KernelName = "absorbing"
    if noise_words(model, text_facts(model).rows) is not None:
        own = "uniform"
    if kernel != own:
        why = f"{DIFFUSION} of its folder" if own == "uniform" else f"it has no {DIFFUSION}"
        raise InvalidInput(f"kernel must be {own} for model {model.name!r} ({why}), got {kernel}")
