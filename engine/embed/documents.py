"""Sets of embeddings as JSON."""

from __future__ import annotations

from typing import Any

from engine.embed.records import EmbedRun


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
            {"text": text, "tokens": list(embedding.tokens)}
            for text, embedding in zip(run.texts, run.token_embeddings, strict=True)
        ],
        "pictures": list(run.pictures),
    }
