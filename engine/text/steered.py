"""A model's proposals steered: guidance and controls in one, and what is kept of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from engine.chain.records import Floats, Ints
from engine.text.controls import CONTROLS
from engine.text.controls.control import Control, Text, Vocabulary
from engine.text.denoisers import TextDenoiser
from engine.text.steering import MOST_GUIDANCE, MOST_STRENGTH, split_control

if TYPE_CHECKING:
    from engine.text.runner import TextRunner

SIDE = 16  # candidates kept of each of the distributions
FLOOR = -100.0  # of a stored log-probability


@dataclass(frozen=True, slots=True)
class Steered:
    """What is kept of a steered step, so that other scales can be looked at without the model.

    ``choices`` [n, c] are the likeliest tokens of the model alone, at the most guidance and at the
    most strength that may be asked for, and as it was steered: what wins in between is nearly
    always among them. Log-probabilities and energies are over the allowed vocabulary and for these.
    """

    choices: Tensor  # [n, c]
    conditional: Tensor  # [n, c] log-probabilities
    unconditional: Tensor | None  # [n, c]; None where nothing guides
    energy: Tensor | None  # [n, c]; None without controls
    log_p: Tensor  # [n, V] of the model that sees all
    controls: tuple[Control, ...]

    def arrays(self, proposed: Ints, tokens: Ints) -> Mapping[str, Any]:
        """The fields of a step for its proposals [n] and the tokens [L] after it."""
        rows = torch.from_numpy(proposed.astype(np.int64))[:, None]
        kept: dict[str, Any] = {
            "choices": self.choices.numpy().astype(np.int32),
            "conditional": _floored(self.conditional),
            "plain": _floored(self.log_p.gather(1, rows)[:, 0]),
        }
        if self.unconditional is not None:
            kept["unconditional"] = _floored(self.unconditional)
        if self.energy is not None:
            kept["energy"] = self.energy.float().numpy()
            met = [control.satisfied(tokens) for control in self.controls]
            kept["satisfied"] = np.array(met, np.float32)
        return kept


def _floored(log_p: Tensor) -> Floats:
    """Log-probabilities as they are stored: numbers, also of tokens that are not allowed."""
    return log_p.float().clamp(min=FLOOR).numpy()


def guide(logits: Tensor, without: Tensor, scale: float) -> Tensor:
    """Logits l_u + (1 + w) (l - l_u) of ``logits`` l, ``without`` the given words l_u."""
    # -inf - -inf would be nan
    return torch.where(logits.isinf(), logits, without + (1 + scale) * (logits - without))


@dataclass
class Steering:
    """The controls of one model's runs, each made once."""

    denoiser: TextDenoiser
    name: str = "the model"
    _made: dict[str, Control] = field(default_factory=dict)

    def control(self, text: str) -> Control:
        """The control of ``must:sea``. Raises InvalidInput for what this model cannot do."""
        if text not in self._made:
            name, given = split_control(text)
            self._made[text] = CONTROLS[name](given, self._vocabulary())
        return self._made[text]

    def steer(
        self, runner: TextRunner, logits: Tensor, without: Tensor | None
    ) -> tuple[Steered, Tensor]:
        """(what is kept, steered logits [n, V]) of logits with and ``without`` the given words.

        Logits l + w (l - l_u) (Nie et al. 2024, 2410.18514, eq. 8; Ho and Salimans 2022), then
        the strength times the controls' energies on top.
        """
        spec = runner.spec
        steered, log_p = logits, torch.log_softmax(logits, dim=-1)
        if without is not None:
            steered = guide(logits, without, spec.guidance_at(runner.next_index))
        controls = tuple(self.control(text) for text in spec.controls)
        energy = None
        if controls:
            energy = torch.from_numpy(self._energy(controls, runner, log_p))
            steered = steered + spec.control_strength * energy
        most = [] if without is None else [guide(logits, without, MOST_GUIDANCE)]
        if energy is not None:
            most.append(logits + MOST_STRENGTH * energy)
        tops = [logits, *most, steered]
        width = min(SIDE, logits.shape[1])
        choices = torch.cat([each.topk(width, dim=-1).indices for each in tops], dim=-1)
        kept = Steered(
            choices,
            log_p.gather(1, choices),
            None if without is None else torch.log_softmax(without, -1).gather(1, choices),
            None if energy is None else energy.gather(1, choices),
            log_p,
            controls,
        )
        return kept, steered

    def _energy(self, controls: tuple[Control, ...], runner: TextRunner, log_p: Tensor) -> Floats:
        asked = runner.asked
        standing = runner.tokens[asked] != runner.mask_id
        rows = np.arange(len(asked)) if runner.noise is not None else np.flatnonzero(~standing)
        text = Text(runner.tokens, asked, rows.astype(np.int32), log_p.numpy())
        total = np.zeros(tuple(log_p.shape), np.float32)
        for control in controls:
            total += control.energy(text)
        return total

    def _vocabulary(self) -> Vocabulary:
        d = self.denoiser
        special = frozenset(d.special_ids)
        return Vocabulary(self.name, d.pieces, d.mask_id, special, d.encode, d.embeddings)
