"""Which CLIP can measure pictures, and what it has measured of them so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cache.store import Store
from dashboard.data.shelf import shelf_of
from engine.embed.spec import EmbedSpec
from engine.embed.stored_memo import Embeddings, find_embeddings
from engine.models.registry import listed_models

MOST_PICTURES = 1000  # of one spec
# whose text tower, today's or an earlier one, conditions which image model
CONDITIONED_BY = {
    "builtin-sd": "builtin-clip",
    "stable-diffusion-v1-5/stable-diffusion-v1-5": "openai/clip-vit-large-patch14",
}


@dataclass(frozen=True, slots=True)
class ClipModel:
    """A CLIP by its name and the hash of its weights; ``here`` when it can be run."""

    name: str
    fingerprint: str
    here: bool


def clip_models(store: Store) -> list[ClipModel]:
    """The CLIPs on this machine, then those that embeddings in the store were made with."""
    clips = {
        (model.name, model.fingerprint): ClipModel(model.name, model.fingerprint, here=True)
        for model in listed_models()
        if model.kind == "clip" and model.fingerprint is not None
    }
    for manifest in shelf_of(store).manifests(store, "embed"):
        name = (manifest.model, manifest.fingerprint)
        clips.setdefault(name, ClipModel(*name, here=False))
    return list(clips.values())


def embed_specs(model: str, texts: Sequence[str], digests: Iterable[str]) -> list[EmbedSpec]:
    """The requests for a prompt's and its pictures' embeddings, as few as the bounds allow."""
    each = list(dict.fromkeys(digests))
    parts = [each[i : i + MOST_PICTURES] for i in range(0, len(each), MOST_PICTURES)] or [[]]
    return [EmbedSpec(model=model, texts=tuple(texts), pictures=tuple(part)) for part in parts]


def stored_embeddings(store: Store, specs: Sequence[EmbedSpec], fingerprint: str) -> Embeddings:
    """What the store has of several requests, together."""
    parts = [find_embeddings(store, spec, fingerprint) for spec in specs]
    return Embeddings(
        texts={name: vector for each in parts for name, vector in each.texts.items()},
        pictures={name: vector for each in parts for name, vector in each.pictures.items()},
    )


def measured_before(store: Store, clip: ClipModel, specs: Sequence[EmbedSpec]) -> ClipModel | None:
    """Another version of a CLIP that has measured all of these; this one may have replaced it."""
    texts = [text for spec in specs for text in spec.texts]
    pictures = [digest for spec in specs for digest in spec.pictures]
    for other in clip_models(store):
        if other.name != clip.name or other.fingerprint == clip.fingerprint:
            continue
        if stored_embeddings(store, specs, other.fingerprint).has(texts, pictures):
            return other
    return None


def flattered(model: str, clip: str) -> bool:
    """Whether an image model's prompts are encoded by the CLIP that measures it, or its past."""
    return CONDITIONED_BY.get(model) == clip
