"""What every training here shares: checkpoints without pickle, EMA, a schedule, a log."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from cache.errors import InvalidInput


def warmup_cosine(step: int, *, total: int, warmup: int, floor: float = 0.02) -> float:
    """Learning-rate factor in [floor, 1] at a step: linear warm-up, then half a cosine."""
    if step < warmup:
        return (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, total - warmup))
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))


class Ema:
    """Exponential moving average of a module's parameters, with a warm-up of the decay."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self.shadow = {name: p.detach().clone() for name, p in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Move every average towards the module's current parameters."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, parameter in module.named_parameters():
            self.shadow[name].lerp_(parameter.detach(), 1 - decay)

    @torch.no_grad()
    def copy_to(self, module: nn.Module) -> None:
        """Overwrite the module's parameters with the averages."""
        for name, parameter in module.named_parameters():
            parameter.copy_(self.shadow[name])


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
    if header["facts"] != json.loads(json.dumps(dict(facts))):
        raise InvalidInput(f"checkpoint {path} was made with {header['facts']}, not {dict(facts)}")
    tensors = load_file(path)
    generator.set_state(tensors["generator"])
    module.load_state_dict(_under("module/", tensors))
    ema.updates = int(header["ema_updates"])
    for name, average in _under("ema/", tensors).items():
        ema.shadow[name].copy_(average)
    for name, parameter in module.named_parameters():
        restored = _under(f"optimizer/{name}/", tensors)
        if restored:
            optimizer.state[parameter] = {
                # a fused AdamW wants its step count where the weights are, too
                k: v.to(parameter.device) if k == "step" else torch.empty_like(parameter).copy_(v)
                for k, v in restored.items()
            }
    return int(header["step"])


def read_header(path: Path) -> dict[str, Any]:
    """The step, the EMA's updates and the facts of a checkpoint file."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        metadata = json.loads(file.read(size))["__metadata__"]
    header: dict[str, Any] = json.loads(metadata["checkpoint"])
    return header


def _under(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


@dataclass
class TrainingLog:
    """Appends one JSON line per record to ``log.jsonl`` and keeps a running mean of the loss."""

    folder: Path
    started: float = field(default_factory=time.monotonic)
    mean_loss: float | None = None

    def see(self, loss: float) -> None:
        """Fold one step's loss into the running mean (decay 0.98)."""
        self.mean_loss = loss if self.mean_loss is None else 0.98 * self.mean_loss + 0.02 * loss

    def write(self, **record: Any) -> None:
        """Append a record with the seconds since this process started training."""
        self.folder.mkdir(parents=True, exist_ok=True)
        record["seconds"] = round(time.monotonic() - self.started, 1)
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(json.dumps(record) + "\n")
