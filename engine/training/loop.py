"""What every training here shares: checkpoints without pickle, EMA, a schedule, a log."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.progress import Progress
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from cache.errors import InvalidInput


def warmup_cosine(step: int, *, total: int, warmup: int, floor: float = 0.02) -> float:
    """Learning-rate factor in [floor, 1] at a step: linear warm-up, then half a cosine."""
    if step < warmup:
        return (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, total - warmup))
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))


def warmup_stable(step: int, *, total: int, warmup: int, floor: float = 0.02) -> float:
    """Learning-rate factor in [floor, 1]: warm-up, level, half a cosine in the last fifth.

    A training that is made longer while it is level goes on as if it had always been longer.
    """
    level = round(0.8 * total)
    if step < max(level, warmup):
        return min(1.0, (step + 1) / warmup)
    return warmup_cosine(step - level, total=total - level, warmup=0, floor=floor)


LIGHT = "averages"  # the stem of the files of a light checkpoint
SCHEDULES = {"cosine": warmup_cosine, "stable": warmup_stable}


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
        parameters = dict(module.named_parameters())
        torch._foreach_lerp_(
            list(self.shadow.values()),
            [parameters[name].detach() for name in self.shadow],
            1 - decay,
        )

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
    return int(header["step"])


def lighten_checkpoint(folder: Path, to: Path, *, most_bytes: int = 12_000_000) -> dict[str, Any]:
    """The averages of a checkpoint alone, as fp16 in as many files as need be; its header.

    ``restore_light`` makes a checkpoint of them that a training goes on with: from the averages,
    with an optimizer that has seen nothing yet.
    """
    header = read_header(folder / "checkpoint.safetensors")
    tensors = load_file(folder / "checkpoint.safetensors")
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
    tensors = {name: tensor for path in paths for name, tensor in load_file(path).items()}
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "checkpoint.partial"
    save_file(tensors, partial, {"checkpoint": json.dumps(read_header(paths[0]))})
    partial.replace(folder / "checkpoint.safetensors")


def load_averages(module: nn.Module, folder: Path) -> None:
    """Give a module the averaged weights of a checkpoint, light or whole."""
    with safe_open(folder / "checkpoint.safetensors", "pt") as file:
        averages = {
            key.removeprefix("ema/"): file.get_tensor(key).float()
            for key in file.keys()  # noqa: SIM118 - not a dict
            if key.startswith("ema/")
        }
    module.load_state_dict(averages, strict=True)


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
    """Appends one JSON line per record to ``log.jsonl`` and keeps a running mean of the loss.

    The mean stays where the losses are: a GPU is not waited for at every step.
    """

    folder: Path
    started: float = field(default_factory=time.monotonic)
    _mean: Tensor | None = None

    def see(self, loss: Tensor | float) -> None:
        """Fold one step's loss into the running mean (decay 0.98)."""
        seen = torch.as_tensor(loss).detach().double()
        self._mean = seen if self._mean is None else 0.98 * self._mean + 0.02 * seen

    @property
    def mean_loss(self) -> float | None:
        """The running mean; None before the first step."""
        return None if self._mean is None else float(self._mean)

    def write(self, **record: Any) -> None:
        """Append a record with the seconds since this process started training."""
        self.folder.mkdir(parents=True, exist_ok=True)
        record["seconds"] = round(time.monotonic() - self.started, 1)
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(json.dumps(record) + "\n")


@dataclass(slots=True)
class Clock:
    """A training of so many seconds, for a machine that is lent by the minute.

    Its first steps compile kernels: the schedule of the rate is laid over what is left then.
    """

    seconds: float
    begun: float = field(default_factory=time.monotonic)
    _level: float | None = None  # when the first steps were through

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() - self.begun >= self.seconds

    def progress(self, step: int) -> float:
        """How much of the time is gone, 0 to 1, the first steps left out."""
        if self._level is None or step < 3:
            self._level = time.monotonic()
        left = self.begun + self.seconds - self._level
        return min(1.0, (time.monotonic() - self._level) / max(left, 1e-3))


def _device_name(module: nn.Module) -> str:
    """Where the training runs, as its card says it."""
    device = next(module.parameters()).device
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"


@dataclass(frozen=True, slots=True)
class Descent:
    """How a training walks: the one loop that autoencoder, CLIP and U-Net share."""

    name: str
    folder: Path
    facts: Mapping[str, Any]  # what a checkpoint must have been made with to be gone on with
    learning_rate: float
    steps: int
    warmup: int
    schedule: str = "cosine"
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.01
    ema_decay: float = 0.999
    log_steps: int = 50
    checkpoint_seconds: float = 120.0
    half: bool = False  # bfloat16 where torch's autocast takes it
    seconds: float | None = None  # end the training in place of ``steps``

    def run(
        self,
        module: nn.Module,
        loss_at: Callable[[int], Tensor],
        *,
        generator: torch.Generator,
        resume: bool,
        stop_after: int | None = None,
        after_step: Callable[[], None] | None = None,
        on_checkpoint: Callable[[Ema, int], Mapping[str, float] | None] | None = None,
    ) -> Ema:
        """Train from the checkpoint, if one is to be resumed, to the last step; the averages.

        ``loss_at`` gives the loss of a step and draws from the generator only, which is why a
        training that was interrupted ends in the same bits. ``on_checkpoint`` must leave the
        module as it was; what it returns is logged. ``stop_after`` ends this call at that step.
        """
        optimizer = torch.optim.AdamW(
            module.parameters(),
            lr=self.learning_rate,
            betas=self.betas,
            weight_decay=self.weight_decay,
            fused=True,
        )
        ema = Ema(module, self.ema_decay)
        state: dict[str, Any] = {
            "module": module, "optimizer": optimizer, "ema": ema, "generator": generator,
            "facts": self.facts,
        }  # fmt: skip
        start = load_checkpoint(self.folder, **state) if resume else 0
        end = min(self.steps, stop_after or self.steps)
        log, saved = TrainingLog(self.folder), time.monotonic()
        log.write(step=start, device=_device_name(module))
        device = next(module.parameters()).device.type
        clock = None if self.seconds is None else Clock(self.seconds)
        with Progress() as progress:
            bar = progress.add_task(self.name, total=end, completed=start)
            for step in range(start, end):
                if clock is not None and clock.over:
                    end = step
                    self._save(state, ema, log, step, on_checkpoint)
                    break
                for group in optimizer.param_groups:
                    group["lr"] = self.learning_rate * self._factor(step, clock)
                with torch.autocast(device, torch.bfloat16, enabled=self.half):
                    loss = loss_at(step)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
                optimizer.step()
                if after_step is not None:
                    after_step()
                ema.update(module)
                log.see(loss)
                progress.update(bar, completed=step + 1)
                if (step + 1) % self.log_steps == 0:
                    log.write(step=step + 1, loss=log.mean_loss)
                if time.monotonic() - saved > self.checkpoint_seconds or step + 1 == end:
                    self._save(state, ema, log, step + 1, on_checkpoint)
                    saved = time.monotonic()
        return ema

    def _factor(self, step: int, clock: Clock | None) -> float:
        """What the learning rate is multiplied with at a step, or at this moment."""
        schedule = SCHEDULES[self.schedule]
        if clock is None:
            return schedule(step, total=self.steps, warmup=self.warmup)
        return schedule(round(clock.progress(step) * 10_000), total=10_000, warmup=300)

    def _save(
        self,
        state: Mapping[str, Any],
        ema: Ema,
        log: TrainingLog,
        step: int,
        on_checkpoint: Callable[[Ema, int], Mapping[str, float] | None] | None,
    ) -> None:
        save_checkpoint(self.folder, step=step, **state)
        measured = on_checkpoint(ema, step) if on_checkpoint else None
        log.write(step=step, loss=log.mean_loss, **(measured or {}))
