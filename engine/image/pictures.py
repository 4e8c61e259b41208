"""Latents to pictures: the full autoencoder, kept in the store, and the fit of the fast preview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from cache.errors import InvalidInput
from cache.payload import Payload
from cache.store import Store
from engine.chain.keys import Chain
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.denoiser import ImageDenoiser
from engine.image.previews import fit_preview, preview_error
from engine.image.records import ImageStep
from engine.image.spec import DecodeSpec, Shown
from engine.models.registry import FoundModel

FITTED_PICTURES = 16
WORSE_BY = 0.05  # of the range of colours: what a map of other samples may lose on these


def decode_and_keep(
    store: Store,
    model: ImageDenoiser,
    step_keys: Sequence[str],
    latents: Sequence[Tensor],
    shows: Shown,
) -> int:
    """Decode latents [1, C, h, w] of steps that have no picture yet; how many that were.

    One at a time: a picture has the bits that a pipeline's own batch of one has, whatever else
    was asked for beside it.
    """
    decoded = 0
    for key, each in zip(step_keys, latents, strict=True):
        if store.has(image_keys.decode_key(key, shows)):
            continue
        picture = image_stored.decoded_payload(key, model.decode(each)[0])
        store.put(image_keys.decode_key(key, shows), picture)
        decoded += 1
    return decoded


def keep_last_predictions(
    store: Store, model: ImageDenoiser, step_keys: Sequence[str], steps: Sequence[ImageStep]
) -> None:
    """Decode what the last steps of runs predicted, whose latents are decoded already.

    Some samplers end in that very prediction: then it is the same picture, decoded once. DDIM and
    PNDM, whose last alpha-bar is below 1, do not.
    """
    for key, step in zip(step_keys, steps, strict=True):
        predicted = step.predicted_x0
        if predicted is None or store.has(image_keys.decode_key(key, "predicted_x0")):
            continue
        same = step.latents_scale == 1.0 and np.array_equal(step.latents, predicted)
        if same and (picture := store.find(image_keys.decode_key(key, "latents"))) is not None:
            store.put(image_keys.decode_key(key, "predicted_x0"), picture)
        else:
            latents = torch.from_numpy(np.array(predicted))[None]
            decode_and_keep(store, model, [key], [latents], "predicted_x0")


class DecodeWalker:
    """Takes the pictures of stored steps, one after the other."""

    model_calls = 0  # the U-Net is not called

    def __init__(
        self,
        store: Store,
        model: FoundModel,
        specs: Mapping[int, DecodeSpec],
        _chains: Mapping[int, Chain],
    ) -> None:
        from engine.image.loading import load_image_denoiser
        from engine.models.device import best_device

        precision = next(iter(specs.values())).precision
        self.store, self.specs = store, specs
        self.model = load_image_denoiser(model, best_device(), precision)

    def start(self, which: int) -> Payload:
        """The first picture."""
        return self._picture(self.specs[which], 0)

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]:
        """The next picture of each request."""
        for k, (i, payload) in enumerate(zip(which, before, strict=True)):
            steps = self.specs[i].steps
            done = str(payload.meta["step_key"]).removeprefix("step:")
            yield k, self._picture(self.specs[i], steps.index(done) + 1)

    def _picture(self, spec: DecodeSpec, place: int) -> Payload:
        key = f"step:{spec.steps[place]}"
        step = image_stored.image_step(self.store.get(key))
        array = step.latents if spec.shows == "latents" else step.predicted_x0
        if array is None:
            raise InvalidInput("the start of a run has latents, but no predicted x0")
        # Euler's latents grow with sigma; the autoencoder wants unit variance
        scale = step.latents_scale if spec.shows == "latents" else 1.0
        latents = torch.from_numpy(array.copy())[None] * scale
        return image_stored.decoded_payload(key, self.model.decode(latents)[0])


def fit_preview_once(
    store: Store, model: ImageDenoiser, step_keys: Sequence[str], latents: Sequence[Tensor]
) -> None:
    """Fit the model's latent-to-RGB map on its decoded samples, unless a good one is stored.

    A stored one may have come with a stranger's capsule: it stays only where it draws these
    samples about as well as one that is fitted to them.
    """
    size = latents[0].shape
    some, shown = [], []
    for key, each in zip(step_keys[:FITTED_PICTURES], latents, strict=False):
        picture = image_stored.find_decoded(store, key)
        if picture is not None and each.shape == size:
            some.append(each[0].float().cpu().numpy())
            shown.append(image_stored.picture_pixels(picture.png))
    if not shown:
        return
    samples, pixels = np.stack(some), np.stack(shown)
    fitted = fit_preview(samples, pixels)
    stored = image_stored.find_preview(store, model.fingerprint)
    most = 2 * preview_error(fitted, samples, pixels) + WORSE_BY
    if stored is None or preview_error(stored, samples, pixels) > most:
        image_stored.keep_preview(store, model.fingerprint, fitted)
