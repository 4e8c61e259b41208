"""Texts of a model, filled in from masks: while it is trained, and to measure it afterwards."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import torch
from torch import nn
from transformers import BertForMaskedLM, BertTokenizer

from engine.training.averages import Ema
from engine.training.text.corpus import CLS, MASK, SEP, SPECIAL
from engine.training.text.kernels import Kernel, UniformKernel, read_kernel

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


class Writer(ABC):
    """A model on the CPU and the plainest way to write with it."""

    def __init__(self, model: BertForMaskedLM, tokenizer: BertTokenizer) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer

    @classmethod
    def load(cls, folder: Path) -> Self:
        """From a model folder, in single precision."""
        model = BertForMaskedLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
        return cls(model, BertTokenizer.from_pretrained(folder))

    @abstractmethod
    def sample(self, ids: Sequence[int], *, steps: int, seed: int | None = None) -> list[int]:
        """Fill every [MASK] in ``steps`` steps: greedily, or by draws when given a seed."""

    def free_text(self, length: int, seed: int | None) -> str:
        """A text of that many tokens, from nothing given, a step a token."""
        return self.text(self.sample([CLS, *[MASK] * length, SEP], steps=length, seed=seed))

    def fill(self, template: str, seed: int | None = None) -> str:
        """A template with every [MASK] filled, a step a mask."""
        ids = self.tokenizer(template)["input_ids"]
        return self.text(self.sample(ids, steps=max(1, ids.count(MASK)), seed=seed))

    def text(self, ids: Sequence[int]) -> str:
        """Token ids as text."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))


class Unmasker(Writer):
    """The reverse of the absorbing kernel: most confident positions first."""

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


class Redrawer(Writer):
    """The reverse of the uniform kernel: from random words, every one redrawn at every step.

    Greedy is the same walk from the noise of seed 0, with the likeliest words at its end and no
    chance on the way. Words that were given stay.
    """

    kernel: UniformKernel
    steps_of_a_word = 2  # a step decides nothing for good, so a few more than there are words

    @classmethod
    def load(cls, folder: Path) -> Self:
        """From a model folder, in single precision, with the kernel that it names."""
        writer = super().load(folder)
        kernel = read_kernel(folder)
        assert isinstance(kernel, UniformKernel)
        writer.kernel = kernel
        return writer

    @torch.inference_mode()
    def sample(self, ids: Sequence[int], *, steps: int, seed: int | None = None) -> list[int]:
        """Replace every [MASK] by noise and walk back from it."""
        first, words = self.kernel.first_word, self.kernel.words
        generator = torch.Generator().manual_seed(seed or 0)
        tokens = torch.tensor([list(ids)])
        asked = (tokens[0] == MASK).nonzero()[:, 0]
        tokens[0, asked] = torch.randint(first, first + words, (len(asked),), generator=generator)
        total = max(8, self.steps_of_a_word * steps)
        for step in range(total, 0, -1):
            logits = self.model(tokens).logits[0, asked, first : first + words]
            guess = logits.double().softmax(-1)
            back = self.kernel.step_back(
                tokens[0, asked], guess, time=step / total, to=(step - 1) / total
            )
            if seed is None:
                drawn = back.argmax(-1)
            else:
                drawn = torch.multinomial(back, 1, generator=generator)[:, 0]
            tokens[0, asked] = first + drawn
        return [int(token) for token in tokens[0]]


def load_writer(folder: Path) -> Writer:
    """What writes with the model of a folder, by the kernel that it was trained for."""
    kernel = read_kernel(folder)
    return Redrawer.load(folder) if isinstance(kernel, UniformKernel) else Unmasker.load(folder)


def write_samples(
    path: Path, *, model: BertForMaskedLM, ema: Ema, tokenizer: BertTokenizer, kernel: Kernel
) -> None:
    """One text a line from the averaged weights: the templates greedily, then free drawn texts.

    The model and the global random state are left as they were.
    """
    averaged = copy.deepcopy(model)  # building another would draw initial weights
    ema.copy_to(averaged)
    nn.Module.to(averaged, "cpu")  # the typed one of the two
    writer: Writer = Unmasker(averaged, tokenizer)
    if isinstance(kernel, UniformKernel):
        writer = Redrawer(averaged, tokenizer)
        writer.kernel = kernel
    texts = [writer.fill(template) for template in TEMPLATES]
    texts += [writer.free_text(FREE_LENGTH, seed) for seed in FREE_SEEDS]
    path.write_text("\n".join(texts) + "\n")
