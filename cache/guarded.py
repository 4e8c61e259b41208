"""A store whose changes somebody else's word is asked for, key by key: for people with roles.

Everything that changes a store goes through its rows, so this holds whatever asked for the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal

from cache.rows import Rows
from cache.store import Store

Change = Literal["add", "overwrite", "delete", "clean up"]
Ask = Callable[[Change, str], None]  # of a change and a key's kind; raises where it may not be


class GuardedRows(Rows):
    """The rows of another store, asked before each change."""

    def __init__(self, rows: Rows, ask: Ask, *, read_only: bool) -> None:
        super().__init__(rows.folder, rows._cache)
        self.read_only = self.read_only or read_only
        self._ask = ask

    def add(self, key: str, framed: bytes) -> bool:
        """As ``Rows.add``."""
        self._ask("add", _kind(key))
        return super().add(key, framed)

    def overwrite(self, key: str, framed: bytes) -> None:
        """As ``Rows.overwrite``."""
        self._ask("overwrite", _kind(key))
        super().overwrite(key, framed)

    def delete(self, keys: Iterable[str]) -> tuple[int, int]:
        """As ``Rows.delete``."""
        listed = list(keys)
        for kind in {_kind(key) for key in listed}:
            self._ask("delete", kind)
        # not the transaction below, which asks for a clean-up's leave
        with super().transaction() as delete:
            return delete(listed)

    def delete_foreign(self) -> int:
        """As ``Rows.delete_foreign``."""
        self._ask("clean up", "")
        return super().delete_foreign()

    @contextmanager
    def transaction(self) -> Iterator[Callable[[Iterable[str]], tuple[int, int]]]:
        """As ``Rows.transaction``, which clean-ups and deletions of runs are made in."""
        self._ask("clean up", "")
        with super().transaction() as delete:
            yield delete


def guarded(store: Store, ask: Ask, *, read_only: bool = False) -> Store:
    """The same open store, whose every change is asked for; ``read_only`` says that none may be.

    Closing it closes nothing.
    """
    return _Guarded(store.folder, GuardedRows(store.rows, ask, read_only=read_only))


class _Guarded(Store):
    def close(self) -> None:
        """Nothing: the store it guards is somebody else's to close."""


def _kind(key: str) -> str:
    return key.partition(":")[0]
