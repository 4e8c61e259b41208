"""What the built-in BERT can do, measured and printed as it comes: numbers, samples, fills."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import BertForMaskedLM

from engine.metrics.calibration import expected_calibration_error
from engine.training.text.corpus import (
    HELD_OUT_SEED,
    LONGEST,
    UNK,
    LengthGrouped,
    generate,
    held_out,
    workers_here,
)
from engine.training.text.facts import facts
from engine.training.text.kernels import AbsorbingKernel, Kernel, read_kernel
from engine.training.text.plain import PLAIN_SENTENCES
from engine.training.text.samples import TEMPLATES, Writer, load_writer
from engine.training.text.shipping import SHIPPED, kernel_name
from engine.training.text.train import TRAINING
from engine.training.text.world import tokenize

RATIOS = (0.15, 0.5, 0.9)
BINS = 15
LENGTHS = range(6, 17)  # words and marks of the samples; the seed picks one


@torch.inference_mode()
def scores_of(
    model: BertForMaskedLM,
    texts: Iterable[Sequence[str]],
    vocab: Sequence[str],
    kernel: Kernel = AbsorbingKernel(),
) -> dict[str, float]:
    """Loss (nats) and accuracy at each ratio, accuracy and calibration error at uniform ratios.

    Over the words that the kernel asks for. For a kernel that asks for words it did not touch,
    ``changed_top1_...`` is the accuracy where it redrew them.
    """
    data = LengthGrouped([text[:LONGEST] for text in texts], vocab)
    scores: dict[str, float] = {}
    for ratio in (*RATIOS, None):
        losses, right, confidences, altered = [], [], [], []
        for ids, seen, asked, changed in corrupted_batches(
            data, kernel, size=256, ratio=ratio, seed=0
        ):
            wanted = ids[asked]
            logits = model(seen).logits[asked]
            kept = wanted != UNK  # nobody asks for an unknown word
            logits, wanted = logits[kept], wanted[kept]
            losses.append(nn.functional.cross_entropy(logits, wanted, reduction="none"))
            confidence, guess = logits.softmax(-1).max(-1)
            confidences.append(confidence)
            right.append(guess == wanted)
            altered.append(changed[asked][kept])
        hit = torch.cat(right).double().numpy()
        if ratio is None:
            confident = torch.cat(confidences).double().numpy()
            scores["ece"] = expected_calibration_error(confident, hit, bins=BINS)
            scores["mean_confidence"] = float(confident.mean())
            scores["accuracy"] = float(hit.mean())
            continue
        percent = round(100 * ratio)
        scores[f"loss_{percent}"] = float(torch.cat(losses).mean())
        scores[f"top1_{percent}"] = float(hit.mean())
        scores[f"changed_top1_{percent}"] = float(hit[torch.cat(altered).numpy()].mean())
    return scores


def corrupted_batches(
    data: LengthGrouped, kernel: Kernel, *, size: int, ratio: float | None, seed: int
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Every row once, corrupted by a ratio (uniform ones when None): ids, then what corrupt gives.

    Unknown words are not replaced: a kernel has no say in words that it does not draw.
    """
    generator = torch.Generator().manual_seed(seed)
    for rows in data.groups.values():
        for begin in range(0, len(rows), size):
            ids = torch.from_numpy(rows[begin : begin + size])
            seen, asked, changed = kernel.corrupt(ids, generator, ratio=ratio)
            if not isinstance(kernel, AbsorbingKernel):
                seen = torch.where(ids == UNK, ids, seen)
            yield ids, seen, asked, changed


def evaluate(folder: Path = SHIPPED, *, texts: int | None = None, seed: int = 0) -> dict[str, Any]:
    """Everything the model card shows; ``texts`` and ``seed`` are those of the training set.

    Without ``texts`` as many as the folder's training.json tells of.
    """
    writer, kernel = load_writer(folder), read_kernel(folder)
    training = _training_of(folder)
    texts = texts or int(training.get("texts", 300_000))
    vocab = (folder / "vocab.txt").read_text().split("\n")[:-1]
    plain = [tokenize(sentence) for sentence in PLAIN_SENTENCES]
    words = [word for sentence in plain for word in sentence]
    made = generate(seed, texts, workers=workers_here())
    lengths = [LENGTHS[number % len(LENGTHS)] for number in range(20)]
    return {
        "parameters": sum(p.numel() for p in writer.model.parameters()),
        "vocabulary": len(vocab),
        "kernel": kernel_name(kernel),
        "training": training,
        "fresh": scores_of(writer.model, generate(HELD_OUT_SEED, 2000), vocab, kernel),
        "grammar": scores_of(writer.model, held_out(made, 2000), vocab, kernel),
        "plain": scores_of(writer.model, plain, vocab, kernel),
        "facts_recalled": facts_recalled(writer),
        "facts": len(facts()),
        "plain_unknown_words": sum(word not in vocab for word in words) / len(words),
        "twelve_tokens_seconds": round(_seconds(writer), 3),
        "lengths": lengths,
        "greedy": [writer.free_text(lengths[number], None) for number in range(20)],
        "top_k": [writer.free_text(lengths[number], number) for number in range(20)],
        "fills": {
            template: [writer.fill(template), *(writer.fill(template, n) for n in range(4))]
            for template in TEMPLATES
        },
    }


def facts_recalled(writer: Writer) -> int:
    """How many of the world's facts, all seen in training, get their last word back greedily."""
    hidden = [(fact, f"{fact[:-1].rpartition(' ')[0]} [MASK]{fact[-1]}") for fact in facts()]
    return sum(writer.fill(template) == fact for fact, template in hidden)


def _seconds(writer: Writer) -> float:
    """Median seconds of a 12-token text of 12 steps, after one to warm up."""
    writer.free_text(12, seed=0)
    taken = []
    for _ in range(9):
        started = time.perf_counter()
        writer.free_text(12, seed=0)
        taken.append(time.perf_counter() - started)
    return float(np.median(taken))


def _training_of(folder: Path) -> dict[str, Any]:
    path = folder / TRAINING
    training: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return training


def write_evaluation(
    folder: Path = SHIPPED, *, to: Path, texts: int | None = None
) -> dict[str, Any]:
    """Evaluate, write the numbers as JSON and return them."""
    report = evaluate(folder, texts=texts)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps(report, indent=1) + "\n")
    return report
