"""How a text is corrupted and what is learnt from it: the absorbing and the uniform kernel.

Both are of Austin et al., "Structured Denoising Diffusion Models in Discrete State-Spaces" (2021,
arXiv 2107.03006), the uniform one also of Hoogeboom et al. (2021, arXiv 2102.05379). The schedule
is linear: at time t in (0, 1] a word is still its own with probability alpha_bar(t) = 1 - t.
Neither model is told the time: how many words are masked, or do not fit, can be read off the text.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol

import torch
from torch import Tensor, nn
from transformers import BertForMaskedLM

from engine.text.posterior import step_back
from engine.training.text.corpus import MASK

KernelName = Literal["absorbing", "uniform"]
KERNELS: tuple[KernelName, ...] = ("absorbing", "uniform")
DIFFUSION = "diffusion.json"


class Kernel(Protocol):
    """A way to corrupt texts."""

    def corrupt(
        self, ids: Tensor, generator: torch.Generator, *, ratio: float | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """(corrupted ids, asked, changed), each [row, position]; [CLS] and [SEP] stay as they are.

        ``asked`` is where the model must name the word, ``changed`` where a word may have been
        replaced. Every row has its own ratio, uniform in (0, 1], unless one is given.
        """


@dataclass(frozen=True, slots=True)
class AbsorbingKernel:
    """A word becomes [MASK] with probability t; the model is asked for the masked words."""

    def corrupt(
        self, ids: Tensor, generator: torch.Generator, *, ratio: float | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        mask = draw_mask(ids, generator, ratio=ratio)
        return ids.masked_fill(mask, MASK), mask, mask


@dataclass(frozen=True, slots=True)
class UniformKernel:
    """A word is redrawn with probability t, uniformly from ``words`` ids; every word is asked for.

    The ids are those from ``first_word`` on, which are the words and marks that training texts hold
    (``corpus.vocabulary`` puts them first): neither the special tokens nor the letters that other
    words are spelled with. A redrawn word may be the same again. The loss is the cross-entropy of
    the first word at every position, the ones still right as well: the auxiliary loss of D3PM in
    its x0-parametrisation, without the bound's weights, as for the absorbing kernel.
    """

    first_word: int
    words: int

    def corrupt(
        self, ids: Tensor, generator: torch.Generator, *, ratio: float | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        rows, length = ids.shape
        ratios, draws = _ratios_and_draws(rows, length - 2, generator, ratio)
        redrawn = draws < ratios
        noise = torch.randint(
            self.first_word, self.first_word + self.words, (rows, length),
            generator=generator, device=generator.device,
        )  # fmt: skip
        changed = nn.functional.pad(redrawn, (1, 1))
        asked = nn.functional.pad(torch.ones_like(redrawn), (1, 1))
        return torch.where(changed, noise, ids), asked, changed

    def step_back(self, tokens: Tensor, first: Tensor, *, time: float, to: float) -> Tensor:
        """Probabilities of the words at time ``to``, [position, word], from the model's for time 0.

        ``tokens`` are ids at ``time``, [position], ``first`` the probabilities of the words at time
        0, [position, word] over the ``words`` ids. The posterior of D3PM, summed over first words.
        """
        return step_back(tokens - self.first_word, first, kept=1 - time, kept_to=1 - to)


def kernel_of(name: KernelName, *, words: int) -> Kernel:
    """The kernel of that name for a vocabulary whose words begin after the special tokens."""
    from engine.training.text.corpus import SPECIAL

    return AbsorbingKernel() if name == "absorbing" else UniformKernel(len(SPECIAL), words)


def write_kernel(folder: Path, kernel: Kernel) -> None:
    """diffusion.json: all that sampling must know. An absorbing model's folder has none."""
    if isinstance(kernel, UniformKernel):
        facts = {"kernel": "uniform", "schedule": "linear", **asdict(kernel)}
        (folder / DIFFUSION).write_text(json.dumps(facts, indent=1) + "\n")


def read_kernel(folder: Path) -> Kernel:
    """The kernel that a model folder was trained for."""
    path = folder / DIFFUSION
    if not path.exists():
        return AbsorbingKernel()
    facts = json.loads(path.read_text())
    return UniformKernel(first_word=int(facts["first_word"]), words=int(facts["words"]))


def draw_mask(ids: Tensor, generator: torch.Generator, *, ratio: float | None = None) -> Tensor:
    """Which words of each row are hidden, [row, position]: one ratio a row, uniform in (0, 1].

    At least one is hidden in every row; [CLS] and [SEP] never are.
    """
    rows, length = ids.shape
    ratios, draws = _ratios_and_draws(rows, length - 2, generator, ratio)
    hidden = draws < ratios
    hidden.scatter_(1, draws.argmin(1, keepdim=True), True)
    return nn.functional.pad(hidden, (1, 1))


def gathered_loss(model: BertForMaskedLM, ids: Tensor, seen: Tensor, asked: Tensor) -> Tensor:
    """Mean cross-entropy over the asked positions, in nats; the head runs on those only."""
    states = model.bert(seen).last_hidden_state[asked]
    return nn.functional.cross_entropy(model.cls(states), ids[asked])


def dense_loss(model: BertForMaskedLM, ids: Tensor, seen: Tensor, asked: Tensor) -> Tensor:
    """The same with the head on every position: a GPU need not wait to learn how many are asked."""
    logits = model.cls(model.bert(seen).last_hidden_state)
    losses = nn.functional.cross_entropy(
        logits.flatten(0, 1), ids.flatten(), reduction="none"
    ).view_as(ids)
    return (losses * asked).sum() / asked.sum()


def _ratios_and_draws(
    rows: int, words: int, generator: torch.Generator, ratio: float | None
) -> tuple[Tensor | float, Tensor]:
    """What a draw must be under, [row, 1], and the draws, [row, word], where the generator is."""
    ratios: Tensor | float = 1.0 if ratio is None else ratio
    if ratio is None:
        ratios = torch.rand((rows, 1), generator=generator, device=generator.device)
    return ratios, torch.rand((rows, words), generator=generator, device=generator.device)
