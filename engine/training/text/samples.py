"""Texts of a model, filled in from masks: while it is trained, and to measure it afterwards."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from transformers import BertForMaskedLM, BertTokenizer

from engine.training.loop import Ema
from engine.training.text.corpus import CLS, MASK, SEP, SPECIAL

TOP_K = 10
FREE_LENGTH = 12  # tokens of the free texts written on the way
FREE_SEEDS = range(4)
TEMPLATES = (
    "The [MASK] [MASK] [MASK] is the most [MASK] [MASK] in the world.",
    "The capital of [MASK] is [MASK].",
    "The [MASK] sleeps [MASK] the [MASK].",
    "I am [MASK] because [MASK] [MASK] [MASK] [MASK].",
    "a [MASK] [MASK] over the [MASK], oil painting style",
    "Where is the [MASK]? It is [MASK] the [MASK].",
    "My [MASK] wants to [MASK] [MASK] [MASK].",
    "The [MASK] [MASK] bakes [MASK] every [MASK].",
    "The opposite of [MASK] is [MASK].",
    "In [MASK] the [MASK] are [MASK].",
)


class Unmasker:
    """A model on the CPU and the plainest reverse process: most confident positions first."""

    def __init__(self, model: BertForMaskedLM, tokenizer: BertTokenizer) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer

    @classmethod
    def load(cls, folder: Path) -> Unmasker:
        """From a model folder, in single precision."""
        model = BertForMaskedLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
        return cls(model, BertTokenizer.from_pretrained(folder))

    @torch.inference_mode()
    def sample(self, ids: Sequence[int], *, steps: int, seed: int | None = None) -> list[int]:
        """Fill every [MASK] in ``steps`` steps: greedily, or by top-k draws when given a seed."""
        tokens = torch.tensor([list(ids)])
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        for step in range(steps):
            masked = (tokens[0] == MASK).nonzero()[:, 0]
            if len(masked) == 0:
                break
            logits = self.model(tokens).logits[0, masked]
            logits[:, : len(SPECIAL)] = -torch.inf
            probability = logits.softmax(-1)
            if generator is None:
                confidence, proposal = probability.max(-1)
            else:
                best, words = probability.topk(TOP_K)
                best = best / best.sum(-1, keepdim=True)
                drawn = torch.multinomial(best, 1, generator=generator)
                confidence = best.gather(1, drawn)[:, 0]
                proposal = words.gather(1, drawn)[:, 0]
            count = max(1, len(masked) // (steps - step))
            shown = confidence.topk(count).indices
            tokens[0, masked[shown]] = proposal[shown]
        return [int(token) for token in tokens[0]]

    def free_text(self, length: int, seed: int | None) -> str:
        """A text of that many tokens, from nothing but masks, one token a step."""
        return self.text(self.sample([CLS, *[MASK] * length, SEP], steps=length, seed=seed))

    def fill(self, template: str, seed: int | None = None) -> str:
        """A template with every [MASK] filled, one token a step."""
        ids = self.tokenizer(template)["input_ids"]
        return self.text(self.sample(ids, steps=max(1, ids.count(MASK)), seed=seed))

    def text(self, ids: Sequence[int]) -> str:
        """Token ids as text."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))


def write_samples(
    path: Path, *, model: BertForMaskedLM, ema: Ema, tokenizer: BertTokenizer
) -> None:
    """One text a line from the averaged weights: the templates greedily, then free top-k texts.

    The model and the global random state are left as they were.
    """
    averaged = copy.deepcopy(model)  # building another would draw initial weights
    ema.copy_to(averaged)
    nn.Module.to(averaged, "cpu")  # the typed one of the two
    unmasker = Unmasker(averaged, tokenizer)
    texts = [unmasker.fill(template) for template in TEMPLATES]
    texts += [unmasker.free_text(FREE_LENGTH, seed) for seed in FREE_SEEDS]
    path.write_text("\n".join(texts) + "\n")
