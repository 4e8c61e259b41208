"""One POST of JSON to an address of one's own when something ends; off unless it is configured.

``STEPSCOPE_WEBHOOK`` names the address. Nothing else leaves this machine, and a message that does
not get through is one line in the log: what it tells of has happened all the same. No torch.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

VARIABLE = "STEPSCOPE_WEBHOOK"
PATIENCE_S = 5.0
LONGEST = 500  # characters of a text in a message
_log = logging.getLogger("stepscope.webhook")


def tell(event: str, facts: Mapping[str, Any]) -> threading.Thread | None:
    """Send one message from a thread of its own; None where no address is configured.

    Never raises: an act does not fail because nobody could be told of it.
    """
    address = os.environ.get(VARIABLE, "").strip()
    if not address:
        return None
    message = {"event": event, "at": time.time(), **{n: _short(v) for n, v in facts.items()}}
    sender = threading.Thread(target=_send, args=(address, message), daemon=True, name="webhook")
    try:
        sender.start()
    except RuntimeError as error:  # the interpreter is ending
        _log.warning("the webhook was not told of %s: %s", event, error)
    return sender


def _send(address: str, message: Mapping[str, Any]) -> None:
    try:
        if urlsplit(address).scheme not in ("http", "https"):
            raise ValueError(f"{VARIABLE} must be http://... or https://...")
        request = urllib.request.Request(
            address,
            data=json.dumps(message, ensure_ascii=True).encode(),
            headers={"Content-Type": "application/json", "User-Agent": "Stepscope"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S):
            pass
    except Exception as error:
        line = " ".join(f"{type(error).__name__}: {error}".split())
        _log.warning("the webhook was not told of %s: %.300s", message["event"], line)


def _short(value: Any) -> Any:
    return value[:LONGEST] if isinstance(value, str) else value
