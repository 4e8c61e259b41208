"""The way home of a job that is computed elsewhere: its steps in, the wish to stop out. No torch.

The worker puts its steps into a queue of the scheduler's and says every few seconds that it
lives; a job whose worker says nothing for LOST_S has lost it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from engine.jobs.connection import aside

if TYPE_CHECKING:
    from distributed import Client

Message = tuple[str, str, bytes]
What = Literal["started", "alive", "put", "ended"]
MOST_WAITING = 64  # messages in the queue: a worker that nobody reads waits, and then stops
LIVES_EVERY_S = 5.0
LOST_S = 60.0  # a worker, a home or a scheduler that says nothing for so long is lost


class Channel:
    """The home end of a job's channel."""

    def __init__(self, client: Client, name: str) -> None:
        from distributed import Queue

        self.name = name
        self.worker = ""
        self.over = False  # nobody listens any more
        self._client = client
        self._queue = Queue(f"steps-{name}", client=client, maxsize=MOST_WAITING)
        self._heard: float | None = None

    def messages(self) -> Iterator[Message]:
        """What the worker sends, until it is hung up; raises what dask does when it is lost."""
        while True:
            # without a deadline: a queue read that times out is logged as an error there
            message: Message = self._queue.get()
            if message[0] == "started":
                self.worker = message[1]
            self._heard = time.monotonic()
            yield message
            if message[0] == "ended":
                return

    def silent_s(self) -> float:
        """For how many seconds its worker has said nothing; 0 before it began."""
        return 0.0 if self._heard is None else time.monotonic() - self._heard

    def stop(self) -> None:
        """Ask the worker to stop after its step."""
        from distributed import Event

        aside(lambda: Event(f"stop-{self.name}", client=self._client).set())

    def hang_up(self, outcome: Mapping[str, Any] | None = None) -> None:
        """End the messages, behind those that were sent; raises what dask does when it is lost."""
        self._queue.put(("ended", "", json.dumps(outcome or {}).encode()), timeout=LOST_S)

    def close(self) -> None:
        """Let the scheduler forget it."""
        aside(self._queue.close)
