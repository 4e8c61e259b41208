"""Training of the built-in BERT: an absorbing-state diffusion denoiser of short plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch
from rich.progress import track
from safetensors.torch import load_file
from torch import nn
from transformers import BertConfig, BertForMaskedLM, BertTokenizer

from cache.errors import InvalidInput
from engine.models.manifest import write_manifest
from engine.training.loop import (
    Ema,
    TrainingLog,
    load_checkpoint,
    save_checkpoint,
    warmup_cosine,
)
from engine.training.text.corpus import (
    MASK,
    LengthGrouped,
    generate,
    known_words,
    vocabulary,
    write_vocabulary,
)
from engine.training.text.samples import write_samples

RUN_FOLDER = Path("training-runs/text")
SHIPPED = Path(__file__).parents[2] / "models" / "builtin" / "bert"
MOST_STEPS = 1_000_000
START_FILES = ("vocab.txt", "model.safetensors")


@dataclass(frozen=True, slots=True)
class TextRecipe:
    """Everything that decides a training run's weights."""

    steps: int
    texts: int
    width: int = 192
    layers: int = 4
    heads: int = 4
    batch: int = 64
    rate: float = 1e-3
    warmup: int = 300
    ema_decay: float = 0.999
    seed: int = 0
    device: str = "cpu"


RECIPES: dict[str, TextRecipe] = {
    "cpu": TextRecipe(steps=24_000, texts=300_000, rate=1.2e-3),
    "gpu": TextRecipe(
        steps=60_000, texts=2_000_000, width=384, layers=6, heads=6, batch=512, device="cuda"
    ),
}


def train(
    profile: Literal["cpu", "gpu"],
    *,
    resume: bool,
    folder: Path = RUN_FOLDER,
    start: Path | None = None,
    steps: int | None = None,
) -> Path:
    """Train by a profile and write the averaged weights as a model folder; that folder.

    ``start`` is a model folder whose weights to begin with; its words are matched by spelling.
    Raises InvalidInput for steps or a start that cannot be, and when a checkpoint to resume was
    made by another recipe.
    """
    recipe = RECIPES[profile]
    if start is not None and not all((start / name).is_file() for name in START_FILES):
        raise InvalidInput(f"start must be a folder with {' and '.join(START_FILES)}, got {start}")
    if steps is not None:
        if not 1 <= steps <= MOST_STEPS:
            raise InvalidInput(f"steps must be 1 to {MOST_STEPS}, got {steps}")
        recipe = TextRecipe(**{**asdict(recipe), "steps": steps, "warmup": min(300, steps // 10)})
    return train_recipe(recipe, resume=resume, folder=folder, start=start)


def train_recipe(
    recipe: TextRecipe,
    *,
    resume: bool,
    folder: Path,
    start: Path | None = None,
    checkpoint_every: int = 500,
    stop_after: int | None = None,
) -> Path:
    """Train by a recipe; ``stop_after`` ends early at that step, as an interruption would.

    ``folder`` takes checkpoint, log, model and, at every checkpoint, ``samples-<step>.txt``.
    """
    texts = generate(recipe.seed, recipe.texts)
    vocab = vocabulary(texts)
    data = LengthGrouped(texts, vocab)
    write_vocabulary(folder / "model", vocab, known_words(texts))
    tokenizer = BertTokenizer.from_pretrained(folder / "model")
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)  # the initial weights
        model = new_model(recipe, len(vocab))
    if start is not None:
        begin_with(model, vocab, start)
    nn.Module.to(model, recipe.device)  # the typed one of the two
    model.train()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True
    )
    ema = Ema(model, recipe.ema_decay)
    generator = torch.Generator().manual_seed(recipe.seed)
    facts = asdict(recipe)
    state = {"module": model, "optimizer": optimizer, "ema": ema, "generator": generator}
    step = load_checkpoint(folder, facts=facts, **state) if resume else 0  # type: ignore[arg-type]
    log = TrainingLog(folder)
    last = min(recipe.steps, stop_after or recipe.steps)
    for step in track(range(step + 1, last + 1), description="text"):  # noqa: B020
        ids = torch.from_numpy(data.batch(recipe.seed, step, recipe.batch))
        mask = draw_mask(ids, generator)
        loss = denoising_loss(model, ids.to(recipe.device), mask.to(recipe.device))
        factor = warmup_cosine(step - 1, total=recipe.steps, warmup=recipe.warmup)
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * factor
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        ema.update(model)
        log.see(loss.item())
        if step % checkpoint_every == 0 or step == last:
            save_checkpoint(folder, step=step, facts=facts, **state)  # type: ignore[arg-type]
            log.write(step=step, loss=round(log.mean_loss or 0.0, 4))
            sheet = folder / f"samples-{step}.txt"
            write_samples(sheet, model=model, ema=ema, tokenizer=tokenizer)
    ema.copy_to(model)
    model.eval().cpu().save_pretrained(folder / "model")
    return folder / "model"


def new_model(recipe: TextRecipe, words: int) -> BertForMaskedLM:
    """An untrained BERT of the recipe's sizes; without dropout: texts are drawn nearly once."""
    config = BertConfig(
        vocab_size=words,
        hidden_size=recipe.width,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        intermediate_size=4 * recipe.width,
        max_position_embeddings=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertForMaskedLM(config)


def begin_with(model: nn.Module, vocab: Sequence[str], start: Path) -> None:
    """Copy the weights of a model folder in place; rows of words it does not know stay new."""
    old_vocab = (start / "vocab.txt").read_text().split("\n")[:-1]
    rows = {word: row for row, word in enumerate(old_vocab)}
    shared = [(new, rows[word]) for new, word in enumerate(vocab) if word in rows]
    new_rows, old_rows = (torch.tensor(column) for column in zip(*shared, strict=True))
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in load_file(start / "model.safetensors").items():
            if name not in own:
                continue
            if value.shape == own[name].shape:
                own[name].copy_(value)
            else:
                own[name][new_rows] = value[old_rows].to(own[name])


def draw_mask(ids: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Which words of each row are hidden, [row, position]: one ratio a row, uniform in (0, 1].

    At least one is hidden in every row; [CLS] and [SEP] never are.
    """
    rows, length = ids.shape
    ratio = torch.rand((rows, 1), generator=generator)
    draws = torch.rand((rows, length - 2), generator=generator)
    hidden = draws < ratio
    hidden[torch.arange(rows), draws.argmin(1)] = True
    return nn.functional.pad(hidden, (1, 1))


def denoising_loss(model: BertForMaskedLM, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy over the hidden positions, in nats; the head runs on those only."""
    seen = ids.masked_fill(mask, MASK)
    states = model.bert(seen).last_hidden_state[mask]
    return nn.functional.cross_entropy(model.cls(states), ids[mask])


def ship(trained: Path, target: Path = SHIPPED) -> str:
    """Write a trained model as half-precision files with a manifest; its fingerprint."""
    target.mkdir(parents=True, exist_ok=True)
    model = BertForMaskedLM.from_pretrained(trained, local_files_only=True)
    model.half().save_pretrained(target)
    for name in ("vocab.txt", "known_words.txt", "tokenizer_config.json"):
        (target / name).write_bytes((trained / name).read_bytes())
    (target / "tokenizer.json").unlink(missing_ok=True)
    BertTokenizer.from_pretrained(target).save_pretrained(target)
    _settings_without_places(target / "tokenizer_config.json")
    return write_manifest(target, "builtin-bert", "text")


def _settings_without_places(path: Path) -> None:
    """save_pretrained notes where the files were read from, which is nobody's business."""
    import json

    settings = json.loads(path.read_text())
    kept = {
        k: v
        for k, v in settings.items()
        if k not in ("is_local", "local_files_only", "name_or_path")
    }
    path.write_text(json.dumps(kept, indent=2) + "\n")


def masked_batches(
    data: LengthGrouped, *, size: int, ratio: float | None, seed: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Every row once with a mask of a given ratio (uniform when None): (ids, mask) batches."""
    generator = torch.Generator().manual_seed(seed)
    for rows in data.groups.values():
        for begin in range(0, len(rows), size):
            ids = torch.from_numpy(rows[begin : begin + size])
            if ratio is None:
                yield ids, draw_mask(ids, generator)
                continue
            draws = torch.rand((len(ids), ids.shape[1] - 2), generator=generator)
            hidden = draws < ratio
            hidden[torch.arange(len(ids)), draws.argmin(1)] = True
            yield ids, nn.functional.pad(hidden, (1, 1))
