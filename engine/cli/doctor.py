"""Is this installation whole? Versions, models, store, device, browser."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from cache.errors import StoreError
from cache.store import Store
from engine.chain.manifests import listed as manifests
from engine.chain.records import short_id
from engine.models.registry import listed_models

PACKAGES = (
    "streamlit",
    "torch",
    "transformers",
    "diffusers",
    "plotly",
    "diskcache",
    "safetensors",
    "pandas",
)
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "chrome",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: ``missing`` is needed, ``note`` is good to know."""

    name: str
    state: Literal["ok", "missing", "note"]
    detail: str

    def document(self) -> dict[str, Any]:
        """The finding as JSON."""
        return asdict(self)


def examine(store: Path | None) -> list[Check]:
    """Everything worth checking, in the order a person would."""
    return [*_packages(), *_models(), _store(store), _device(), _browser()]


def _packages() -> Iterator[Check]:
    yield Check("python", "ok", platform.python_version())
    for name in PACKAGES:
        try:
            yield Check(name, "ok", version(name))
        except PackageNotFoundError:
            yield Check(name, "missing", "pip install -r requirements.txt")


def _models() -> Iterator[Check]:
    for model in listed_models():
        if model.available:
            yield Check(model.name, "ok", f"{model.kind}, {model.folder}")
        else:
            builtin = model.name.startswith("builtin-")
            yield Check(model.name, "missing" if builtin else "note", model.hint)


def _store(folder: Path | None) -> Check:
    try:
        with Store.open(folder, read_only_ok=True) as store:
            stats = store.stats()
            unreadable: list[str] = []
            for _ in manifests(store, on_unreadable=lambda run, _: unreadable.append(run)):
                pass
    except StoreError as error:
        return Check("store", "missing", str(error))
    summary = f"{stats.folder}, {stats.entries} entries"
    if store.read_only:
        return Check("store", "note", f"{summary}; it can only be read: nothing can be computed")
    if unreadable:
        summary += f"; {len(unreadable)} runs cannot be read, the first {short_id(unreadable[0])}"
        return Check("store", "note", f"{summary}: python -m engine store verify names them")
    return Check("store", "ok", summary)


def _device() -> Check:
    import torch

    if torch.cuda.is_available():
        return Check("device", "ok", f"CUDA, {torch.cuda.get_device_name(0)}")
    return Check("device", "ok", f"CPU, {torch.get_num_threads()} threads")


def _browser() -> Check:
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        return Check("browser", "note", "no Chromium found: figures export as HTML, not as PNG")
    return Check("browser", "ok", browser)
