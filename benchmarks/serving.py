"""A dashboard under measurement: its server, and a visitor who speaks Streamlit's own messages."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

ROOT = Path(__file__).parents[1]
LARGEST_MESSAGE = 200_000_000  # bytes
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass(frozen=True, slots=True)
class Served:
    """A dashboard that answers."""

    host: str  # and port
    process: int
    ready_s: float  # from its command to its first answer

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{self.host}"


@contextmanager
def served(store: Path, root: Path = ROOT) -> Iterator[Served]:
    """A dashboard over a store, of this checkout or another; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    started = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--server.port", host.split(":")[1], "--server.headless", "true"],
        cwd=root,
        env=os.environ | {"STEPSCOPE_STORE": str(store)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://{host}/_stcore/health", timeout=1):
                    break
            except OSError:
                time.sleep(0.02)
        yield Served(host, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(20)


@asynccontextmanager
async def visiting(host: str) -> AsyncIterator[ClientConnection]:
    """One browser as the server sees it."""
    async with connect(
        f"ws://{host}/_stcore/stream", subprotocols=[Subprotocol("streamlit")],
        origin=Origin(f"http://{host}"), max_size=LARGEST_MESSAGE,
    ) as visit:  # fmt: skip
        yield visit


async def seconds_of_view(visit: ClientConnection, page: str, query: Mapping[str, str]) -> float:
    """Seconds until the server has sent the whole page that a link shows."""
    asked = BackMsg()
    asked.rerun_script.query_string = urlencode(query)
    asked.rerun_script.page_name = page
    started = time.perf_counter()
    await visit.send(asked.SerializeToString())
    while True:
        _acknowledge_at_once(visit)
        message = ForwardMsg()
        message.ParseFromString(await visit.recv())
        if message.WhichOneof("type") == "script_finished":
            if message.script_finished in ENDED:
                return time.perf_counter() - started
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise RuntimeError(f"the page {page} could not be run")


def _acknowledge_at_once(visit: ClientConnection) -> None:
    """Or the kernel may wait 40 ms with it, and the server with what it has to send (Nagle).

    Whether it does hangs on what the connection did before, so that equal pages would differ.
    """
    if hasattr(socket, "TCP_QUICKACK"):
        plain = visit.transport.get_extra_info("socket")
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
