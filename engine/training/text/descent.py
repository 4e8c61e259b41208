"""The loop that trains a text model, on a CPU to the bit and on a GPU without waiting for it."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.progress import Progress, TaskID
from torch import Tensor, nn
from transformers import BertForMaskedLM, BertTokenizer

from engine.training.averages import Ema
from engine.training.checkpoints import load_checkpoint, save_checkpoint
from engine.training.loop import TrainingLog, warmup_cosine
from engine.training.text.corpus import LengthGrouped
from engine.training.text.kernels import Kernel, dense_loss, gathered_loss
from engine.training.text.recipe import TextRecipe
from engine.training.text.samples import write_samples

LOG_STEPS = 50
WARM_STEPS, TIMED_STEPS = 50, 100  # the pace is that of the timed steps after the warm ones
RESERVE = 0.97  # of the time that is left: checkpoints and samples take some


@dataclass(frozen=True, slots=True)
class Stops:
    """When a training saves and when it ends; none of it decides a step's weights."""

    checkpoint_steps: int | None = None
    checkpoint_seconds: float | None = None
    seconds: float | None = None  # to end in, by the pace of the first steps
    stop_after: int | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training came to."""

    recipe: TextRecipe  # with the steps that the pace gave
    ema: Ema
    step: int
    seconds: float


class QuickEma(Ema):
    """The same averages with one launch for all of them."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        super().__init__(module, decay)
        self._averages = list(self.shadow.values())
        self._parameters = [p.detach() for p in module.parameters()]

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Move every average towards the parameters that the module had when this was made."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(self._averages, self._parameters, 1 - decay)


class Descent:
    """A training under way: model, averages, optimizer, randomness and the texts."""

    def __init__(
        self,
        recipe: TextRecipe,
        model: BertForMaskedLM,
        data: LengthGrouped,
        kernel: Kernel,
        folder: Path,
    ) -> None:
        self.recipe, self.model, self.data, self.kernel = recipe, model, data, kernel
        self.folder = folder
        self.device = torch.device(recipe.device)
        nn.Module.to(model, self.device)  # the typed one of the two
        model.train()
        self.rows = {
            length: torch.from_numpy(rows).to(self.device) for length, rows in data.groups.items()
        }
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=recipe.rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True
        )
        self.ema = QuickEma(model, recipe.ema_decay)
        self.generator = torch.Generator(self.device).manual_seed(recipe.seed)
        self.log = TrainingLog(folder)
        self.tokenizer = BertTokenizer.from_pretrained(folder / "model")
        self._loss = dense_loss if self.device.type == "cuda" else gathered_loss
        self._losses: list[Tensor] = []

    def run(self, stops: Stops, *, resume: bool) -> Trained:
        """Train to the last step, from the checkpoint if there is one to be resumed."""
        step = load_checkpoint(self.folder, **self._state()) if resume else 0
        started = saved = time.monotonic()
        pacing = stops.seconds is not None and step == 0
        timed_from = started
        with Progress() as progress:
            bar = progress.add_task("text", total=self._last(stops))
            while pacing or step < self._last(stops):
                step += 1
                self._losses.append(self.take_step(step))
                if pacing and step == WARM_STEPS:
                    timed_from = self._now()
                if pacing and step == WARM_STEPS + TIMED_STEPS:
                    pacing = False
                    now = self._now()
                    left = (stops.seconds or 0.0) - (now - started)
                    self._plan(step, left, (now - timed_from) / TIMED_STEPS)
                if step % LOG_STEPS == 0:
                    self._see(progress, bar, step, self._last(stops))
                if not pacing and self._due(step, saved, stops):
                    self._save(step)
                    saved = time.monotonic()
        return Trained(self.recipe, self.ema, step, time.monotonic() - started)

    def take_step(self, step: int) -> Tensor:
        """One step of the optimizer and of the averages; the loss, which nobody waits for."""
        recipe = self.recipe
        length, chosen = self.data.draw(recipe.seed, step, recipe.batch)
        ids = self.rows[length][torch.from_numpy(chosen).to(self.device)]
        seen, asked, _ = self.kernel.corrupt(ids, self.generator)
        autocast = torch.autocast(self.device.type, dtype=torch.bfloat16)
        with autocast if recipe.bfloat16 else nullcontext():
            loss = self._loss(self.model, ids, seen, asked)
        factor = warmup_cosine(step - 1, total=recipe.steps, warmup=recipe.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = recipe.rate * factor
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.ema.update(self.model)
        return loss.detach()

    def _last(self, stops: Stops) -> int:
        return min(self.recipe.steps, stops.stop_after or self.recipe.steps)

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.monotonic()

    def _plan(self, step: int, left: float, seconds_a_step: float) -> None:
        """Set the number of steps by the time that is left; the schedule ends with them."""
        steps = step + max(1, int(RESERVE * left / seconds_a_step))
        self.recipe = replace(self.recipe, steps=steps)
        self.log.write(step=step, steps=steps, seconds_a_step=round(seconds_a_step, 6))

    def _see(self, progress: Progress, bar: TaskID, step: int, last: int) -> None:
        if self._losses:
            for loss in torch.stack(self._losses).tolist():
                self.log.see(loss)
            self._losses.clear()
        progress.update(bar, completed=step, total=last)

    def _due(self, step: int, saved: float, stops: Stops) -> bool:
        if step == self._last(stops):
            return True
        by_steps = stops.checkpoint_steps and step % stops.checkpoint_steps == 0
        by_time = stops.checkpoint_seconds and time.monotonic() - saved > stops.checkpoint_seconds
        return bool(by_steps or by_time)

    def _save(self, step: int) -> None:
        if self._losses:
            for loss in torch.stack(self._losses).tolist():
                self.log.see(loss)
            self._losses.clear()
        save_checkpoint(self.folder, step=step, **self._state())
        self.log.write(step=step, loss=round(self.log.mean_loss or 0.0, 4))
        write_samples(
            self.folder / f"samples-{step}.txt",
            model=self.model, ema=self.ema, tokenizer=self.tokenizer, kernel=self.kernel,
        )  # fmt: skip

    def _state(self) -> dict[str, Any]:
        return {
            "module": self.model, "optimizer": self.optimizer, "ema": self.ema,
            "generator": self.generator, "facts": self.recipe.facts(),
        }  # fmt: skip
