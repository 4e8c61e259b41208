"""What every family of text denoisers can do: all that samplers and walkers ask of a model.

A family is one file beside this one (``bert.py``) and one row in ``loading.FAMILIES``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from cache.errors import NonFiniteLogits
from engine.chain.records import Floats, Ints

Asked = Sequence[Ints | None]  # of each state: positions, ascending; None: those that are masked


class TextDenoiser(Protocol):
    """A loaded masked language model: logits of what is masked in a state of tokens.

    A state is [L] content token ids: what frames them (BERT's [CLS] and [SEP]) is the family's own
    affair. ``model_calls`` counts states (rows), not batches, so it means the same in every layout.
    """

    fingerprint: str
    device: torch.device
    model_calls: int

    @property
    def mask_id(self) -> int:
        """The token id of the mask."""

    @property
    def mask_token(self) -> str:
        """The mask as the tokenizer writes it; in texts of specs ``[MASK]`` stands for it."""

    @property
    def special_ids(self) -> tuple[int, ...]:
        """The token ids of what is no text, the mask among them: not to be written."""

    @property
    def length_limit(self) -> int:
        """The most content tokens of a text."""

    @property
    def pieces(self) -> list[str]:
        """The vocabulary by token id, a piece for every row of the model; "" where it has none."""

    @property
    def without_piece(self) -> tuple[int, ...]:
        """The token ids that are no piece: padding of the rows, which is never to be written."""

    def embeddings(self) -> Floats:
        """[V, d] the model's input embedding of every token, on the CPU."""

    def encode(self, text: str) -> Ints:
        """[L] content token ids of a text, in which ``[MASK]`` stands for the mask.

        Raises InvalidInput when it has no token, or more than ``length_limit``.
        """

    def logits(self, states: Sequence[Ints], asked: Asked | None = None) -> list[Tensor]:
        """[m, V] logits at the ``asked`` positions of each state, on the CPU.

        Without ``asked``, or with None for a state, at its masked positions, in ascending order.
        States may share forwards. Raises NonFiniteLogits.
        """

    def exact_logits(self, state: Ints, asked: Ints | None = None) -> Tensor:
        """[m, V] logits of one state from one plain forward: the bits of a batch of one."""


def pieces_of(tokenizer: Any, rows: int) -> list[str]:
    """A tokenizer's pieces by token id, at least ``rows`` of them; "" for an id that has none."""
    count = max(rows, *(token + 1 for token in tokenizer.get_vocab().values()))
    return [piece or "" for piece in tokenizer.convert_ids_to_tokens(range(count))]


def positions_asked(state: Ints, mask_id: int, asked: Ints | None) -> Ints:
    """[m] the positions of a state that a model is asked about: its masks where none are given."""
    return np.flatnonzero(state == mask_id).astype(np.int32) if asked is None else asked


def finite(logits: Tensor) -> Tensor:
    """The logits, when they are numbers; softmax makes words even of nan."""
    if not bool(torch.isfinite(logits).all()):
        raise NonFiniteLogits("the model says nan or inf of a [MASK]: its step was not stored")
    return logits
