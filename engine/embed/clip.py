"""CLIP embeddings of prompts and pictures (Radford et al. 2021).

A prompt's embedding is the end-of-text state, projected (2103.00020). The state at position 0 is
the start token's: CLIP's text encoder is causal, so it is the same for every prompt and every
similarity of it is 1. It is kept beside the other to show just that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from engine.chain.records import Floats


@dataclass(frozen=True, slots=True, eq=False)
class TextEmbedding:
    """A prompt in CLIP's space: everything of unit length, d dimensions, n tokens."""

    pooled: Floats  # [d] the end-of-text state, projected
    states: Floats  # [n, d] every token's state, projected; [0] is the start token's
    tokens: tuple[str, ...]


@dataclass
class Clip:
    """A CLIP model with its tokenizer and image processor; counts the items it was run on."""

    model: Any
    tokenizer: Any
    processor: Any
    fingerprint: str
    device: torch.device
    model_calls: int = 0

    @property
    def logit_scale(self) -> float:
        """What CLIP multiplies cosines by before its softmax."""
        return float(self.model.logit_scale.exp())

    @torch.inference_mode()
    def embed_text(self, text: str) -> TextEmbedding:
        """The embedding of one prompt; what is beyond the model's positions is cut off."""
        room = int(self.model.config.text_config.max_position_embeddings)
        ids = self.tokenizer([text], truncation=True, max_length=room, return_tensors="pt")
        output = self.model.text_model(**ids.to(self.device))
        self.model_calls += 1
        pooled = self.model.text_projection(output.pooler_output)
        states = self.model.text_projection(output.last_hidden_state)
        names = self.tokenizer.convert_ids_to_tokens(ids["input_ids"][0].tolist())
        return TextEmbedding(_unit(pooled)[0], _unit(states)[0], tuple(names))

    @torch.inference_mode()
    def embed_picture(self, picture: Image.Image) -> Floats:
        """[d] the embedding of one RGB picture, unit length."""
        pixels = self.processor(images=[picture], return_tensors="pt")["pixel_values"]
        output = self.model.get_image_features(pixel_values=pixels.to(self.device))
        self.model_calls += 1
        embedding: Floats = _unit(output.pooler_output)[0]
        return embedding


def _unit(tensor: Tensor) -> Floats:
    vectors: Floats = (tensor / tensor.norm(dim=-1, keepdim=True)).float().cpu().numpy()
    return vectors
