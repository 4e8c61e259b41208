"""Reaching a scheduler: its address checked, the connection, and whether it still answers.

No torch. dask is imported when the first job is submitted.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cache.errors import InvalidInput, JobError

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

VARIABLE = "STEPSCOPE_SCHEDULER"
ADDRESS = re.compile(r"(?:tcp|tls)://(?:\[[0-9A-Fa-f:.%\w]+\]|[\w.-]+):(?P<port>\d{1,5})")
ANSWER_S = 10  # for one question to a scheduler that is there
ASK_EVERY_S = 3.0
CLOSE_S = 5.0
SETTINGS = {
    "distributed.scheduler.allowed-failures": 1,  # a dead worker's job is retried once
    "distributed.comm.timeouts.connect": "10s",
}


def checked_address(address: str) -> str:
    """The address of a scheduler. Raises InvalidInput when it cannot be one."""
    match = ADDRESS.fullmatch(address)
    if match is None or not 1 <= int(match["port"]) <= 65535:
        raise InvalidInput(
            f"{VARIABLE} must be tcp://HOST:PORT or tls://HOST:PORT, got {address[:200]!r}"
        )
    return address


def connect(address: str, timeout: str) -> Client:
    """A client of the scheduler there, within a time. Raises JobError, InvalidInput."""
    import dask
    from distributed import Client

    _check_certificates(address)
    with dask.config.set(SETTINGS):
        try:
            return Client(address, timeout=timeout, set_as_default=False)
        except Exception as error:  # whatever answers there may be no scheduler at all
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise JobError(f"no scheduler answers at {address}: {reason[0][:300]}") from error


def local_scheduler() -> LocalCluster:
    """A scheduler for this machine only, without workers."""
    import dask
    from distributed import LocalCluster

    with dask.config.set(SETTINGS):
        return LocalCluster(
            n_workers=0, dashboard_address="127.0.0.1:0", host="127.0.0.1", silence_logs=40
        )


class Connection:
    """A client, and when its scheduler was last heard of."""

    def __init__(self, address: str, timeout: str) -> None:
        self.address = address
        self.client = connect(address, timeout)
        self._heard = time.monotonic()
        threading.Thread(target=self._keep_asking, daemon=True).start()

    @property
    def closed(self) -> bool:
        """Whether dask gave the scheduler up."""
        return str(self.client.status) in ("closing", "closed")

    def silent_s(self) -> float:
        """For how many seconds nothing was heard of the scheduler."""
        return time.monotonic() - self._heard

    def answers(self) -> bool:
        """Whether the scheduler answers now."""
        return self._ask(0) is not None

    def workers(self) -> dict[str, Any]:
        """The workers by address; empty when the scheduler does not answer."""
        identity = self._ask(-1) or {}
        return dict(identity.get("workers", {}))

    def close(self) -> None:
        """Let go of the scheduler; waits CLOSE_S at most for one that does not answer."""
        aside(self.client.close).join(CLOSE_S)

    def _keep_asking(self) -> None:
        while not self.closed:
            self.answers()
            time.sleep(ASK_EVERY_S)

    def _ask(self, n_workers: int) -> dict[str, Any] | None:
        try:
            scheduler: Any = self.client.scheduler
            identity: dict[str, Any] = self.client.sync(
                scheduler.identity, n_workers=n_workers, callback_timeout=ANSWER_S
            )
        except Exception:  # lost, closing, or hung: dask tells each in its own way
            return None
        self._heard = time.monotonic()
        return identity


def aside(work: Callable[[], object]) -> threading.Thread:
    """Do what may wait for a scheduler that never answers, without waiting for it."""

    def tried() -> None:
        try:
            work()
        except Exception:
            return  # the scheduler is lost: there is nobody to tell

    thread = threading.Thread(target=tried, daemon=True)
    thread.start()
    return thread


def _check_certificates(address: str) -> None:
    if not address.startswith("tls://"):
        return
    from distributed.security import Security

    try:
        context = Security().get_connection_args("client").get("ssl_context")
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput(f"the certificates for {address} cannot be read: {error}") from error
    if context is None:
        raise InvalidInput(
            f"{address} needs certificates: set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, "
            "DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and ..._CLIENT__KEY"
        )
