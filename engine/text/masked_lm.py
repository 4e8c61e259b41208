"""A masked language model as a text denoiser (BERT, Devlin et al. 2019, 1810.04805), as it is.

Any of the classes of transformers in ``engine.models.architectures``; their table says what
differs. States that share a forward have one length, so nothing is ever padded: no row sees
another, and no attention mask is needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cache.errors import InvalidInput
from engine.chain.records import Floats, Ints
from engine.models.architectures import ARCHITECTURES, Architecture
from engine.models.loaded_text import check_loaded
from engine.models.registry import FoundModel
from engine.models.text_checks import tensors_of
from engine.models.text_folder import model_type
from engine.models.word_pieces import read_cased
from engine.text.denoisers import Asked, finite, pieces_of, positions_asked
from engine.text.spec import MASK

BATCH = 64  # states in one forward
BERT = ARCHITECTURES["bert"]
NO_TEXT = re.compile(r"<\w+>")  # ESM's <null_1>: special, though its tokenizer does not say so


@dataclass
class MaskedLM:
    """A masked language model of transformers with its tokenizer, as a ``TextDenoiser``."""

    model: Any
    tokenizer: Any
    fingerprint: str
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    architecture: Architecture = BERT
    model_calls: int = 0

    @property
    def mask_id(self) -> int:
        """The token id of the mask."""
        return int(self.tokenizer.mask_token_id)

    @property
    def mask_token(self) -> str:
        """The mask as this tokenizer writes it: [MASK], <mask>."""
        return str(self.tokenizer.mask_token)

    @cached_property
    def special_ids(self) -> tuple[int, ...]:
        """What is not to be written: the unknown, padding, frame and mask, and other signs."""
        t = self.tokenizer
        ids = [t.unk_token_id, t.pad_token_id, t.cls_token_id, t.sep_token_id, t.mask_token_id]
        if self.architecture is not BERT:  # whose runs are keyed and kept by these five
            ids += t.all_special_ids
            ids += [i for i, token in t.added_tokens_decoder.items() if token.special]
        if self.architecture.split_at_pieces:
            ids += [i for i, piece in enumerate(self.pieces) if NO_TEXT.fullmatch(piece)]
        return tuple(dict.fromkeys(int(i) for i in ids if i is not None))

    @cached_property
    def frame(self) -> tuple[list[int], list[int]]:
        """The ids before and after a text, as the tokenizer puts them."""
        t = self.tokenizer
        if self.architecture is BERT:
            return [int(t.cls_token_id)], [int(t.sep_token_id)]
        ids = list(t(self.mask_token)["input_ids"])
        middle = ids.index(self.mask_id)
        return ids[:middle], ids[middle + 1 :]

    @property
    def length_limit(self) -> int:
        """The positions that what frames a text leaves."""
        config = self.model.config
        padding = getattr(config, "pad_token_id", None)
        most = self.architecture.longest(int(config.max_position_embeddings), padding)
        if self.architecture is not BERT:
            most = min(most, int(self.tokenizer.model_max_length))
        return most - sum(map(len, self.frame))

    @cached_property
    def pieces(self) -> list[str]:
        """The vocabulary by token id; the rows of the model may be more than the tokenizer has."""
        return pieces_of(self.tokenizer, rows_of(self.model))

    @cached_property
    def without_piece(self) -> tuple[int, ...]:
        """The token ids that are no piece."""
        return tuple(i for i, piece in enumerate(self.pieces) if not piece)

    def encode(self, text: str) -> Ints:
        """[L] token ids of a text, without what frames it. Raises InvalidInput."""
        if not text.replace(MASK, "").strip():
            text = MASK * text.count(MASK)  # some tokenizers read spaces between them as tokens
        own = text.replace(MASK, self.mask_token)
        ids = self.tokenizer(own, add_special_tokens=False)["input_ids"]
        most = self.length_limit
        if not 1 <= len(ids) <= most:
            raise InvalidInput(f"text must be 1 to {most} tokens for this model, got {len(ids)}")
        return np.asarray(ids, np.int32)

    def embeddings(self) -> Floats:
        """[V, d] the input embedding of every token."""
        table: Floats = self.model.get_input_embeddings().weight.detach().float().cpu().numpy()
        return table

    @torch.inference_mode()
    def logits(self, states: Sequence[Ints], asked: Asked | None = None) -> list[Tensor]:
        """[m, V] logits of each state's masked positions, or of those that are ``asked``.

        States of one length share a forward; the head runs on these positions only.
        """
        places = [
            positions_asked(state, self.mask_id, None if asked is None else asked[i])
            for i, state in enumerate(states)
        ]
        out: list[Tensor | None] = [None] * len(states)
        base, first = getattr(self.model, self.architecture.base), len(self.frame[0])
        for length in sorted({len(s) for s in states}):
            group = [i for i, state in enumerate(states) if len(state) == length]
            for chunk in (group[i : i + BATCH] for i in range(0, len(group), BATCH)):
                hidden = base(self._framed([states[i] for i in chunk])).last_hidden_state
                counts = [len(places[i]) for i in chunk]
                columns = np.concatenate([places[i] for i in chunk]).astype(np.int64) + first
                which = np.repeat(np.arange(len(chunk)), counts)
                where = torch.from_numpy(which), torch.from_numpy(columns)
                scores = self._head(hidden[where]).float().cpu()
                for i, rows in zip(chunk, scores.split(counts), strict=True):
                    out[i] = rows
                self.model_calls += len(chunk)
        return [finite(rows) for rows in out if rows is not None]

    @torch.inference_mode()
    def exact_logits(self, state: Ints, asked: Ints | None = None) -> Tensor:
        """[m, V] logits of one state from one plain forward: the bits of a batch of one."""
        scores: Tensor = self.model(input_ids=self._framed([state])).logits[0].float().cpu()
        self.model_calls += 1
        places = positions_asked(state, self.mask_id, asked).astype(np.int64)
        return finite(scores[torch.from_numpy(places) + len(self.frame[0])])

    def _head(self, hidden: Tensor) -> Tensor:
        if hasattr(self.model, "lm_predictions"):  # DeBERTa's own head ends in its embeddings
            words = self.model.deberta.embeddings.word_embeddings
            scores: Tensor = self.model.lm_predictions(hidden, words)
            return scores
        for name in self.architecture.head:
            hidden = getattr(self.model, name)(hidden)
        return hidden

    def _framed(self, states: Sequence[Ints]) -> Tensor:
        content = torch.as_tensor(np.stack(states).astype(np.int64))
        before, after = (torch.tensor([ids] * len(content)).long() for ids in self.frame)
        return torch.cat([before, content, after], dim=1).to(self.device)


def load_masked_lm(source: FoundModel, device: torch.device) -> MaskedLM:
    """A model in fp32 and evaluation mode. Raises ModelDamaged when it is not to be believed."""
    import transformers

    architecture = ARCHITECTURES[model_type(source)]
    tokenizer = tokenizer_of(source)
    loaded: Any = getattr(transformers, architecture.name).from_pretrained(
        source.folder,
        local_files_only=True,
        use_safetensors=True,
        dtype=torch.float32,
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # then they are listed, and refused by name
        **_as_its_tensors_say(source, architecture),
    )
    model, info = loaded
    model = model.to(device).eval().requires_grad_(False)
    denoiser = MaskedLM(model, tokenizer, source.fingerprint, device, architecture)
    check_loaded(source, denoiser, info, architecture)
    return denoiser


def tokenizer_of(model: FoundModel) -> Any:
    """The tokenizer of a masked language model, as transformers chooses it; no code of its own."""
    from transformers import AutoTokenizer, BertTokenizer

    if model_type(model) == "bert":
        cased: dict[str, Any] = {"do_lower_case": False} if read_cased(model.folder) else {}
        return BertTokenizer.from_pretrained(model.folder, local_files_only=True, **cased)
    return AutoTokenizer.from_pretrained(
        model.folder, local_files_only=True, trust_remote_code=False
    )


def rows_of(model: Any) -> int:
    """How many tokens a model can write."""
    return int(model.config.vocab_size or model.get_input_embeddings().weight.shape[0])


def _as_its_tensors_say(source: FoundModel, architecture: Architecture) -> dict[str, Any]:
    """DeBERTa has two heads, and checkpoints with one of them whose configs do not say which."""
    if architecture.base != "deberta":
        return {}
    names = tensors_of(source.folder)
    return {"legacy": not any(name.startswith("lm_predictions.") for name in names)}
