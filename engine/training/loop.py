"""What every training here shares: the loop itself, its schedule, clock and log."""

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
from torch import Tensor, nn

from cache.errors import InvalidInput
from engine.training.averages import Ema
from engine.training.checkpoints import load_checkpoint, save_checkpoint


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


SCHEDULES = {"cosine": warmup_cosine, "stable": warmup_stable}


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
        mean = log.mean_loss
        if mean is not None and not math.isfinite(mean):
            raise InvalidInput(
                f"loss must be finite, got {mean} at step {step}: the checkpoint before it stays "
                f"in {self.folder}"
            )
        save_checkpoint(self.folder, step=step, **state)
        measured = on_checkpoint(ema, step) if on_checkpoint else None
        log.write(step=step, loss=log.mean_loss, **(measured or {}))
