"""diskcache over a database that may only be read; diskcache itself writes whenever it opens."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

from diskcache import Cache

from cache.disk import SafeDisk
from cache.folder import DATABASE


class ReadOnlyCache(Cache):  # type: ignore[misc]
    """What ``Cache.get`` and ``in`` need, and a connection that cannot write."""

    eviction_policy = "none"
    cull_limit = 0
    statistics = 0

    def __init__(self, entries: Path, *, min_file_size: int) -> None:
        """Raises sqlite3.Error when there is no database in ``entries``."""
        self._directory = str(entries)
        self._timeout = 0
        self._local = threading.local()
        self._txn_id = None
        self._disk = SafeDisk(self._directory, min_file_size=min_file_size)
        self._con.execute("SELECT count(*) FROM Cache").fetchone()

    @property
    def _con(self) -> Any:
        connection = getattr(self._local, "con", None)
        if connection is None:
            database = Path(self._directory) / DATABASE
            # a log beside it holds rows that the database has not got yet: sqlite must read both
            log = database.with_name(DATABASE + "-wal")
            immutable = "" if log.exists() else "&immutable=1"
            connection = self._local.con = sqlite3.connect(
                f"{database.absolute().as_uri()}?mode=ro{immutable}",
                uri=True,
                isolation_level=None,
            )
        return connection
