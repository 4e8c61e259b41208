"""Runs that are near to a run, found without reading the store: by what the shelf has of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cache.keys import key
from cache.store import Store
from dashboard.data.cards import Card
from dashboard.data.shelf import Shelf
from engine.chain.records import Manifest

Index = Mapping[str, list[Manifest]]


def seeds_of(store: Store, shelf: Shelf, of: Manifest) -> list[Manifest]:
    """The runs whose spec differs from one's in the seed alone, by seed, itself included."""
    return _index(store, shelf, "seed").get(_named(of, "seed"), [])


def one_beginning(store: Store, shelf: Shelf, of: Manifest) -> list[Manifest]:
    """The runs whose spec is one's but for what forks changed, itself included."""
    return list(_index(store, shelf, "changes").get(_named(of, "changes"), []))


def same_first_step(store: Store, shelf: Shelf) -> Index:
    """All runs by the key of their first step: only such share more than their start."""

    def by_step(cards: list[Card]) -> dict[str, list[Manifest]]:
        runs_by_key: dict[str, list[Manifest]] = {}
        for card in cards:
            if card.step_count:
                runs_by_key.setdefault(card.manifest.step_keys[1], []).append(card.manifest)
        return runs_by_key

    return shelf.derived(store, "by first step", by_step)


def _index(store: Store, shelf: Shelf, but: str) -> Index:
    def by_name(cards: list[Card]) -> dict[str, list[Manifest]]:
        runs_by_name: dict[str, list[Manifest]] = {}
        for card in cards:
            runs_by_name.setdefault(_named(card.manifest, but), []).append(card.manifest)
        if but == "seed":
            for runs in runs_by_name.values():
                runs.sort(key=lambda m: int(m.spec.get("seed", 0)))
        return runs_by_name

    return shelf.derived(store, f"all but {but}", by_name)


def _named(manifest: Manifest, but: str) -> str:
    """A hash of a run's model and of its spec without one field."""
    spec: dict[str, Any] = {name: v for name, v in manifest.spec.items() if name != but}
    return key("kin", {"model": manifest.fingerprint, "spec": spec})
