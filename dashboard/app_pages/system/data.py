"""What this installation is made of, as tables: store, models, versions, clean-ups."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from cache.errors import InvalidInput, StepscopeError
from cache.keys import SCHEMA_VERSION
from cache.store import Store, StoreStats
from cache.upkeep import VerifyReport
from dashboard.data.library import described, first_words
from engine.chain import manifests
from engine.models.known import known_of
from engine.models.registry import HUB, ListedModel, find_model

ROOT = Path(__file__).resolve().parents[3]
DOCTOR_S = 120.0  # importing torch on a slow disk takes most of it
KINDS = {
    "run": "runs: what was asked for, tags, notes",
    "step": "steps, each once however many runs have it",
    "forward": "what a text model answered to a state, shared by seeds",
    "decode": "pictures decoded by an autoencoder",
    "prompt": "prompts as a text encoder encoded them",
    "encoded": "init images as an autoencoder encoded them",
    "embedding": "CLIP embeddings",
    "picture": "uploaded pictures",
    "preview": "fast previews of latents, one a model",
    "vocab": "vocabularies, one a model",
    "judged": "how likely a text is to a judge, shared by runs",
    "board": "boards: titles and agendas",
    "item": "items of boards",
    "revision": "changes of boards and items",
    "verdict": "votes",
    "comment": "comments",
    "decision": "decisions",
    "figure": "figures kept with items",
    "meeting": "meetings: where the chair stands",
    "pin": "pins",
    "imported": "which entries came with a capsule",
}
PACKAGES = (
    "streamlit",
    "plotly",
    "torch",
    "transformers",
    "diffusers",
    "safetensors",
    "diskcache",
    "distributed",
    "pandas",
    "numpy",
    "pillow",
)
LICENCES = {
    "google-bert/bert-base-uncased": "Apache-2.0",
    "stable-diffusion-v1-5/stable-diffusion-v1-5": "CreativeML Open RAIL-M",
}
DAY_S = 86_400
MIB = 2**20


def store_table(stats: StoreStats) -> pd.DataFrame:
    """One row a kind of entry, the largest first."""
    kinds = sorted(stats.by_prefix.items(), key=lambda item: -item[1].size_bytes)
    return pd.DataFrame(
        {
            "what": [KINDS.get(kind, kind) for kind, _ in kinds],
            "entries": [usage.entries for _, usage in kinds],
            "MB": [usage.size_bytes / 1e6 for _, usage in kinds],
        }
    )


def model_table(models: Iterable[ListedModel]) -> pd.DataFrame:
    """One row a model that is known by name: whether it is here, where, and its fingerprint."""
    listed = list(models)
    return pd.DataFrame(
        {
            "model": [m.name for m in listed],
            "kind": [m.kind for m in listed],
            "here": [m.available for m in listed],
            "source": ["model hub" if m.name in HUB else "shipped" for m in listed],
            "licence": [_licence(m.name) for m in listed],
            "what": [_what(m) for m in listed],
            "fingerprint": [(m.fingerprint or "")[:12] for m in listed],
            "folder": [m.folder or "" for m in listed],
        }
    )


def versions() -> pd.DataFrame:
    """The versions that results may depend on; read without importing the packages."""
    installed = {"python": platform.python_version(), "store schema": str(SCHEMA_VERSION)}
    for name in PACKAGES:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            installed[name] = "not installed"
    return pd.DataFrame({"package": list(installed), "version": list(installed.values())})


def examine(store: Path) -> pd.DataFrame:
    """What ``python -m engine doctor`` finds, in a process of its own that may import torch.

    Raises InvalidInput when it does not answer within DOCTOR_S or answers nonsense.
    """
    command = [sys.executable, "-m", "engine", "doctor", "--store", str(store), "--json"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, timeout=DOCTOR_S, check=False, text=True
        )
        checks = json.loads(done.stdout)
        return pd.DataFrame(checks["checks"] if isinstance(checks, dict) else checks)
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        raise InvalidInput(f"the examination did not end well: {error}") from error


def going_table(store: Store, runs: Sequence[str], *, most: int = 200) -> pd.DataFrame:
    """The runs that a clean-up would take, oldest first, at most so many of them."""
    rows: list[dict[str, Any]] = []
    for run in runs[:most]:
        try:
            manifest = manifests.load(store, run)
        except StepscopeError:
            continue
        rows.append(
            {
                "run": run[:8],
                "kind": manifest.kind,
                "words": first_words(store, manifest),
                "settings": described(manifest.spec),
            }
        )
    return pd.DataFrame(rows)


def fault_table(report: VerifyReport) -> pd.DataFrame:
    """One row an entry that is damaged, missing or cannot be read."""
    named = [("damaged", key) for key in report.damaged]
    named += [("its file is gone", key) for key in report.missing]
    named += [("cannot be read", key) for key in report.unreadable]
    kinds = [key.partition(":")[0] for _, key in named]
    return pd.DataFrame(
        {
            "fault": [fault for fault, _ in named],
            "what": [KINDS.get(kind, kind) for kind in kinds],
            "key": [key for _, key in named],
        }
    )


def _what(listed: ListedModel) -> str:
    """A text model that is here, in a line; "" of others."""
    if listed.kind != "text" or not listed.available:
        return ""
    try:
        return known_of(find_model(listed.name)).sentence()
    except StepscopeError as error:
        return str(error)


def _licence(name: str) -> str:
    return LICENCES.get(name, "see its hub page") if name in HUB else "Apache-2.0"
