"""A judge and the model that it names: whether they fit. No torch."""

from __future__ import annotations

from cache.errors import InvalidInput
from engine.judge.spec import JudgeSpec
from engine.models.causal_folder import check_causal_folder, is_causal
from engine.models.diffusion_file import noise_words
from engine.models.registry import FoundModel
from engine.models.text_folder import text_facts


def fit_judge(spec: JudgeSpec, model: FoundModel) -> JudgeSpec:
    """The spec as it is.

    Raises InvalidInput or ModelDamaged for a folder that is no masked or causal language model.
    """
    if is_causal(model):
        check_causal_folder(model)
    else:
        facts = text_facts(model)
        if noise_words(model, facts.rows) is not None:
            raise InvalidInput(
                f"model must be a masked or causal language model, got {model.name!r}, which is "
                "trained for the uniform kernel and reads no masks"
            )
    return spec
