"""Image runs as JSON: what ``--json`` prints, ``runs export`` writes and the pages offer."""

from __future__ import annotations

from typing import Any

from engine.image.records import ImageRun, ImageStep


def image_document(run: ImageRun, file: str | None = None) -> dict[str, Any]:
    """An image run as JSON; no latents."""
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
