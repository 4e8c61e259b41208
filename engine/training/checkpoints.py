"""Checkpoints without pickle: whole ones that a training resumes from, light ones to keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from cache.errors import InvalidInput
from engine.training.averages import Ema

LIGHT = "averages"  # the stem of the files of a light checkpoint
SAID = 200  # characters of what a library says of a damaged one


def save_checkpoint(
    folder: Path,
    *,
    step: int,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    ema: Ema,
    generator: torch.Generator,
    facts: Mapping[str, Any],
) -> None:
    """Write everything a resume needs as one safetensors file, replaced atomically.

    Parameters are named as in ``module.named_parameters()``; the optimizer's state is
    stored under ``optimizer/<name>/<field>``.
    """
    tensors: dict[str, torch.Tensor] = {"generator": generator.get_state()}
    tensors |= {f"module/{k}": v.detach().contiguous() for k, v in module.state_dict().items()}
    tensors |= {f"ema/{name}": average for name, average in ema.shadow.items()}
    for name, parameter in module.named_parameters():
        for field_name, value in optimizer.state.get(parameter, {}).items():
            tensors[f"optimizer/{name}/{field_name}"] = torch.as_tensor(value).detach().clone()
    header = json.dumps({"step": step, "ema_updates": ema.updates, "facts": dict(facts)})
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "checkpoint.partial"
    packed = {k: v.cpu().clone(memory_format=torch.contiguous_format) for k, v in tensors.items()}
    save_file(packed, partial, {"checkpoint": header})
    partial.replace(folder / "checkpoint.safetensors")


def load_checkpoint(
    folder: Path,
    *,
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    ema: Ema,
    generator: torch.Generator,
    facts: Mapping[str, Any],
) -> int:
    """Restore a checkpoint in place and return its step; 0 when there is none.

    Raises InvalidInput when the checkpoint was made with other facts (data, sizes, profile).
    """
    path = folder / "checkpoint.safetensors"
    if not path.exists():
        return 0
    header = read_header(path)
    check_facts(header["facts"], facts, path)
    try:
        _restore(header, _tensors(path), module, optimizer, ema, generator)
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        said = " ".join(str(error).split())[:SAID]
        raise InvalidInput(
            f"checkpoint must be whole and of the recipe's model, got {path}: "
            f"{type(error).__name__}: {said}"
        ) from error
    return int(header["step"])


def _restore(
    header: Mapping[str, Any],
    tensors: Mapping[str, torch.Tensor],
    module: nn.Module,
    optimizer: torch.optim.Optimizer,
    ema: Ema,
    generator: torch.Generator,
) -> None:
    generator.set_state(tensors["generator"])
    averages = {name: average.float() for name, average in _under("ema/", tensors).items()}
    module.load_state_dict(_under("module/", tensors) or averages)  # light ones have no module
    ema.updates = int(header["ema_updates"])
    for name, average in averages.items():
        ema.shadow[name].copy_(average)
    for name, parameter in module.named_parameters():
        restored = _under(f"optimizer/{name}/", tensors)
        if restored:
            optimizer.state[parameter] = {
                # a fused AdamW wants its step count where the weights are, too
                k: v.to(parameter.device) if k == "step" else torch.empty_like(parameter).copy_(v)
                for k, v in restored.items()
            }


def check_facts(made: Mapping[str, Any], now: Mapping[str, Any], path: Path) -> None:
    """Raise InvalidInput naming the first fact that differs from those of the checkpoint there."""
    before, after = _told(made), _told(json.loads(json.dumps(dict(now))))
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after or before[name] != after[name]:
            raise InvalidInput(
                f"{name} must be what the checkpoint was made with, {before.get(name)}, got "
                f"{after.get(name)}: {path}"
            )


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts and those of their recipe beside each other."""
    recipe = facts.get("recipe")
    plain = {name: value for name, value in facts.items() if name != "recipe"}
    return plain | (recipe if isinstance(recipe, dict) else {"recipe": recipe})


def lighten_checkpoint(folder: Path, to: Path, *, most_bytes: int = 12_000_000) -> dict[str, Any]:
    """The averages of a checkpoint alone, as fp16 in as many files as need be; its header.

    ``restore_light`` makes a checkpoint of them that a training goes on with: from the averages,
    with an optimizer that has seen nothing yet.
    """
    header = read_header(folder / "checkpoint.safetensors")
    tensors = _tensors(folder / "checkpoint.safetensors")
    light = {f"ema/{name}": a.half() for name, a in _under("ema/", tensors).items()}
    parts: list[dict[str, torch.Tensor]] = [{"generator": tensors["generator"]}]
    for name, tensor in light.items():
        if sum(t.nbytes for t in parts[-1].values()) + tensor.nbytes > most_bytes:
            parts.append({})
        parts[-1][name] = tensor
    to.mkdir(parents=True, exist_ok=True)
    for old in to.glob(f"{LIGHT}-*.safetensors"):
        old.unlink()
    for k, part in enumerate(parts):
        path = to / f"{LIGHT}-{k}.safetensors"
        save_file(part, path, {"checkpoint": json.dumps(header)})
        path.chmod(0o644)
    return header


def restore_light(light: Path, folder: Path) -> None:
    """Put a light checkpoint where a training resumes from. Raises InvalidInput without one."""
    paths = sorted(light.glob(f"{LIGHT}-*.safetensors"))
    if not paths:
        raise InvalidInput(f"resume-from must hold a light checkpoint, got none in {light}")
    tensors = {name: tensor for path in paths for name, tensor in _tensors(path).items()}
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "checkpoint.partial"
    save_file(tensors, partial, {"checkpoint": json.dumps(read_header(paths[0]))})
    partial.replace(folder / "checkpoint.safetensors")


def load_averages(module: nn.Module, folder: Path) -> None:
    """Give a module the averaged weights of a checkpoint, light or whole.

    Raises InvalidInput for a checkpoint of another module, and for weights that are not finite.
    """
    path = folder / "checkpoint.safetensors"
    try:
        with safe_open(path, "pt") as file:
            averages = {
                key.removeprefix("ema/"): file.get_tensor(key).float()
                for key in file.keys()  # noqa: SIM118 - not a dict
                if key.startswith("ema/")
            }
        module.load_state_dict(averages, strict=True)
    except (SafetensorError, OSError, RuntimeError) as error:
        said = str(error).splitlines()
        raise InvalidInput(
            f"checkpoint must be of the recipe's model, got {path}: {' '.join(said[:2]).strip()}"
        ) from error
    for name, average in averages.items():
        if not bool(torch.isfinite(average.half()).all()):  # as they ship
            raise InvalidInput(
                f"weights must be finite in fp16, got NaN or infinity in {path}: {name}"
            )


def read_header(path: Path) -> dict[str, Any]:
    """The step, the EMA's updates and the facts of a checkpoint file.

    Raises InvalidInput for a file that no training here has written.
    """
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > path.stat().st_size:
                raise ValueError(f"a header of {size} bytes")
            metadata = json.loads(file.read(size))["__metadata__"]
        header: dict[str, Any] = json.loads(metadata["checkpoint"])
        if int(header["step"]) < 0 or not isinstance(header["facts"], dict):
            raise ValueError(f"step {header['step']}, facts {header['facts']}")
    except (OSError, OverflowError, ValueError, KeyError, TypeError, RecursionError) as wrong:
        raise InvalidInput(f"checkpoint must be of a training, got {path}: {wrong!r}") from wrong
    return header


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise InvalidInput(f"checkpoint must be of a training, got {path}: {error}") from error


def _under(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
