"""Image runs and pictures as the store keeps them: to payloads and back. No torch."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from cache.errors import InvalidInput, PayloadError
from cache.payload import Payload
from cache.store import Store
from engine.chain import manifests
from engine.chain.imported import put_own
from engine.chain.keys import Chain
from engine.chain.malformed import A_STEP, Malformed, read_as
from engine.chain.records import Manifest, short_id
from engine.image import keys as image_keys
from engine.image import picture_reading
from engine.image.records import ImageRun, ImageStep, LinearPreview, Picture, Pixels
from engine.image.spec import DecodeSpec, ImageSpec, Shown

MOST_PIXELS, LARGEST_SIDE = picture_reading.MOST_PIXELS, picture_reading.LARGEST_SIDE
STEP_ARRAYS = ("latents", "noise_cond", "noise_uncond", "predicted_x0")
STEP_NUMBERS = ("timestep", "sigma", "alpha_bar", "guidance", "latents_scale", "seconds")
log = logging.getLogger(__name__)


def image_payload(
    step: ImageStep,
    *,
    memory: tuple[Mapping[str, np.ndarray], Mapping[str, Any]] = ({}, {}),
    generator_state: np.ndarray | None = None,
    provenance: Mapping[str, Any],
) -> Payload:
    """An image step as it is stored, with the scheduler's memory and the generator's state."""
    arrays = {name: getattr(step, name) for name in STEP_ARRAYS if getattr(step, name) is not None}
    arrays |= memory[0]
    if generator_state is not None:
        arrays["generator_state"] = generator_state
    meta = {name: getattr(step, name) for name in STEP_NUMBERS}
    meta |= {"index": step.index, "position": step.position, "norms": dict(step.norms)}
    meta |= {"memory": dict(memory[1]), "provenance": dict(provenance)}
    return Payload(arrays=arrays, meta=meta)


def image_step(payload: Payload) -> ImageStep:
    """An image step as it was stored. Raises PayloadDamaged for what is none."""
    meta = payload.meta
    with read_as(A_STEP):
        fields: dict[str, Any] = {name: payload.arrays.get(name) for name in STEP_ARRAYS}
        fields["latents"] = payload.arrays["latents"]
        fields |= {name: float(meta[name]) for name in STEP_NUMBERS}
        return ImageStep(
            index=int(meta["index"]),
            position=int(meta["position"]),
            norms=meta["norms"],
            meta=meta["provenance"],
            **fields,
        )


def load_image_run(store: Store, run: str) -> ImageRun:
    """An image run with the steps stored so far. Raises MissingFromStore, PayloadDamaged."""
    manifest = manifests.load(store, run)
    steps = tuple(manifests.stored_steps_of(store, manifest, image_step))
    return ImageRun(manifest=manifest, steps=steps)


def decode_spec(
    manifest: Manifest, shows: Shown, indices: Sequence[int] | None = None
) -> DecodeSpec:
    """The request for pictures of a run's steps (0: the start; None: all that have one).

    The start has no predicted x0. Raises InvalidInput for a step the run does not have.
    """
    first = 0 if shows == "latents" else 1
    wanted = range(first, len(manifest.step_keys)) if indices is None else indices
    for index in wanted:
        if not first <= index < len(manifest.step_keys):
            last = len(manifest.step_keys) - 1
            raise InvalidInput(f"step must be {first} to {last} for {shows}, got {index}")
    return DecodeSpec(
        model=manifest.model,
        fingerprint=manifest.fingerprint,
        precision=manifest.spec["precision"],
        shows=shows,
        steps=tuple(manifest.step_keys[index].removeprefix("step:") for index in wanted),
    )


def image_spec(manifest: Manifest) -> ImageSpec:
    """The spec an image run was computed from."""
    return ImageSpec.parse(manifest.spec)


def shared_keys(spec: ImageSpec, fingerprint: str, chain: Chain) -> tuple[str, ...]:
    """What belongs to an image run beside its steps: encodings, and the pictures decoded so far.

    Not all of them need be in the store.
    """
    names: list[tuple[str, bool]] = []
    for said in (spec, *(spec.at_step(change.at + 1) for change in spec.changes)):
        negative = said.negative_prompt
        names += [(said.prompt, False), (negative, False), (negative, True)]
    precision = spec.precision
    keys = [image_keys.prompt_key(fingerprint, *n, precision) for n in dict.fromkeys(names)]
    if spec.init_image is not None:
        keys += [image_keys.picture_key(spec.init_image), encoded_key_of(spec, fingerprint)]
    shown: tuple[Shown, ...] = ("latents", "predicted_x0")
    keys += [image_keys.decode_key(key, shows) for key in chain.step_keys for shows in shown]
    return (image_keys.preview_key(fingerprint), *keys)


def encoded_key_of(spec: ImageSpec, fingerprint: str) -> str:
    """Where a spec's init image is stored as the autoencoder encoded it."""
    if spec.init_image is None or spec.width is None or spec.height is None:
        raise InvalidInput("the spec has no init image, or its size is not known yet")
    return image_keys.encoded_key(
        fingerprint, spec.init_image, spec.width, spec.height, spec.precision
    )


def decoded_payload(step_key: str, pixels: Pixels) -> Payload:
    """The autoencoder's picture of a step as it is stored."""
    payload = _picture_payload(png_bytes(pixels), pixels.shape[1], pixels.shape[0])
    return Payload(arrays=payload.arrays, meta=dict(payload.meta) | {"step_key": step_key})


def find_decoded(store: Store, step_key: str, shows: Shown = "latents") -> Picture | None:
    """The autoencoder's picture of a step; None when it was never decoded."""
    key = image_keys.decode_key(step_key, shows)
    payload = store.find(key)
    if payload is None:
        return None
    with read_as(key):
        size = int(payload.meta["width"]), int(payload.meta["height"])
        return Picture(payload.arrays["png"].tobytes(), *size, source="decode")


def find_result(store: Store, manifest: Manifest) -> Picture | None:
    """The picture a run ended in; None until the run is complete."""
    return find_decoded(store, manifest.step_keys[-1])


def find_preview(store: Store, fingerprint: str) -> LinearPreview | None:
    """A model's latent-to-RGB map; None until one of its runs was decoded.

    One that cannot be read is taken as none: it is a convenience that can be fitted anew, and
    nothing but the coarse pictures drawn with it needs it. ``store verify`` names it.
    """
    key = image_keys.preview_key(fingerprint)
    try:
        payload = store.find(key)
        return None if payload is None else linear_preview(key, payload)
    except PayloadError as error:
        log.warning("%s; pictures are drawn without it", error)
        return None


def linear_preview(key: str, payload: Payload) -> LinearPreview:
    """A stored latent-to-RGB map. Raises PayloadDamaged for one of another shape."""
    with read_as(key):
        matrix, offset = payload.arrays["matrix"], payload.arrays["offset"]
        if matrix.ndim != 2 or matrix.shape[1] != 3 or offset.shape != (3,):
            raise ValueError(f"it must map channels to 3 colours, got {matrix.shape}")
        if not (np.isfinite(matrix).all() and np.isfinite(offset).all()):
            raise ValueError("it has numbers that are not finite")
        return LinearPreview(
            matrix=matrix,
            offset=offset,
            r_squared=float(payload.meta["r_squared"]),
            samples=int(payload.meta["samples"]),
        )


def keep_preview(store: Store, fingerprint: str, preview: LinearPreview) -> None:
    """Store a model's latent-to-RGB map; in the place of another if there is one."""
    meta = {"r_squared": preview.r_squared, "samples": preview.samples}
    arrays = {"matrix": preview.matrix, "offset": preview.offset}
    key, payload = image_keys.preview_key(fingerprint), Payload(arrays=arrays, meta=meta)
    if not store.put(key, payload):
        store.replace(key, payload)
    put_own(store, key, payload)


def keep_picture(store: Store, data: bytes) -> str:
    """Keep an uploaded picture, in RGB and at most 2048 pixels a side; returns its digest.

    Transparency becomes white. Raises InvalidInput for what is not a picture, or is too large.
    """
    return keep_picture_with_notes(store, data)[0]


def keep_picture_with_notes(store: Store, data: bytes) -> tuple[str, tuple[str, ...]]:
    """``keep_picture``, and how the picture's depth or size was changed, in words."""
    picture, notes = picture_reading.read_picture(data)
    return keep_pixels(store, np.asarray(picture)), notes


def keep_pixels(store: Store, pixels: Pixels) -> str:
    """Keep a picture [height, width, 3]; returns the digest of its size and pixels."""
    height, width, _ = pixels.shape
    digest = picture_digest(pixels)
    key = image_keys.picture_key(digest)
    if not store.has(key):
        store.put(key, _picture_payload(png_bytes(pixels), width, height))
    return digest


def picture_digest(pixels: Pixels) -> str:
    """What a picture [height, width, 3] is kept under: the hash of its size and pixels."""
    height, width, _ = pixels.shape
    return hashlib.sha256(f"{width} {height}\n".encode() + pixels.tobytes()).hexdigest()


def load_picture(store: Store, digest: str) -> bytes:
    """The PNG bytes of a kept picture. Raises MissingFromStore, PayloadDamaged."""
    key = image_keys.picture_key(digest)
    payload = store.get(key)
    with read_as(key):
        return payload.arrays["png"].tobytes()


def keep_result(store: Store, run: str) -> str:
    """Keep the picture a run ended in as an input for others; returns its digest.

    Raises InvalidInput when the run has no decoded result yet.
    """
    picture = find_result(store, manifests.load(store, run))
    if picture is None:
        raise InvalidInput(f"run {short_id(run)} has no finished picture yet")
    digest = picture_digest(picture_pixels(picture.png))
    # the bytes as they are: encoding a large picture again takes longer than all the rest
    payload = _picture_payload(picture.png, picture.width, picture.height)
    store.put(image_keys.picture_key(digest), payload)
    return digest


def picture_pixels(png: bytes) -> Pixels:
    """[height, width, 3] of PNG bytes, all of them decoded. Raises PayloadError."""
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ValueError(f"it has {opened.width} x {opened.height} pixels")
            return np.asarray(opened.convert("RGB"))
    except Malformed as error:
        raise PayloadError(f"a stored picture cannot be read: {error}"[:200]) from error


def png_bytes(pixels: Pixels) -> bytes:
    """PNG bytes of a picture [height, width, 3]."""
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=4)
    return data.getvalue()


def _picture_payload(png: bytes, width: int, height: int) -> Payload:
    arrays = {"png": np.frombuffer(png, np.uint8)}
    return Payload(arrays=arrays, meta={"width": width, "height": height})


def resolved(spec: ImageSpec, width: int, height: int) -> ImageSpec:
    """A spec with its width and height filled in from the model's own where it has none."""
    if spec.width is not None and spec.height is not None:
        return spec
    return spec.but(width=spec.width or width, height=spec.height or height)
