"""BERT as a text denoiser (Devlin et al. 2019, 1810.04805): a masked language model, as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cache.errors import InvalidInput
from engine.chain.records import Floats, Ints
from engine.models.bert_folder import BESIDE, MADE
from engine.models.loaded_text import check_loaded
from engine.models.registry import FoundModel
from engine.text.denoisers import Asked, finite, pieces_of, positions_asked
from engine.text.spec import MASK

BATCH = 64  # states in one forward


@dataclass
class BertDenoiser:
    """A ``BertForMaskedLM`` with its tokenizer, as a ``TextDenoiser``."""

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
    def mask_token(self) -> str:
        """[MASK], or what this tokenizer calls it."""
        return str(self.tokenizer.mask_token)

    @property
    def special_ids(self) -> tuple[int, ...]:
        """[UNK], [PAD], [CLS], [SEP], [MASK]: what is not to be written."""
        t = self.tokenizer
        ids = (t.unk_token_id, t.pad_token_id, t.cls_token_id, t.sep_token_id, t.mask_token_id)
        return tuple(int(i) for i in ids if i is not None)

    @property
    def length_limit(self) -> int:
        """The positions that [CLS] and [SEP] leave."""
        return int(self.model.config.max_position_embeddings) - 2

    @cached_property
    def pieces(self) -> list[str]:
        """The vocabulary by token id; the rows of the model may be more than the tokenizer has."""
        return pieces_of(self.tokenizer, int(self.model.config.vocab_size))

    @cached_property
    def without_piece(self) -> tuple[int, ...]:
        """The token ids that are no piece."""
        return tuple(i for i, piece in enumerate(self.pieces) if not piece)

    def embeddings(self) -> Floats:
        """[V, d] the input embedding of every token."""
        table: Floats = self.model.get_input_embeddings().weight.detach().float().cpu().numpy()
        return table

    def encode(self, text: str) -> Ints:
        """[L] token ids of a text, without [CLS] and [SEP]. Raises InvalidInput."""
        own = text.replace(MASK, self.mask_token)
        ids = self.tokenizer(own, add_special_tokens=False)["input_ids"]
        most = self.length_limit
        if not 1 <= len(ids) <= most:
            raise InvalidInput(f"text must be 1 to {most} tokens for this model, got {len(ids)}")
        return np.asarray(ids, np.int32)

    @torch.inference_mode()
    def logits(self, states: Sequence[Ints], asked: Asked | None = None) -> list[Tensor]:
        """[m, V] logits of each state's masked positions, or of those that are ``asked``.

        States of one length share a forward; the MLM head runs on these positions only.
        """
        places = [
            positions_asked(state, self.mask_id, None if asked is None else asked[i])
            for i, state in enumerate(states)
        ]
        out: list[Tensor | None] = [None] * len(states)
        for length in sorted({len(s) for s in states}):
            group = [i for i, state in enumerate(states) if len(state) == length]
            for chunk in (group[i : i + BATCH] for i in range(0, len(group), BATCH)):
                ids = self._framed([states[i] for i in chunk])
                hidden = self.model.bert(ids).last_hidden_state
                rows_of = np.repeat(np.arange(len(chunk)), [len(places[i]) for i in chunk])
                columns = np.concatenate([places[i] for i in chunk]) + 1  # after [CLS]
                where = torch.from_numpy(rows_of), torch.from_numpy(columns.astype(np.int64))
                scores = self.model.cls(hidden[where]).float().cpu()
                for i, rows in zip(
                    chunk, scores.split([len(places[i]) for i in chunk]), strict=True
                ):
                    out[i] = rows
                self.model_calls += len(chunk)
        return [finite(rows) for rows in out if rows is not None]

    @torch.inference_mode()
    def exact_logits(self, state: Ints, asked: Ints | None = None) -> Tensor:
        """[m, V] logits of one state from one plain forward: the bits of a batch of one."""
        ids = self._framed([state])
        scores: Tensor = self.model(input_ids=ids).logits[0].float().cpu()
        self.model_calls += 1
        places = positions_asked(state, self.mask_id, asked)
        return finite(scores[torch.from_numpy(places.astype(np.int64)) + 1])

    def _framed(self, states: Sequence[Ints]) -> Tensor:
        content = torch.as_tensor(np.stack(states).astype(np.int64))
        first = torch.full((len(content), 1), int(self.tokenizer.cls_token_id))
        last = torch.full((len(content), 1), int(self.tokenizer.sep_token_id))
        return torch.cat([first, content, last], dim=1).to(self.device)


def load_bert(source: FoundModel, device: torch.device) -> BertDenoiser:
    """A BERT in fp32 and evaluation mode. Raises ModelDamaged when it is not to be believed."""
    from transformers import BertForMaskedLM

    tokenizer = bert_tokenizer(source)
    loaded: Any = BertForMaskedLM.from_pretrained(
        source.folder,
        local_files_only=True,
        use_safetensors=True,
        dtype=torch.float32,
        output_loading_info=True,
    )
    model, info = loaded
    model = model.to(device).eval().requires_grad_(False)
    check_loaded(source, model, tokenizer, info, made=MADE, beside=BESIDE)
    return BertDenoiser(model, tokenizer, source.fingerprint, device)


def bert_tokenizer(model: FoundModel) -> Any:
    """The tokenizer of a BERT."""
    from transformers import BertTokenizer

    return BertTokenizer.from_pretrained(model.folder, local_files_only=True)
