"""A run as JSON, whatever its kind: what ``runs export`` writes and the pages offer."""

from __future__ import annotations

from typing import Any

from cache.store import Store
from engine import stored_images, stored_runs
from engine.image_records import EmbedRun, ImageRun, ImageStep
from engine.text_documents import corruption_document, text_document


def run_document(store: Store, run: str) -> dict[str, Any]:
    """A run's record as JSON, whatever its kind. Raises MissingFromStore, PayloadDamaged."""
    kind = stored_runs.load_manifest(store, run).kind
    if kind == "text":
        return text_document(stored_runs.load_text_run(store, run))
    if kind == "corruption":
        return corruption_document(stored_runs.load_corruption_run(store, run))
    if kind == "image":
        return image_document(stored_images.load_image_run(store, run))
    return embed_document(stored_images.load_embed_run(store, run))


def embed_document(run: EmbedRun) -> dict[str, Any]:
    """A set of CLIP embeddings as JSON; the vectors themselves travel in a capsule."""
    return {
        "run": run.manifest.run,
        "spec": dict(run.manifest.spec),
        "model": run.manifest.model,
        "fingerprint": run.manifest.fingerprint,
        "dimension": int(run.text_embeddings.shape[1]),
        "logit_scale": run.logit_scale,
        "texts": [
            {"text": text, "tokens": list(found.tokens)}
            for text, found in zip(run.texts, run.token_embeddings, strict=True)
        ],
        "pictures": list(run.pictures),
    }


def image_document(run: ImageRun, file: str | None = None) -> dict[str, Any]:
    """An image run as the JSON that ``--json`` prints and ``runs export`` writes; no latents."""
    return {
        "run": run.manifest.run,
        "complete": run.complete,
        "spec": dict(run.manifest.spec),
        "model": run.manifest.model,
        "fingerprint": run.manifest.fingerprint,
        "picture": file,
        "steps": [_step_document(step) for step in run.steps],
    }


def _step_document(step: ImageStep) -> dict[str, Any]:
    return {
        "index": step.index,
        "position": step.position,
        "timestep": step.timestep,
        "sigma": step.sigma,
        "alpha_bar": step.alpha_bar,
        "guidance": step.guidance,
        "norms": dict(step.norms),
        "seconds": step.seconds,
    }
