"""A text spec and the model that it names: whether they fit. No torch.

A template may have the mask as the model's tokenizer writes it (``<mask>``); from here on it is
[MASK], so that both spellings are one run.
"""

from __future__ import annotations

from cache.errors import InvalidInput
from engine.chain.axis_values import shown
from engine.models.diffusion_file import DIFFUSION, noise_words
from engine.models.registry import FoundModel
from engine.models.text_folder import text_facts
from engine.text.spec import MASK, CorruptionSpec, KernelName, TextSpec


def fit_text(spec: TextSpec, model: FoundModel) -> TextSpec:
    """The spec with its masks written as [MASK].

    Raises ModelDamaged or InvalidInput for a folder that is no text model, InvalidInput for one of
    another kernel, for a template without a mask of this model, and for guidance where nothing is
    given.
    """
    _check_kernel(spec.kernel, model)
    steps = {change.at + 1 for change in spec.changes} | {1}
    guided = any(spec.at_step(step).guided for step in steps)
    if guided and spec.template is None and not any(change.write for change in spec.changes):
        raise InvalidInput(
            "guidance must have a template: it compares with the text without its given words"
        )
    if spec.template is None:
        return spec
    template = with_masks(model, spec.template)
    if MASK not in template:
        own = text_facts(model).words.tokens["mask_token"]
        also = "" if own == MASK else f" or {own}"
        raise InvalidInput(
            f"template must contain at least one {MASK}{also}, got {shown(template)}"
        )
    return spec if template == spec.template else spec.but(template=template)


def fit_corruption(spec: CorruptionSpec, model: FoundModel) -> CorruptionSpec:
    """As ``fit_text``; a text to corrupt needs no mask."""
    _check_kernel(spec.kernel, model)
    text = with_masks(model, spec.text)
    return spec if text == spec.text else spec.but(text=text)


def with_masks(model: FoundModel, text: str) -> str:
    """A text with [MASK] where it has the mask as the tokenizer of a model writes it."""
    own = text_facts(model).words.tokens.get("mask_token", MASK)
    return text if own == MASK else text.replace(own, MASK)


def _check_kernel(kernel: KernelName, model: FoundModel) -> None:
    own: KernelName = "absorbing"
    if noise_words(model, text_facts(model).rows) is not None:
        own = "uniform"
    if kernel != own:
        why = f"{DIFFUSION} of its folder" if own == "uniform" else f"it has no {DIFFUSION}"
        raise InvalidInput(f"kernel must be {own} for model {model.name!r} ({why}), got {kernel}")
