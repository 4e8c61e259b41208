"""The probes of a generation: trained on its renderings, measured on those that were kept apart."""

from __future__ import annotations

import json
import time
from typing import Any

import torch

from cache.errors import InvalidInput
from engine.training.generation import Generation
from engine.training.image.probes import FACTS, probe_accuracy, train_probes
from engine.training.world_data import rendered_world

FOLDER = "probes"
APART = 1024  # renderings that are not trained on


def trained_probes(
    generation: Generation,
    *,
    seconds: float | None = None,
    steps: int | None = None,
    shards: int | None = None,
    apart: int | None = None,
) -> dict[str, Any]:
    """Train on the generation's shards but ``apart`` pictures of the first; accuracies on those.

    The accuracies are also in the facts beside the weights, under "kept_apart".
    """
    recipe, apart = generation.clip_recipe(), APART if apart is None else apart
    pictures, scenes = rendered_world(
        generation.pictures, shards=range(shards or recipe.shards), size=recipe.size,
        world=generation.world,
    )  # fmt: skip
    if len(pictures) < 2 * apart:
        raise InvalidInput(f"apart must be {len(pictures) // 2} at most, got {apart}")
    folder = generation.folder / FOLDER
    started = time.monotonic()
    model = train_probes(
        pictures[apart:], scenes[apart:], device=generation.device, folder=folder,
        seconds=seconds, steps=steps,
    )  # fmt: skip
    accuracy = probe_accuracy(model, pictures[:apart], scenes[:apart])
    facts = json.loads((folder / FACTS).read_text())
    facts["kept_apart"] = {"pictures": apart, "accuracy": accuracy}
    facts["seconds_whole"] = round(time.monotonic() - started, 1)
    (folder / FACTS).write_text(json.dumps(facts, indent=1) + "\n")
    if generation.device.type == "cuda":
        torch.cuda.empty_cache()
    return accuracy
