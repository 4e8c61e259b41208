"""Text runs as JSON: what ``--json`` prints; ``engine.requests.documents`` has every kind."""

from __future__ import annotations

from typing import Any

from engine.text.records import CorruptionRun, TextRun
from engine.text.spec import TextSpec


def text_document(run: TextRun) -> dict[str, Any]:
    """A text run as JSON; positions count from 0 at the first content token."""
    start = run.steps[0]
    return {
        "run": run.manifest.run,
        "seed": run.manifest.spec["seed"],
        "text": run.text(),
        "complete": run.complete and not run.masks_left,
        **({"masks_left": run.masks_left} if run.complete and run.masks_left else {}),
        "spec": dict(run.manifest.spec),
        "model": run.manifest.model,
        "fingerprint": run.manifest.fingerprint,
        **_calls_of_a_rule(run),
        "start": [run.pieces[token] for token in start.tokens],
        "steps": [_step_document(run, index) for index in range(1, len(run.steps))],
    }


def _calls_of_a_rule(run: TextRun) -> dict[str, Any]:
    """What the rule made of its steps; nothing where their number was given."""
    if TextSpec.parse(run.manifest.spec).always_counted:
        return {}
    calls = run.model_calls
    each = run.tokens_per_call if calls else None
    return {"steps_used": len(run.steps) - 1, "calls": calls, "tokens_per_call": each}


def corruption_document(run: CorruptionRun) -> dict[str, Any]:
    """A forward process as JSON."""
    levels = [
        {
            "index": level.index,
            "mask_probability": level.mask_probability,
            "masked": [int(i) for i in level.masked.nonzero()[0]],
            "tokens": run.words(level.index),
        }
        for level in run.steps
    ]
    return {
        "run": run.manifest.run,
        "spec": dict(run.manifest.spec),
        "model": run.manifest.model,
        "fingerprint": run.manifest.fingerprint,
        "levels": levels,
    }


def _step_document(run: TextRun, index: int) -> dict[str, Any]:
    step = run.steps[index]
    rows = [step.row(position) for position in step.revealed.tolist()]
    return {
        "index": step.index,
        "revealed": step.revealed.tolist(),
        "tokens": [run.pieces[step.tokens[position]] for position in step.revealed],
        "confidence": [float(step.confidence[row]) for row in rows],
        "probability": [float(step.probability[row]) for row in rows],
        "entropy_nats": [float(step.entropy_nats[row]) for row in rows],
        **({"taken_back": step.taken_back.tolist()} if len(step.taken_back) else {}),
        "text": run.text(index),
        "seconds": step.seconds,
    }
