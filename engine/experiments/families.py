"""The family of a run: every run of the store that was forked from the same beginning. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cache.store import Store
from engine.chain import manifests
from engine.chain.records import Manifest


@dataclass(frozen=True, slots=True)
class Member:
    """One run of a family: the member it was forked from, and what it changed after which step.

    ``changes`` are those that its parent has not; several where a run between was never computed.
    The root has no parent, no changes, and ``at`` 0.
    """

    manifest: Manifest
    parent: str | None = None
    at: int = 0
    changes: tuple[Mapping[str, Any], ...] = ()
    depth: int = 0


def family(
    store: Store, manifest: Manifest, *, among: Iterable[Manifest] | None = None
) -> list[Member]:
    """The members of a run's family, each parent before its forks, older forks first.

    ``among`` are runs that are known to be in the store; without it the store is read through.

    Runs belong together when their specs are equal but for their changes, and their model is the
    same. Where the unforked run itself is not in the store, its forks are roots.
    """
    root = _beginning(manifest)
    kin = [
        other
        for other in (manifests.listed(store, kind=manifest.kind) if among is None else among)
        if other.fingerprint == manifest.fingerprint and _beginning(other) == root
    ]
    return _ordered(kin)


def changes_of(manifest: Manifest) -> tuple[Mapping[str, Any], ...]:
    """A run's changes as they are stored; () for one that is no fork."""
    return tuple(manifest.spec.get("changes", ()))


def _ordered(kin: Sequence[Manifest]) -> list[Member]:
    by_changes = {_name(changes_of(m)): m for m in kin}
    members: dict[str, Member] = {}
    children: dict[str | None, list[str]] = {}
    for manifest in sorted(kin, key=lambda m: (len(changes_of(m)), m.created_at)):
        own = changes_of(manifest)
        parent, kept = _parent(own, by_changes)
        rest = own[kept:]
        members[manifest.run] = Member(
            manifest=manifest,
            parent=parent.run if parent is not None else None,
            at=int(rest[0]["at"]) if rest else 0,
            changes=rest,
            depth=members[parent.run].depth + 1 if parent is not None else 0,
        )
        children.setdefault(parent.run if parent is not None else None, []).append(manifest.run)
    out: list[Member] = []

    def visit(run: str | None) -> None:
        for child in children.get(run, ()):
            out.append(members[child])
            visit(child)

    visit(None)
    return out


def _parent(
    own: tuple[Mapping[str, Any], ...], by_changes: Mapping[str, Manifest]
) -> tuple[Manifest | None, int]:
    """The nearest stored run that has the first of some changes, and how many those are."""
    for kept in range(len(own) - 1, -1, -1):
        parent = by_changes.get(_name(own[:kept]))
        if parent is not None:
            return parent, kept
    return None, 0


def _name(changes: Sequence[Mapping[str, Any]]) -> str:
    return repr([sorted(change.items()) for change in changes])


def _beginning(manifest: Manifest) -> dict[str, Any]:
    return {name: value for name, value in manifest.spec.items() if name != "changes"}
