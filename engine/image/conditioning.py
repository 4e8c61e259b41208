"""Prompts and init images, encoded once and kept in the store for every run that needs them."""

from __future__ import annotations

import torch
from torch import Tensor

from cache.errors import InvalidInput
from cache.payload import Payload
from cache.store import Store
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.denoiser import ImageDenoiser
from engine.image.families.family import Condition
from engine.image.init_images import fitted_picture
from engine.image.schedulers import is_channels_last, relaid
from engine.image.spec import ImageSpec


class Conditioner:
    """The conditions of a model's runs, each from memory, from the store or from the encoder."""

    def __init__(self, store: Store, model: ImageDenoiser) -> None:
        self.store, self.model = store, model
        self.known: dict[str, Condition] = {}

    def prompt(self, spec: ImageSpec) -> Condition:
        """What the prompt says to the denoiser."""
        return self._condition(spec.prompt, negative=False)

    def negative(self, spec: ImageSpec) -> Condition:
        """What the negative prompt (or its absence) says to the denoiser."""
        return self._condition(spec.negative_prompt, negative=True)

    def encoded(self, spec: ImageSpec) -> Tensor:
        """[1, 2C, h, w] mean and log-variance of a spec's init image."""
        key = image_stored.encoded_key_of(spec, self.model.fingerprint)
        payload = self.store.find(key)
        if payload is None:
            moments = self.model.encode_picture(fitted_picture(self.store, spec))
            self._check_size(spec, moments)
            meta = {"channels_last": is_channels_last(moments)}
            payload = Payload(arrays={"moments": moments.cpu().numpy()}, meta=meta)
            self.store.put(key, payload)
        stored = torch.from_numpy(payload.arrays["moments"].copy()).to(self.model.device)
        return relaid(stored, payload.meta["channels_last"])

    def _check_size(self, spec: ImageSpec, moments: Tensor) -> None:
        """Raise InvalidInput for an autoencoder that encodes to another size than it decodes."""
        wanted = self.model.family.latents_shape(spec.width or 0, spec.height or 0)[-2:]
        if tuple(moments.shape[-2:]) != wanted:
            raise InvalidInput(
                f"init_image cannot be used with {spec.model}: its autoencoder encodes pictures of "
                f"{spec.width} x {spec.height} to {list(moments.shape[-2:])} latents, not "
                f"{list(wanted)}"
            )

    def _condition(self, text: str, *, negative: bool) -> Condition:
        negative = negative and self.model.facts.encodes_negative_apart
        key = image_keys.prompt_key(self.model.fingerprint, text, negative, self.model.precision)
        if key not in self.known:
            self.known[key] = self._stored(key, text, negative=negative)
        return self.known[key]

    def _stored(self, key: str, text: str, *, negative: bool) -> Condition:
        payload = self.store.find(key)
        if payload is None:
            embedding, pooled = self.model.family.encode_prompt(text, negative=negative)
            arrays = {"embedding": embedding.cpu().numpy()}
            if pooled is not None:
                arrays["pooled"] = pooled.cpu().numpy()
            payload = Payload(arrays=arrays, meta={"text": text})
            self.store.put(key, payload)
        tensors = {
            name: torch.from_numpy(array.copy()).to(self.model.device)
            for name, array in payload.arrays.items()
        }
        return Condition(key, tensors["embedding"], tensors.get("pooled"))
