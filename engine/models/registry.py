"""Names to models on this disk: source, folder, fingerprint, availability. No torch.

A model is a built-in name, a local folder, or a hub id whose snapshot is in the local cache.
Nothing is ever downloaded by looking; ``fetch`` downloads when asked.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cache.errors import ModelDamaged, ModelMissing, StepscopeError
from engine.models.fingerprints import folder_fingerprint, shipped_fingerprint
from engine.models.model_files import CONVERT, check_weights
from engine.models.naming import why_no_model

Kind = Literal["text", "image", "clip"]

BUILTIN_FOLDER = Path(__file__).parent / "builtin"
BUILTIN: dict[str, tuple[Kind, str]] = {
    "builtin-bert": ("text", "bert"),
    "builtin-uniform": ("text", "bert-uniform"),
    "builtin-sd": ("image", "stable-diffusion"),
    "builtin-clip": ("clip", "clip"),
}
HUB: dict[str, Kind] = {
    "google-bert/bert-base-uncased": "text",
    "stable-diffusion-v1-5/stable-diffusion-v1-5": "image",
    "openai/clip-vit-large-patch14": "clip",
}
DEFAULTS: dict[Kind, str] = {
    "text": "builtin-bert",
    "image": "builtin-sd",
    "clip": "builtin-clip",
}
# not every *.safetensors: repositories of pipelines keep the same weights once more in one file
HUB_FILES = ["*.json", "*.txt", "*.model", "*/*.safetensors", "model*.safetensors"]
PROBE_SECONDS = 0.7


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model that lies on this disk and can be loaded without a network."""

    name: str
    folder: Path
    fingerprint: str
    builtin: bool


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A line of the model picker: what is known of a model, available or not."""

    name: str
    kind: Kind
    available: bool
    fingerprint: str | None
    folder: str | None
    hint: str


def find_model(name: str) -> FoundModel:
    """The model of that name on this disk.

    Raises ModelMissing, which says how to get it, also where its weights are pickles, which are
    never read; ModelDamaged when its files cannot be read.
    """
    if name in BUILTIN:
        folder = BUILTIN_FOLDER / BUILTIN[name][1]
        if not folder.exists():
            raise ModelMissing(f"the built-in model folder {folder.name} is not in this install")
        return FoundModel(name, folder, shipped_fingerprint(folder), builtin=True)
    try:
        folder = _folder_of(name)
        check_weights(name, folder)
        return FoundModel(name, folder, folder_fingerprint(folder), builtin=False)
    except (OSError, RuntimeError, ValueError) as error:  # ~nobody, names that are no path
        if isinstance(error, StepscopeError):
            raise
        raise ModelMissing(f"model {name!r} cannot be looked up: {error}") from error


def listed_models() -> Iterator[ListedModel]:
    """The built-in models and the well-known big ones, each with whether it can be used now."""
    kinds = {name: kind for name, (kind, _) in BUILTIN.items()} | HUB
    for name, kind in kinds.items():
        try:
            model = find_model(name)
        except (ModelMissing, ModelDamaged) as error:
            yield ListedModel(name, kind, False, None, None, str(error))
        else:
            yield ListedModel(name, kind, True, model.fingerprint, str(model.folder), "")


def available_models(kind: str) -> list[str]:
    """The names of the listed models of a kind that can be used now."""
    return [model.name for model in listed_models() if model.kind == kind and model.available]


def never_saw(name: str, words: Iterable[str]) -> str:
    """A sentence on the ``unknown_words`` of a model."""
    return f"{name} never saw these words in training: {', '.join(words)}"


def unknown_words(model: FoundModel, text: str) -> list[str]:
    """The words of a text that a built-in model never saw in training; [] for other models."""
    listing = model.folder / "known_words.txt"
    if not listing.exists():
        return []
    known = _known_words(listing)
    words = [word.strip(".,!?;:'\"()[]").lower() for word in text.replace("[MASK]", " ").split()]
    return [word for word in words if word and word not in known]


def whole_words(model: FoundModel) -> frozenset[str]:
    """The words, lower case, that are one token of a BERT: those it was trained on, where known.

    Raises ModelMissing for a model without a list of words.
    """
    for name in ("known_words.txt", "vocab.txt"):
        listing = model.folder / name
        if listing.exists():
            words = listing.read_text(encoding="utf-8").split("\n")
            return frozenset(w for w in words if w.isalpha() and w == w.lower())
    raise ModelMissing(f"{model.name} has no vocab.txt: which words are one token is not known")


def fetch(name: str) -> FoundModel:
    """Download a hub model's safetensors and configs; raises ModelMissing when that cannot be."""
    if not hub_in_reach():
        raise ModelMissing(_how_to_get(name) + " The hub is not in reach from here.")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, allow_patterns=HUB_FILES))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise ModelMissing(f"{name} could not be downloaded: {error}") from error
    if not any(folder.rglob("*.safetensors")):
        raise ModelMissing(
            f"{name} has no safetensors on the hub, only pickled weights, which are not fetched. "
            f"Download it into a folder by other means, then: {CONVERT}"
        )
    return find_model(name)


def hub_in_reach() -> bool:
    """Whether the model hub answers a connection within a second."""
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        return False
    answered = threading.Event()

    def knock() -> None:
        try:
            socket.create_connection(("huggingface.co", 443), timeout=PROBE_SECONDS).close()
        except OSError:
            return
        answered.set()

    # a thread: a resolver without a network can stall for many seconds
    threading.Thread(target=knock, daemon=True).start()
    return answered.wait(PROBE_SECONDS)


def _folder_of(name: str) -> Path:
    folder = Path(name).expanduser()
    if (folder / "config.json").exists() or (folder / "model_index.json").exists():
        return folder
    if (reason := why_no_model(str(folder))) is not None:
        raise ModelMissing(reason)
    return _cached_snapshot(name)


def _cached_snapshot(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelMissing(_how_to_get(name)) from error


def _how_to_get(name: str) -> str:
    return (
        f"model {name!r} is not on this machine. Where the hub is in reach: "
        f"python -m engine models fetch {name}; or give the path of a local folder, "
        f"or use a built-in model ({', '.join(BUILTIN)})."
    )


@lru_cache(maxsize=8)
def _known_words(listing: Path) -> frozenset[str]:
    return frozenset(listing.read_text().split())
