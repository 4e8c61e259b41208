"""The judges: any masked or causal language model of transformers, asked for log-probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import torch

from cache.errors import InvalidInput, ModelDamaged, NonFiniteLogits
from engine.judge.records import Judgement
from engine.models.causal_folder import check_causal_folder, is_causal
from engine.models.device import _quiet_transformers
from engine.models.loading_errors import damage_named
from engine.models.registry import FoundModel
from engine.models.text_checks import some
from engine.text.denoisers import TextDenoiser
from engine.text.loading import load_denoiser

AT_ONCE = 64  # masked states in one call


class Judge(Protocol):
    """A model that says how likely a text is."""

    def judge(self, text: str) -> Judgement:
        """The log-probability of a text. Raises InvalidInput for one too long, or of no token."""


@dataclass
class MaskedJudge:
    """Pseudo-log-likelihood: each token in turn is masked (Salazar et al. 2020, 1910.14659)."""

    denoiser: TextDenoiser

    def judge(self, text: str) -> Judgement:
        """The sum over tokens of log p(token | all others)."""
        tokens = self.denoiser.encode(text)
        states = np.repeat(tokens[None], len(tokens), axis=0)
        np.fill_diagonal(states, self.denoiser.mask_id)
        nats = 0.0
        for first in range(0, len(states), AT_ONCE):
            chunk = states[first : first + AT_ONCE]
            for offset, logits in enumerate(self.denoiser.logits(list(chunk))):
                place = first + offset
                if tokens[place] == self.denoiser.mask_id:
                    raise InvalidInput("a text that is judged must have no mask left")
                log_p = torch.log_softmax(logits[0].double(), dim=-1)
                nats += float(log_p[int(tokens[place])])
        return Judgement(nats, len(tokens))


@dataclass
class CausalJudge:
    """Log-likelihood in order, after the tokenizer's own beginning where it has one."""

    model: Any
    tokenizer: Any
    device: torch.device

    @torch.inference_mode()
    def judge(self, text: str) -> Judgement:
        """The sum over tokens of log p(token | those before it).

        Without a token of beginning nothing is said of the first one, which then does not count.
        """
        ids = list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        begin = self.tokenizer.bos_token_id
        whole = ids if begin is None else [begin, *ids]
        if len(whole) < 2:
            raise InvalidInput("a text that is judged must have a token to be judged, got none")
        most = getattr(self.model.config, "max_position_embeddings", None)
        if isinstance(most, int) and len(whole) > most:
            raise InvalidInput(f"text must be 1 to {most} tokens for this model, got {len(whole)}")
        states = torch.tensor([whole], device=self.device)
        log_p = torch.log_softmax(self.model(input_ids=states).logits[0].double(), dim=-1)
        taken = log_p[:-1].gather(1, states[0, 1:, None])
        if not bool(torch.isfinite(taken).all()):
            raise NonFiniteLogits("the judge says nan or inf of a token: nothing was stored")
        return Judgement(float(taken.sum()), len(whole) - 1)


@lru_cache(maxsize=2)
def load_judge(model: FoundModel, device: torch.device) -> Judge:
    """A judge in fp32. Raises InvalidInput, ModelDamaged."""
    if not is_causal(model):
        return MaskedJudge(load_denoiser(model, device))
    check_causal_folder(model)
    _quiet_transformers()
    with damage_named(model.name, model.folder):
        return _load_causal(model, device)


def _load_causal(source: FoundModel, device: torch.device) -> CausalJudge:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    kept: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(source.folder, **kept)
    loaded: Any = AutoModelForCausalLM.from_pretrained(
        source.folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **kept
    )
    model, info = loaded
    tied = set(getattr(model, "_tied_weights_keys", None) or ())
    if missing := sorted(set(info.get("missing_keys") or ()) - tied):
        raise ModelDamaged(f"{source.folder}: its weights lack {some(missing)}")
    rows = int(model.get_input_embeddings().weight.shape[0])
    if len(tokenizer) > rows:
        raise ModelDamaged(
            f"the tokenizer of {source.name} has {len(tokenizer)} pieces, its model only {rows}: "
            "they do not belong together"
        )
    return CausalJudge(model.to(device).eval().requires_grad_(False), tokenizer, device)
