"""Embeds the texts and pictures of embed runs, each computed once and kept."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from PIL import Image

from cache.payload import Payload
from cache.store import Store
from engine.chain.imported import is_imported, put_own
from engine.chain.keys import Chain
from engine.chain.records import Floats
from engine.embed import keys as embed_keys
from engine.embed import stored as embed_stored
from engine.embed.clip import Clip, TextEmbedding
from engine.embed.records import TokenEmbeddings
from engine.embed.spec import EmbedSpec
from engine.image import stored as image_stored
from engine.models.provenance import provenance
from engine.models.registry import FoundModel


class EmbedWalker:
    """Embeds the texts and pictures of specs of one model; a chain of one payload each."""

    def __init__(
        self,
        store: Store,
        model: FoundModel,
        specs: Mapping[int, EmbedSpec],
        _chains: Mapping[int, Chain],
    ) -> None:
        from engine.embed.loading import load_clip
        from engine.models.device import best_device

        self.store, self.specs = store, specs
        self.clip = load_clip(model, best_device())
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
        return embed_stored.embed_payload(
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
    key = embed_keys.embedding_key(clip.fingerprint, {"text": text})
    payload = None if is_imported(store, key) else store.find(key)
    if payload is None:
        embedding = clip.embed_text(text)
        arrays = {"pooled": embedding.pooled, "states": embedding.states}
        put_own(store, key, Payload(arrays=arrays, meta={"tokens": list(embedding.tokens)}))
        return embedding
    arrays = dict(payload.arrays)
    return TextEmbedding(arrays["pooled"], arrays["states"], tuple(payload.meta["tokens"]))


def remembered_picture(store: Store, clip: Clip, digest: str) -> Floats:
    """A kept picture's embedding. Raises MissingFromStore when there is no such picture."""
    key = embed_keys.embedding_key(clip.fingerprint, {"picture": digest})
    payload = None if is_imported(store, key) else store.find(key)
    if payload is None:
        with Image.open(io.BytesIO(image_stored.load_picture(store, digest))) as opened:
            pooled = clip.embed_picture(opened.convert("RGB"))
        put_own(store, key, Payload(arrays={"pooled": pooled}, meta={}))
        return pooled
    embedding: Floats = payload.arrays["pooled"]
    return embedding


def _stacked(rows: Sequence[Floats], width: int) -> Floats:
    return np.stack(rows) if rows else np.zeros((0, width), np.float32)
