"""BERT as the denoiser: logits for the masked positions of token states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cache.errors import InvalidInput, NonFiniteLogits
from engine.chain.records import Ints
from engine.text.spec import MASK

BATCH = 64  # states in one forward


@dataclass
class BertDenoiser:
    """A ``BertForMaskedLM`` with its tokenizer; counts the states it was run on.

    ``model_calls`` counts states (rows), not batches, so it means the same in every layout.
    """

    model: Any
    tokenizer: Any
    fingerprint: str
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    model_calls: int = 0

    @property
    def mask_id(self) -> int:
        """The token id of [MASK]."""
        return int(self.tokenizer.mask_token_id)

    @property
    def special_ids(self) -> tuple[int, ...]:
        """[UNK], [PAD], [CLS], [SEP], [MASK]: what is not to be written."""
        t = self.tokenizer
        ids = (t.unk_token_id, t.pad_token_id, t.cls_token_id, t.sep_token_id, t.mask_token_id)
        return tuple(int(i) for i in ids if i is not None)

    @property
    def rows(self) -> int:
        """How many tokens the model has a logit of; some may be no piece of the tokenizer."""
        return int(self.model.config.vocab_size)

    @cached_property
    def pieces(self) -> list[str]:
        """The vocabulary by token id, a piece for every row of the model; "" where it has none."""
        return pieces_of(self.tokenizer, self.rows)

    @cached_property
    def without_piece(self) -> tuple[int, ...]:
        """The token ids that are no piece: padding of the rows, which is never to be written."""
        return tuple(i for i, piece in enumerate(self.pieces) if not piece)

    def encode(self, text: str) -> Ints:
        """[L] content token ids of a text, without [CLS] and [SEP].

        ``[MASK]`` stands for the tokenizer's own mask, whatever it calls it. Raises InvalidInput
        when the text is longer than the model's positions.
        """
        own = text.replace(MASK, str(self.tokenizer.mask_token))
        ids = self.tokenizer(own, add_special_tokens=False)["input_ids"]
        room = int(self.model.config.max_position_embeddings) - 2
        if not 1 <= len(ids) <= room:
            raise InvalidInput(f"text must be 1 to {room} tokens for this model, got {len(ids)}")
        return np.asarray(ids, np.int32)

    @torch.inference_mode()
    def logits(self, states: Sequence[Ints]) -> list[Tensor]:
        """[m, V] logits of each state's masked positions, in ascending order, on the CPU.

        States of one length share a forward; the MLM head runs on masked positions only.
        """
        out: list[Tensor | None] = [None] * len(states)
        for length in sorted({len(s) for s in states}):
            group = [i for i, state in enumerate(states) if len(state) == length]
            for chunk in (group[i : i + BATCH] for i in range(0, len(group), BATCH)):
                ids = self._framed([states[i] for i in chunk])
                hidden = self.model.bert(ids).last_hidden_state
                masked = ids == self.mask_id
                scores = self.model.cls(hidden[masked]).float().cpu()
                for i, rows in zip(chunk, scores.split(masked.sum(1).tolist()), strict=True):
                    out[i] = rows
                self.model_calls += len(chunk)
        return [_finite(rows) for rows in out if rows is not None]

    @torch.inference_mode()
    def exact_logits(self, state: Ints) -> Tensor:
        """[m, V] logits of one state from one plain forward: the bits of a batch of one."""
        ids = self._framed([state])
        scores: Tensor = self.model(input_ids=ids).logits[0].float().cpu()
        self.model_calls += 1
        return _finite(scores[(ids[0] == self.mask_id).cpu()])

    def _framed(self, states: Sequence[Ints]) -> Tensor:
        content = torch.as_tensor(np.stack(states).astype(np.int64))
        first = torch.full((len(content), 1), int(self.tokenizer.cls_token_id))
        last = torch.full((len(content), 1), int(self.tokenizer.sep_token_id))
        return torch.cat([first, content, last], dim=1).to(self.device)


def pieces_of(tokenizer: Any, rows: int) -> list[str]:
    """A tokenizer's pieces by token id, at least ``rows`` of them; "" for an id that has none."""
    count = max(rows, *(token + 1 for token in tokenizer.get_vocab().values()))
    return [piece or "" for piece in tokenizer.convert_ids_to_tokens(range(count))]


def _finite(logits: Tensor) -> Tensor:
    """The logits, when they are numbers; softmax makes words even of nan."""
    if not bool(torch.isfinite(logits).all()):
        raise NonFiniteLogits("the model says nan or inf of a [MASK]: its step was not stored")
    return logits
