"""A pipeline's components loaded one by one, each checked: whole, as declared, finite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from cache.errors import ModelDamaged
from engine.models.families.facts import PipelineFacts
from engine.models.loading_errors import damage_named
from engine.models.registry import FoundModel

# kept weights that no architecture has: old checkpoints carry them and every loader drops them
DROPPED = ("position_ids",)


def load_components(
    model: FoundModel, facts: PipelineFacts, dtype: torch.dtype, *, half: bool
) -> dict[str, Any]:
    """U-Net, autoencoder and text encoders by name, ready for their pipeline.

    ``half`` takes the float16 weights where there are two kinds. Raises ModelDamaged, which names
    the component, for weights that are missing, not all used, or not finite.
    """
    import diffusers
    import transformers

    only, parts = dict(facts.variants), {}
    for name, library, kind in facts.components:
        where = f"{name} of {model.name} ({kind})"
        variant = only.get(name) or ("fp16" if half else None)
        options: dict[str, Any] = {"variant": variant} if variant else {}
        if library == "transformers":  # which says it all in the loading info, that is checked
            options["ignore_mismatched_sizes"] = True
        with damage_named(where, model.folder / name):
            source: Any = getattr(
                {"diffusers": diffusers, "transformers": transformers}[library], kind
            )
            part, info = source.from_pretrained(
                model.folder / name,
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
                dtype=dtype,
                **options,
            )
        check_loading(where, info, strict=library == "diffusers")
        check_finite(where, part)
        parts[name] = part.eval().requires_grad_(False)
    return parts


def check_loading(where: str, info: Mapping[str, Any], *, strict: bool = False) -> None:
    """Raise ModelDamaged where weights are missing or, if ``strict``, where some were not used."""
    faults = [
        ("lacks", info.get("missing_keys")),
        ("has, in another shape,", info.get("mismatched_keys")),
    ]
    if strict:
        faults.append(("has, for no part of its config,", info.get("unexpected_keys")))
    for verb, named in faults:
        keys = (each if isinstance(each, str) else str(each[0]) for each in named or ())
        names = sorted(key for key in keys if not key.endswith(DROPPED))
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise ModelDamaged(f"{where} {verb} the weights {names[0]}{more}")
    if errors := info.get("error_msgs"):
        raise ModelDamaged(f"{where} will not load: {' '.join(str(errors).split())[:400]}")


def check_finite(where: str, part: Any) -> None:
    """Raise ModelDamaged for weights that are nan or infinite."""
    for name, weight in part.state_dict().items():
        if weight.is_floating_point() and not bool(torch.isfinite(weight).all()):
            raise ModelDamaged(f"{where} has weights that are not finite: {name}")


def check_vocabulary(where: str, tokenizer: Any, encoder: Any) -> None:
    """Raise ModelDamaged for a tokenizer that is not the one its text encoder was made with."""
    rows = getattr(encoder.config, "vocab_size", None)
    if not isinstance(rows, int):
        return
    numbers = tokenizer.get_vocab().values()
    if max(numbers, default=-1) >= rows or len(numbers) < 0.9 * rows:
        raise ModelDamaged(
            f"{where} has {len(numbers)} tokens, numbered up to {max(numbers, default=0)}, and its "
            f"text encoder knows {rows}: they do not belong together"
        )
