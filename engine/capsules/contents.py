"""What travels in a capsule: a run's keys, its manifest, and what it is judged by. No torch.

What a model would compute again (encoded prompts, forwards of BERT, encoded pictures) does not
travel: no page reads it, and nothing from elsewhere shall slip under a computation made here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from cache import capsule as capsules
from cache import keys
from cache.payload import Payload, to_bytes
from engine.chain import manifests
from engine.chain.records import CLOCK_S, Manifest
from engine.embed import keys as embed_keys
from engine.requests.kinds import KINDS, run_kinds
from engine.requests.plans import AnySpec, chain_with, parent_of, parse_spec, shared_with

MOST_RUNS = 10_000
MOST_NOTE = 100_000  # characters
MOST_TAGS = 1000
MOST_CLIPS = 64
STEP_KEY = re.compile(r"step:[0-9a-f]{64}")


def needed(manifest: Manifest) -> Iterator[str]:
    """The keys of a run that travel."""
    yield from manifest.step_keys
    shared = manifest.shared_keys
    yield from (key for key in shared if key.partition(":")[0] in capsules.RUNS)


def embedding_keys(
    chosen: Sequence[Manifest], clips: Iterable[str], pictures: Iterable[str]
) -> set[str]:
    """Where CLIPs remember what they made of the runs' prompts and pictures."""
    texts = {str(m.spec["prompt"]) for m in chosen if KINDS[m.kind].pictured}
    facts = [{"text": text} for text in texts] + [{"picture": each} for each in pictures]
    return {embed_keys.embedding_key(clip, each) for clip in clips for each in facts}


def run_of(meta: Mapping[str, Any]) -> Manifest:
    """A run's manifest, judged field by field; its keys must be those of its spec."""
    if set(meta) != manifests.FIELDS:
        raise ValueError(f"must have the fields {', '.join(sorted(manifests.FIELDS))}")
    _check_fields(meta)
    manifest = manifests.manifest_of(meta)
    to_bytes(Payload(meta=manifests.manifest_meta(manifest)))
    facts = {"kind": manifest.kind, "last": manifest.step_keys[-1].removeprefix("step:")}
    if keys.key("run", facts | {"spec": manifest.spec}) != manifest.run:
        raise ValueError("has an id that is not the hash of its spec and chain")
    _check_against_spec(manifest, parse_spec(manifest.spec))
    return manifest


def _check_against_spec(manifest: Manifest, spec: AnySpec) -> None:
    KINDS[manifest.kind].check_stored(spec)
    # a spec written before a field was added parses, but would be hashed with that field now
    if keys.canonical_json(spec.facts()) == keys.canonical_json(manifest.spec):
        if chain_with(spec, manifest.fingerprint).step_keys != manifest.step_keys:
            raise ValueError("has steps that are not those of its spec")
        if manifest.parent not in (None, parent_of(spec, manifest.fingerprint)):
            raise ValueError("names a parent that it was not forked from")
    chain = dataclasses.replace(
        chain_with(spec, manifest.fingerprint), step_keys=manifest.step_keys
    )
    shared = shared_with(spec, manifest.fingerprint, chain)
    if not set(manifest.shared_keys) <= set(shared):
        raise ValueError(f"names {min(set(manifest.shared_keys) - set(shared))}, not of its spec")
    if KINDS[manifest.kind].worded and manifest.shared_keys != shared:
        raise ValueError("must name its model's vocabulary")


def _check_fields(meta: Mapping[str, Any]) -> None:
    """The types and bounds of a manifest's fields. Raises ValueError naming the field."""
    spec = meta["spec"]
    created, parent = meta["created_at"], meta["parent"]
    steps, tags = meta["step_keys"], meta["tags"]
    for name, holds in (
        ("run", is_hex(meta["run"])),
        ("kind", meta["kind"] in run_kinds()),
        ("spec", isinstance(spec, dict) and spec.get("kind") == meta["kind"]),
        ("model", isinstance(spec, dict) and meta["model"] == spec.get("model")),
        ("fingerprint", is_hex(meta["fingerprint"])),
        ("step_keys", are_texts(steps, 1000) and all(map(STEP_KEY.fullmatch, steps))),
        ("step_keys", bool(steps) and len(set(steps)) == len(steps)),
        ("shared_keys", are_texts(meta["shared_keys"], 20_000)),
        ("created_at", type(created) in (int, float) and CLOCK_S[0] < created < CLOCK_S[1]),
        ("parent", parent is None or is_hex(parent)),
        ("tags", are_texts(tags, MOST_TAGS) and all(len(tag) <= 1000 for tag in tags)),
        ("note", isinstance(meta["note"], str) and len(meta["note"]) <= MOST_NOTE),
    ):
        if not holds:
            raise ValueError(f"has a {name} that cannot be: {str(meta[name])[:80]!r}")


def is_hex(value: object) -> bool:
    return isinstance(value, str) and keys.HEX.fullmatch(value) is not None


def are_texts(value: object, most: int) -> TypeGuard[list[str]]:
    return (
        isinstance(value, list)
        and len(value) <= most
        and all(isinstance(item, str) for item in value)
    )
