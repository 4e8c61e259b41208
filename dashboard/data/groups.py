"""Runs that differ only in some settings: what a comparison is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cache.keys import key
from engine.chain.records import Manifest

SHORT = 12


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one kind and model whose specs are equal but for the settings that vary."""

    id: str  # the hash of what they share: the same on every machine
    shared: Mapping[str, Any]
    fingerprint: str
    runs: tuple[Manifest, ...]

    def values(self, name: str) -> list[Any]:
        """The values that a setting takes, in order."""
        return sorted({run.spec[name] for run in self.runs})

    def cells(self, row: str, column: str) -> dict[tuple[Any, Any], Manifest]:
        """The runs by their values of two settings."""
        return {(run.spec[row], run.spec[column]): run for run in self.runs}


def groups(manifests: Iterable[Manifest], *, varying: Sequence[str]) -> list[Group]:
    """The runs sorted into groups, in the order of their first runs."""
    members: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        name = group_id(manifest.spec, manifest.fingerprint, varying=varying)
        members.setdefault(name, []).append(manifest)
    return [
        Group(name, _shared(runs[0].spec, varying), runs[0].fingerprint, tuple(runs))
        for name, runs in members.items()
    ]


def group_id(spec: Mapping[str, Any], fingerprint: str, *, varying: Sequence[str]) -> str:
    """What the group is called that a resolved spec belongs to."""
    facts = {"model": fingerprint, "varying": sorted(varying), "spec": _shared(spec, varying)}
    return key("group", facts)[:SHORT]


def _shared(spec: Mapping[str, Any], varying: Sequence[str]) -> dict[str, Any]:
    # what was corrected follows from the model and the sampler, which may vary
    left_out = {*varying, "corrected"}
    return {name: value for name, value in spec.items() if name not in left_out}
