"""CLIP embeddings of prompts and pictures, each computed once and kept (Radford et al. 2021).

A prompt's embedding is the end-of-text state, projected (2103.00020). The state at position 0 is
the start token's: CLIP's text encoder is causal, so it is the same for every prompt and every
similarity of it is 1. It is kept beside the other to show just that.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cache.payload import Payload
from cache.store import Store
from engine import image_keys, stored_images
from engine.image_records import TokenEmbeddings
from engine.image_specs import EmbedSpec
from engine.imported import is_imported, put_own
from engine.models.registry import FoundModel
from engine.provenance import provenance
from engine.records import Floats


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
        found = self.model.text_model(**ids.to(self.device))
        self.model_calls += 1
        pooled = self.model.text_projection(found.pooler_output)
        states = self.model.text_projection(found.last_hidden_state)
        names = self.tokenizer.convert_ids_to_tokens(ids["input_ids"][0].tolist())
        return TextEmbedding(_unit(pooled)[0], _unit(states)[0], tuple(names))

    @torch.inference_mode()
    def embed_picture(self, picture: Image.Image) -> Floats:
        """[d] the embedding of one RGB picture, unit length."""
        pixels = self.processor(images=[picture], return_tensors="pt")["pixel_values"]
        found = self.model.get_image_features(pixel_values=pixels.to(self.device))
        self.model_calls += 1
        embedding: Floats = _unit(found.pooler_output)[0]
        return embedding


class EmbedWalker:
    """Embeds the texts and pictures of specs of one model; a chain of one payload each."""

    def __init__(self, store: Store, found: FoundModel, specs: Mapping[int, EmbedSpec]) -> None:
        from engine.models.loading import best_device, load_clip

        self.store, self.specs = store, specs
        self.clip = load_clip(found, best_device())
        self.calls_before = self.clip.model_calls

    @property
    def model_calls(self) -> int:
        """The texts and pictures that had to be embedded for this walker."""
        return self.clip.model_calls - self.calls_before

    def start(self, which: int) -> Payload:
        """The embeddings of a spec; each text and picture is embedded once for all specs."""
        spec = self.specs[which]
        texts = [remembered_text(self.store, self.clip, text) for text in spec.texts]
        pictures = [remembered_picture(self.store, self.clip, each) for each in spec.pictures]
        width = int(self.clip.model.config.projection_dim)
        return stored_images.embed_payload(
            texts=_stacked([text.pooled for text in texts], width),
            first_tokens=_stacked([text.states[0] for text in texts], width),
            pictures=_stacked(pictures, width),
            tokens=[TokenEmbeddings(text.tokens, text.states) for text in texts],
            logit_scale=self.clip.logit_scale,
            provenance=provenance(str(self.clip.device), "float32"),
        )

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]:
        """Nothing: there are no steps after the start."""
        return iter(())


def remembered_text(store: Store, clip: Clip, text: str) -> TextEmbedding:
    """A prompt's embedding from the store, or from the model and then in the store."""
    key = image_keys.embedding_key(clip.fingerprint, {"text": text})
    payload = None if is_imported(store, key) else store.find(key)
    if payload is None:
        found = clip.embed_text(text)
        arrays = {"pooled": found.pooled, "states": found.states}
        put_own(store, key, Payload(arrays=arrays, meta={"tokens": list(found.tokens)}))
        return found
    arrays = dict(payload.arrays)
    return TextEmbedding(arrays["pooled"], arrays["states"], tuple(payload.meta["tokens"]))


def remembered_picture(store: Store, clip: Clip, digest: str) -> Floats:
    """A kept picture's embedding. Raises MissingFromStore when there is no such picture."""
    key = image_keys.embedding_key(clip.fingerprint, {"picture": digest})
    payload = None if is_imported(store, key) else store.find(key)
    if payload is None:
        with Image.open(io.BytesIO(stored_images.load_picture(store, digest))) as opened:
            pooled = clip.embed_picture(opened.convert("RGB"))
        put_own(store, key, Payload(arrays={"pooled": pooled}, meta={}))
        return pooled
    found: Floats = payload.arrays["pooled"]
    return found


def _unit(tensor: Tensor) -> Floats:
    found: Floats = (tensor / tensor.norm(dim=-1, keepdim=True)).float().cpu().numpy()
    return found


def _stacked(rows: Sequence[Floats], width: int) -> Floats:
    return np.stack(rows) if rows else np.zeros((0, width), np.float32)
