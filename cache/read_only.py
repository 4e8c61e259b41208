"""diskcache over a database that may only be read; diskcache itself writes whenever it opens."""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

from diskcache import Cache

from cache import folder as folders
from cache.disk import SafeDisk
from cache.folder import DATABASE, OPENING_S

log = logging.getLogger(__name__)


class ReadOnlyCache(Cache):  # type: ignore[misc]
    """What ``Cache.get`` and ``in`` need, and a connection that cannot write."""

    eviction_policy = "none"
    cull_limit = 0
    statistics = 0

    def __init__(self, entries: Path, *, min_file_size: int) -> None:
        """Raises sqlite3.Error when there is no database in ``entries``."""
        self._directory = str(entries)
        self._timeout = OPENING_S
        self._local = threading.local()
        self._txn_id = None
        self._disk = SafeDisk(self._directory, min_file_size=min_file_size)
        self._con.execute("SELECT count(*) FROM sqlite_master").fetchone()

    @property
    def _con(self) -> Any:
        connection = getattr(self._local, "con", None)
        if connection is None:
            connection = self._local.con = self._connect()
        return connection

    def _connect(self) -> sqlite3.Connection:
        database = Path(self._directory) / DATABASE
        # a log beside it holds rows that the database has not got yet: sqlite must read both
        log_file = database.with_name(DATABASE + "-wal")
        if log_file.exists() or folders.is_writable(Path(self._directory).parent):
            try:
                return _opened(database, "")
            except sqlite3.OperationalError as error:
                if "locked" in str(error):
                    raise
                # no room, or no leave, for the small file that readers of a log share
                if log_file.exists() and log_file.stat().st_size:
                    log.warning(
                        "%s is read without its log: the last entries are missing", database
                    )
        return _opened(database, "&immutable=1")


def _opened(database: Path, option: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=ro{option}",
        uri=True,
        isolation_level=None,
        timeout=OPENING_S,
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
