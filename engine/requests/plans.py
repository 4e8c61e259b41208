"""What a spec will be, before anything is computed: its model and its chain of keys. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from cache.errors import InvalidInput, StepscopeError, StoreError
from cache.store import Store
from engine.chain import manifests
from engine.chain.axis_values import shown
from engine.chain.keys import Chain
from engine.chain.specs import Forkable
from engine.embed.spec import EmbedSpec
from engine.image.spec import DecodeSpec, ImageSpec
from engine.judge.spec import JudgeSpec
from engine.models.registry import FoundModel, find_model
from engine.requests.kinds import KINDS, Kind
from engine.text.spec import CorruptionSpec, TextSpec

AnySpec = TextSpec | CorruptionSpec | ImageSpec | EmbedSpec | DecodeSpec | JudgeSpec
WAVE = 256  # chains that are walked abreast; their states are in memory at once


def parse_spec(fields: Mapping[str, Any]) -> AnySpec:
    """The spec of a job's JSON. Raises InvalidInput."""
    kind = fields.get("kind") if isinstance(fields, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise InvalidInput(f"kind must be one of {', '.join(KINDS)}, got {shown(kind)}")
    return cast(AnySpec, KINDS[kind].spec.parse(fields))


@dataclass(frozen=True, slots=True)
class Plan:
    """A spec, the model it names, and its chain of keys."""

    spec: AnySpec
    model: FoundModel
    chain: Chain

    @property
    def kind(self) -> Kind[Any]:
        """What is known of its kind."""
        return KINDS[self.spec.kind]

    @property
    def work_keys(self) -> tuple[str, ...]:
        """The keys whose presence in the store is its progress.

        A run's steps without its start; a request's pictures; every text and picture to embed,
        and last the set they make.
        """
        return self.kind.work(self.spec, self.model.fingerprint, self.chain)


def plan(spec: AnySpec) -> Plan:
    """A spec with its chain; loads no model, but looks whether its folder is one for the spec.

    Raises InvalidInput, ModelMissing, ModelDamaged.
    """
    model = find_model(spec.model)
    fitted = KINDS[spec.kind].fit(spec, model)
    return Plan(fitted, model, chain_with(fitted, model.fingerprint))


def plan_each(specs: Sequence[AnySpec]) -> tuple[dict[int, Plan], dict[int, StepscopeError]]:
    """The plans of specs by their places, and what is the matter with the others. Or StoreError."""
    plans: dict[int, Plan] = {}
    failed: dict[int, StepscopeError] = {}
    for place, spec in enumerate(specs):
        try:
            plans[place] = plan(spec)
        except StoreError:
            raise
        except StepscopeError as error:
            failed[place] = error
    return plans, failed


def chain_with(spec: AnySpec, fingerprint: str) -> Chain:
    """The chain of a spec under a model of that fingerprint, which need not be here.

    The width and height of an image spec must be known.
    """
    return KINDS[spec.kind].chain(spec, fingerprint)


def keep_manifest(store: Store, planned: Plan) -> None:
    """List a run in the store, unless it is listed already; a request for pictures is no run."""
    if not planned.kind.is_run or manifests.is_kept(store, planned.chain.run):
        return
    manifest = manifests.new_manifest(
        run=planned.chain.run,
        spec=planned.spec.facts(),
        fingerprint=planned.model.fingerprint,
        step_keys=planned.chain.step_keys,
        shared_keys=shared_keys(planned),
        parent=parent_of(planned.spec, planned.model.fingerprint),
    )
    manifests.put(store, manifest)


def parent_of(spec: AnySpec, fingerprint: str) -> str | None:
    """The run a fork was made from, under that model: the same spec without its last change."""
    if not isinstance(spec, Forkable) or not spec.changes:
        return None
    return chain_with(spec.but(changes=spec.changes[:-1]), fingerprint).run


def shared_keys(planned: Plan) -> tuple[str, ...]:
    """What a run needs beside its steps, to be read or to be opened elsewhere."""
    return shared_with(planned.spec, planned.model.fingerprint, planned.chain)


def shared_with(spec: AnySpec, fingerprint: str, chain: Chain) -> tuple[str, ...]:
    """``shared_keys`` of a spec under a model of that fingerprint, which need not be here."""
    return KINDS[spec.kind].shared(spec, fingerprint, chain)


def waves(plans: Sequence[Plan]) -> list[list[int]]:
    """The order a request is computed in: which plans go abreast, one group after the other.

    One walker serves a group: the same kind, model and settings of it. A group has at most WAVE
    plans, and those that share a beginning are neighbours, so that what is shared comes first.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, planned in enumerate(plans):
        settings = [getattr(planned.spec, name) for name in planned.kind.settings]
        groups.setdefault((planned.spec.kind, planned.model, *settings), []).append(i)
    ordered: list[list[int]] = []
    for group in groups.values():
        if len(group) > WAVE:
            group.sort(key=lambda i: plans[i].chain.step_keys)
        ordered += [group[first : first + WAVE] for first in range(0, len(group), WAVE)]
    return ordered
