"""What the web process names to a worker: functions that only the worker itself brings to life.

A job's code needs torch, and the process that submits it must not import it, not even
indirectly. So the submit side refers to these, and the worker imports the rest when it is called.
"""

from __future__ import annotations

import importlib
from typing import Any

WORKER = "engine.jobs.worker"
# elsewhere it is looked up by this name: with functions of the standard library alone, since the
# scheduler between unpickles them, and it may run where no copy of Stepscope is
ELSEWHERE = f"{WORKER}:run_elsewhere"


def run_here(job_id: str, store_folder: str) -> dict[str, Any]:
    """``engine.jobs.worker.run_here``, on the machine that has the store."""
    return dict(importlib.import_module(WORKER).run_here(job_id, store_folder))
