"""Probes: one small convolutional classifier that reads every attribute of a poster off its pixels.

It is trained on renderings, whose scenes are known, and softened as decoded pictures are, so that
it can judge what the built-in Stable Diffusion draws without asking CLIP.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from rich.progress import Progress
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from cache.errors import InvalidInput
from engine.training.image.probe_heads import HEADS, NOT_ASKED, Head, labels_of
from engine.training.loop import warmup_cosine
from engine.training.worlds import Scene

Pictures = NDArray[np.uint8]  # [picture, y, x, 3]
WEIGHTS, FACTS = "probes.safetensors", "probes.json"
SYNC_STEPS = 25  # the clock is looked at after the device has caught up
GRID = 8  # the coarse map that sides and counts are read from


@dataclass(frozen=True, slots=True)
class ProbeRecipe:
    """Sizes of the classifier and how it is trained."""

    widths: tuple[int, ...] = (32, 64, 128, 192)
    blocks: int = 2  # of each width
    folded: int = 48  # channels of the coarse map
    hidden: int = 320
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    noise: float = 0.06  # deviation at most, of pictures in [-1, 1]
    seed: int = 0
    half: bool = False  # bfloat16 on a CPU, too


CPU_RECIPE = ProbeRecipe(
    widths=(32, 64, 96, 128), blocks=1, folded=24, hidden=192, batch=64, half=True
)


class Probes(nn.Module):
    """Pictures [n, 3, y, x] in [-1, 1] to logits [n, head, answer]; -inf where none is."""

    def __init__(self, heads: Sequence[Head], recipe: ProbeRecipe) -> None:
        super().__init__()
        self.heads, self.recipe = tuple(heads), recipe
        before = recipe.widths[0]
        layers: list[nn.Module] = [
            nn.Conv2d(3, before, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(before),
            nn.SiLU(),
        ]
        for k, width in enumerate(recipe.widths):
            layers.append(_Block(before, width, stride=1 if k == 0 else 2))
            layers += [_Block(width, width) for _ in range(recipe.blocks - 1)]
            before = width
        self.trunk = nn.Sequential(*layers)
        self.fold = nn.Sequential(
            nn.Conv2d(before, recipe.folded, 1, bias=False), nn.BatchNorm2d(recipe.folded)
        )
        self.hidden = nn.Linear(recipe.folded * GRID * GRID + before, recipe.hidden)
        self.most = max(len(head.answers) for head in heads)
        self.logits = nn.Linear(recipe.hidden, len(heads) * self.most)
        beyond = torch.tensor([[k >= len(h.answers) for k in range(self.most)] for h in heads])
        self.register_buffer("beyond", beyond, persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits, float32."""
        seen = self.trunk(pictures)
        coarse = F.adaptive_avg_pool2d(self.fold(seen), GRID).flatten(1)
        whole = seen.amax(dim=(2, 3))  # something small that is anywhere
        hidden = F.silu(self.hidden(torch.cat([coarse, whole], dim=1)))
        logits: Tensor = self.logits(hidden).float().view(-1, len(self.heads), self.most)
        return logits.masked_fill(self.get_buffer("beyond"), float("-inf"))


class _Block(nn.Module):
    """A residual block of two 3 x 3 convolutions."""

    def __init__(self, before: int, width: int, *, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, width, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )
        same = before == width and stride == 1
        self.past: nn.Module = (
            nn.Identity() if same else nn.Conv2d(before, width, 1, stride=stride, bias=False)
        )

    def forward(self, features: Tensor) -> Tensor:
        return F.silu(self.body(features) + self.past(features))


def train_probes(
    pictures: Pictures,
    scenes: Sequence[Scene],
    *,
    device: torch.device,
    folder: Path,
    seconds: float | None = None,
    steps: int | None = None,
    recipe: ProbeRecipe | None = None,
) -> Probes:
    """Train for so long, or so many steps, and write the weights (fp16) and facts to the folder.

    The pictures go to the device whole, as uint8, and batches are drawn there.
    """
    if (seconds is None) == (steps is None):
        raise InvalidInput(f"give seconds or steps, got {seconds} and {steps}")
    recipe = recipe or (ProbeRecipe() if device.type == "cuda" else CPU_RECIPE)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)  # the initial weights
        model = Probes(HEADS, recipe)
    model.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    shown = torch.from_numpy(np.ascontiguousarray(pictures)).to(device)
    labels = torch.from_numpy(labels_of(scenes)).to(device)
    started = time.monotonic()
    losses = _descend(model, shown, labels, seconds=seconds, steps=steps)
    facts = {
        "world": "poster", "size": pictures.shape[1], "pictures": len(pictures),
        "steps": losses[-1][0], "samples_seen": losses[-1][0] * recipe.batch,
        "seconds": round(time.monotonic() - started, 1), "device": _name(device),
        "losses": losses,
    }  # fmt: skip
    model.eval()
    save_probes(model, folder, facts)
    return model


def _descend(
    model: Probes, shown: Tensor, labels: Tensor, *, seconds: float | None, steps: int | None
) -> list[tuple[int, float]]:
    """AdamW with a cosine over the time or the steps there are; (step, loss) now and then."""
    recipe, device = model.recipe, shown.device
    on_gpu = device.type == "cuda"
    generator = torch.Generator(device).manual_seed(recipe.seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
    )
    fast = torch.backends.cudnn.flags(enabled=True, benchmark=True) if on_gpu else nullcontext()
    losses: list[tuple[int, float]] = []
    model.train()
    started, step, progress = time.monotonic(), 0, 0.0
    with fast, Progress() as shown_progress:
        bar = shown_progress.add_task("probes", total=1.0)
        while progress < 1.0:
            rate = warmup_cosine(round(10_000 * progress), total=10_000, warmup=500)
            for group in optimizer.param_groups:
                group["lr"] = recipe.learning_rate * rate
            chosen = torch.randint(len(shown), (recipe.batch,), device=device, generator=generator)
            batch = softened(as_pixels(shown[chosen]), generator, noise=recipe.noise)
            with torch.autocast(device.type, torch.bfloat16, enabled=on_gpu or recipe.half):
                logits = model(batch)
            loss = probe_loss(logits, labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            step += 1
            if step % SYNC_STEPS == 0 or step == steps:
                losses.append((step, round(loss.item(), 4)))
            progress = step / steps if steps else (time.monotonic() - started) / (seconds or 1.0)
            shown_progress.update(bar, completed=progress)
    if not losses or losses[-1][0] != step:
        losses.append((step, round(loss.item(), 4)))
    return losses


def as_pixels(pictures: Tensor) -> Tensor:
    """uint8 [n, y, x, 3] to float32 [n, 3, y, x] in [-1, 1], where the pictures are."""
    pixels = pictures.permute(0, 3, 1, 2).float() / 127.5 - 1.0
    return pixels.contiguous(memory_format=torch.channels_last)


def softened(pixels: Tensor, generator: torch.Generator, *, noise: float) -> Tensor:
    """Pictures with less sharpness, some grain and slightly other levels, as decoded ones have."""

    def between(low: float, high: float, channels: int = 1) -> Tensor:
        shape = (len(pixels), channels, 1, 1)
        drawn = torch.rand(shape, device=pixels.device, generator=generator)
        return low + (high - low) * drawn

    blurred = F.avg_pool2d(F.pad(pixels, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    pixels = pixels + between(-0.6, 1.0).clamp(min=0.0) * (blurred - pixels)
    pixels = pixels * between(0.92, 1.08) + between(-0.05, 0.05) + between(-0.03, 0.03, 3)
    grain = torch.randn(pixels.shape, device=pixels.device, generator=generator)
    return (pixels + between(-0.4 * noise, noise).clamp(min=0.0) * grain).clamp(-1, 1)


def probe_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The cross-entropies [n, head] where a head is asked, averaged by head and added up.

    A head that is asked in few pictures of the batch counts for less: its gradient is noise.
    """
    asked = labels != NOT_ASKED
    likely = logits.log_softmax(dim=2).gather(2, labels.clamp(min=0)[:, :, None])[:, :, 0]
    surprise = -torch.where(asked, likely, torch.zeros_like(likely)).sum(dim=0)
    return (surprise / asked.sum(dim=0).clamp(min=max(1, len(labels) // 16))).sum()


@torch.no_grad()
def answers(model: Probes, pictures: Pictures, *, batch: int = 64) -> NDArray[np.int64]:
    """The most likely answer of every head, [picture, head].

    Pictures should have the size that the probes were trained on.
    """
    weight = next(model.parameters())
    parts = []
    for k in range(0, len(pictures), batch):
        pixels = as_pixels(torch.from_numpy(np.array(pictures[k : k + batch])).to(weight.device))
        parts.append(model(pixels).argmax(dim=2).cpu().numpy())
    return np.concatenate(parts).astype(np.int64)


def probe_accuracy(
    model: Probes, pictures: Pictures, scenes: Sequence[Scene], *, batch: int = 64
) -> dict[str, dict[str, float]]:
    """Share of right answers by head, and by attribute over all of its kinds, where it is asked.

    ``present`` counts the pictures that show the kind apart from those that do not: most pictures
    show no windmill, and a probe that always says so would be right nearly everywhere.
    """
    given, right = answers(model, pictures, batch=batch), labels_of(scenes, model.heads)
    asked, hit = right != NOT_ASKED, given == right
    tallies: dict[str, list[int]] = {}

    def tally(name: str, where: NDArray[np.bool_], head: int) -> None:
        hits, count = tallies.setdefault(name, [0, 0])
        tallies[name] = [hits + int(hit[where, head].sum()), count + int(where.sum())]

    for k, head in enumerate(model.heads):
        tally(head.name, asked[:, k], k)
        if head.kind:
            tally(head.group, asked[:, k], k)
        if head.group == "present":
            for name, where in (("seen", right[:, k] == 1), ("not seen", right[:, k] == 0)):
                tally(f"{head.name}, {name}", where, k)
                tally(f"present, {name}", where, k)
    return {
        name: {"right": hits / count, "asked": count}
        for name, (hits, count) in tallies.items()
        if count
    }


def save_probes(model: Probes, folder: Path, facts: dict[str, Any]) -> None:
    """Weights as fp16 safetensors and, in JSON, the heads, sizes and how it was trained."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).cpu().contiguous()
        for name, tensor in model.state_dict().items()
    }
    save_file(weights, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)
    document = {
        "recipe": asdict(model.recipe),
        "heads": {head.name: head.answers for head in model.heads},
        **facts,
    }
    (folder / FACTS).write_text(json.dumps(document, indent=1) + "\n")


def load_probes(folder: Path, device: torch.device | None = None) -> tuple[Probes, dict[str, Any]]:
    """The probes of a folder in float32, and the facts beside them. Raises InvalidInput."""
    try:
        facts = json.loads((folder / FACTS).read_text())
        recipe = ProbeRecipe(**{**facts["recipe"], "widths": tuple(facts["recipe"]["widths"])})
        heads = [Head(name, tuple(known)) for name, known in facts["heads"].items()]
        model = Probes(heads, recipe)
        weights = load_file(folder / WEIGHTS)
        model.load_state_dict(weights)
        astray = [name for name, each in weights.items() if not bool(torch.isfinite(each).all())]
        if astray:
            raise ValueError(f"weights that are not finite: {astray[0]}")
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        RuntimeError,
        AttributeError,
        SafetensorError,
    ) as error:
        raise InvalidInput(
            f"probes must be a folder of trained probes, got {folder}: {error}"
        ) from error
    model.to(device=device or torch.device("cpu"), memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model.eval(), facts


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
