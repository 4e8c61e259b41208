"""What a spec will be, before anything is computed: its model and its chain of keys. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cache.errors import InvalidInput, ModelMissing
from cache.store import Store
from engine import stored_images, stored_runs
from engine.axis_values import shown
from engine.image_keys import decode_chain, embed_chain, image_chain, picture_key
from engine.image_specs import DecodeSpec, EmbedSpec, ImageSpec
from engine.models.clip_folder import check_clip_folder
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import FoundModel, find_model
from engine.models.scheduler_config import check_sampler
from engine.models.text_folder import text_facts
from engine.run_keys import Chain, corruption_chain, text_chain
from engine.specs import CorruptionSpec, TextSpec

AnySpec = TextSpec | CorruptionSpec | ImageSpec | EmbedSpec | DecodeSpec
WAVE = 256  # chains that are walked abreast; their states are in memory at once
KINDS: dict[str, type[AnySpec]] = {
    "text": TextSpec,
    "corruption": CorruptionSpec,
    "image": ImageSpec,
    "embed": EmbedSpec,
    "decode": DecodeSpec,
}


def parse_spec(fields: Mapping[str, Any]) -> AnySpec:
    """The spec of a job's JSON. Raises InvalidInput."""
    kind = fields.get("kind") if isinstance(fields, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidInput(f"kind must be one of {', '.join(KINDS)}, got {shown(kind)}")
    return KINDS[kind].parse(fields)


@dataclass(frozen=True, slots=True)
class Plan:
    """A spec, the model it names, and its chain of keys."""

    spec: AnySpec
    found: FoundModel
    chain: Chain


def plan(spec: AnySpec) -> Plan:
    """A spec with its chain; loads no model, but looks whether its folder is one for the spec.

    Raises InvalidInput, ModelMissing, ModelDamaged.
    """
    found = find_model(spec.model)
    if isinstance(spec, TextSpec | CorruptionSpec):
        text_facts(found)
    if isinstance(spec, ImageSpec):
        facts = pipeline_facts(found)
        _check_samplers(spec, facts.scheduler)
        spec = stored_images.resolved(spec, facts.width, facts.height)
        spec = spec.but(corrected=facts.corrected)
    if isinstance(spec, EmbedSpec):
        check_clip_folder(found)
    if isinstance(spec, DecodeSpec) and spec.fingerprint != found.fingerprint:
        raise ModelMissing(f"the run was made with another version of {spec.model}")
    return Plan(spec, found, chain_with(spec, found.fingerprint))


def _check_samplers(spec: ImageSpec, config: Mapping[str, Any]) -> None:
    for sampler in {spec.sampler, *(spec.at_step(c.at + 1).sampler for c in spec.changes)}:
        check_sampler(spec.model, config, sampler)


def chain_with(spec: AnySpec, fingerprint: str) -> Chain:
    """The chain of a spec under a model of that fingerprint, which need not be here.

    The width and height of an image spec must be known.
    """
    if isinstance(spec, TextSpec):
        return text_chain(spec, fingerprint)
    if isinstance(spec, ImageSpec):
        return image_chain(spec, fingerprint)
    if isinstance(spec, EmbedSpec):
        return embed_chain(spec, fingerprint)
    if isinstance(spec, DecodeSpec):
        return decode_chain(spec)
    return corruption_chain(spec, fingerprint)


def keep_manifest(store: Store, planned: Plan) -> None:
    """List a run in the store, unless it is listed already; a request for pictures is no run."""
    if isinstance(planned.spec, DecodeSpec):
        return
    manifest = stored_runs.new_manifest(
        run=planned.chain.run,
        spec=planned.spec.facts(),
        fingerprint=planned.found.fingerprint,
        step_keys=planned.chain.step_keys,
        shared_keys=shared_keys(planned),
        parent=parent_of(planned.spec),
    )
    stored_runs.put_manifest(store, manifest)


def parent_of(spec: AnySpec) -> str | None:
    """The run a fork was made from: the same spec without its last change."""
    if not isinstance(spec, TextSpec | ImageSpec) or not spec.changes:
        return None
    return plan(spec.but(changes=spec.changes[:-1])).chain.run


def shared_keys(planned: Plan) -> tuple[str, ...]:
    """What a run needs beside its steps, to be read or to be opened elsewhere."""
    return shared_with(planned.spec, planned.found.fingerprint, planned.chain)


def shared_with(spec: AnySpec, fingerprint: str, chain: Chain) -> tuple[str, ...]:
    """``shared_keys`` of a spec under a model of that fingerprint, which need not be here."""
    if isinstance(spec, ImageSpec):
        return stored_images.shared_keys(spec, fingerprint, chain.step_keys)
    if isinstance(spec, EmbedSpec):
        return tuple(picture_key(digest) for digest in spec.pictures)
    if isinstance(spec, DecodeSpec):
        return tuple(f"step:{step}" for step in spec.steps)
    return (stored_runs.vocabulary_key(fingerprint),)


def waves(plans: Sequence[Plan]) -> list[list[int]]:
    """The order a request is computed in: which plans go abreast, one group after the other.

    One walker serves a group: the same kind, model and settings of it. A group has at most WAVE
    plans, and those that share a beginning are neighbours, so that what is shared comes first.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, planned in enumerate(plans):
        spec = planned.spec
        settings = [getattr(spec, name, None) for name in ("precision", "accelerator")]
        groups.setdefault((spec.kind, planned.found, *settings), []).append(i)
    found: list[list[int]] = []
    for group in groups.values():
        if len(group) > WAVE:
            group.sort(key=lambda i: plans[i].chain.step_keys)
        found += [group[first : first + WAVE] for first in range(0, len(group), WAVE)]
    return found
