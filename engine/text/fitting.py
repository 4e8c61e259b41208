"""A text spec and the model that it names: whether they fit. No torch.

A template may have the mask as the model's tokenizer writes it (``<mask>``); from here on it is
[MASK], so that both spellings are one run.
"""

from __future__ import annotations

from cache.errors import InvalidInput
from engine.chain.axis_values import shown
from engine.models.registry import FoundModel
from engine.models.text_folder import text_facts
from engine.text.spec import MASK, CorruptionSpec, TextSpec


def fit_text(spec: TextSpec, model: FoundModel) -> TextSpec:
    """The spec with its masks written as [MASK].

    Raises ModelDamaged or InvalidInput for a folder that is no text model, InvalidInput for a
    template without a mask of this model.
    """
    text_facts(model)
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
    text_facts(model)
    text = with_masks(model, spec.text)
    return spec if text == spec.text else spec.but(text=text)


def with_masks(model: FoundModel, text: str) -> str:
    """A text with [MASK] where it has the mask as the tokenizer of a model writes it."""
    own = text_facts(model).words.tokens.get("mask_token", MASK)
    return text if own == MASK else text.replace(own, MASK)
