"""Text runs as the store keeps them: to payloads and back. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cache.payload import Payload
from cache.store import Store
from engine.chain.keys import Chain
from engine.chain.malformed import A_STEP, read_as
from engine.chain.manifests import load as load_manifest
from engine.chain.manifests import stored_steps_of
from engine.chain.records import Manifest
from engine.chain.specs import Spec
from engine.text import vocabularies
from engine.text.records import CorruptionRun, CorruptionStep, TextRun, TextStep

TEXT_ARRAYS = (
    "tokens",
    "revealed",
    "masked",
    "proposed",
    "confidence",
    "entropy_nats",
    "probability",
    "candidates",
    "candidate_probability",
)
OFTEN_NONE = (  # stored where there is any
    *("written", "taken_back", "window", "held"),
    *("choices", "conditional", "unconditional", "energy", "plain", "satisfied"),
)
# a run is read with its vocabulary: one import has both
vocabulary_key = vocabularies.vocabulary_key
keep_vocabulary = vocabularies.keep_vocabulary
load_vocabulary = vocabularies.load_vocabulary


def text_shared(spec: Spec, fingerprint: str, _chain: Chain) -> tuple[str, ...]:
    """What a run of words needs beside its steps: its model's pieces."""
    return (vocabulary_key(fingerprint),)


def load_text_run(store: Store, run: str) -> TextRun:
    """A text run with the steps stored so far. Raises MissingFromStore, PayloadDamaged."""
    manifest = load_manifest(store, run)
    pieces, mask_id = load_vocabulary(store, manifest.shared_keys[0])
    steps = tuple(stored_steps_of(store, manifest, text_step))
    used = _used(steps)
    return TextRun(manifest, steps[:used], pieces, mask_id, spared=len(steps) - used)


def used_steps(store: Store, step_keys: Sequence[str]) -> list[TextStep]:
    """The start and the steps of a whole chain, up to the last in which anything happened."""
    steps = [text_step(store.get(key)) for key in step_keys]
    return steps[: _used(steps)]


def count_used(store: Store, manifest: Manifest) -> int:
    """In how many of its steps anything happened to a whole text run; the last ones are read.

    Raises MissingFromStore, PayloadDamaged.
    """
    used = manifest.step_count
    while used and not happened(text_step(store.get(manifest.step_keys[used]))):
        used -= 1
    return used


def _used(steps: Sequence[TextStep]) -> int:
    used = len(steps)
    while used > 1 and not happened(steps[used - 1]):
        used -= 1
    return used


def happened(step: TextStep) -> bool:
    """Whether a step had anything to do: a rule may be done before the steps are used up."""
    return any(len(what) for what in (step.masked, step.written, step.taken_back))


def load_corruption_run(store: Store, run: str) -> CorruptionRun:
    """A forward process with the levels stored so far. Raises as ``load_text_run``."""
    manifest = load_manifest(store, run)
    pieces, _ = load_vocabulary(store, manifest.shared_keys[0])
    steps = tuple(stored_steps_of(store, manifest, corruption_step))
    return CorruptionRun(manifest=manifest, steps=steps, pieces=pieces)


def text_payload(
    step: TextStep, generator_state: np.ndarray | None, provenance: Mapping[str, Any]
) -> Payload:
    """A text step as it is stored, with the generator's state after it."""
    arrays = {name: getattr(step, name) for name in TEXT_ARRAYS}
    if generator_state is not None:
        arrays["generator_state"] = generator_state
    arrays |= {name: getattr(step, name) for name in OFTEN_NONE if len(getattr(step, name))}
    meta = {"index": step.index, "seconds": step.seconds, "provenance": dict(provenance)}
    return Payload(arrays=arrays, meta=meta)


def text_step(payload: Payload) -> TextStep:
    """A text step as it was stored. Raises PayloadDamaged for what is none."""
    meta = payload.meta
    with read_as(A_STEP):
        return TextStep(
            index=int(meta["index"]),
            seconds=float(meta["seconds"]),
            meta=meta["provenance"],
            **{name: payload.arrays[name] for name in OFTEN_NONE if name in payload.arrays},
            **{name: payload.arrays[name] for name in TEXT_ARRAYS},
        )


def corruption_payload(step: CorruptionStep) -> Payload:
    """A level of the forward process as it is stored."""
    meta = {"index": step.index, "mask_probability": step.mask_probability}
    return Payload(arrays={"tokens": step.tokens, "masked": step.masked}, meta=meta)


def corruption_step(payload: Payload) -> CorruptionStep:
    """A level of the forward process as it was stored. Raises PayloadDamaged for what is none."""
    with read_as(A_STEP):
        return CorruptionStep(
            index=int(payload.meta["index"]),
            tokens=payload.arrays["tokens"],
            masked=payload.arrays["masked"],
            mask_probability=float(payload.meta["mask_probability"]),
        )
