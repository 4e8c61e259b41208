"""What the built-in BERT can do, measured and printed as it comes: numbers, samples, fills."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
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
    MASK,
    UNK,
    LengthGrouped,
    generate,
    held_out,
)
from engine.training.text.facts import facts
from engine.training.text.plain import PLAIN_SENTENCES
from engine.training.text.samples import TEMPLATES, Unmasker
from engine.training.text.train import SHIPPED, masked_batches
from engine.training.text.world import tokenize

RATIOS = (0.15, 0.5, 0.9)
BINS = 15
LENGTHS = range(6, 17)  # words and marks of the samples; the seed picks one


@torch.inference_mode()
def masked_scores(
    model: BertForMaskedLM, texts: Iterable[Sequence[str]], vocab: Sequence[str]
) -> dict[str, float]:
    """Loss (nats) at each ratio, top-1 accuracy at 15 %, calibration error at uniform ratios."""
    data = LengthGrouped([text[:LONGEST] for text in texts], vocab)
    scores: dict[str, float] = {}
    for ratio in (*RATIOS, None):
        losses, right, confidences = [], [], []
        for ids, mask in masked_batches(data, size=256, ratio=ratio, seed=0):
            wanted = ids[mask]
            logits = model(ids.masked_fill(mask, MASK)).logits[mask]
            kept = wanted != UNK  # nobody asks for an unknown word
            logits, wanted = logits[kept], wanted[kept]
            losses.append(nn.functional.cross_entropy(logits, wanted, reduction="none"))
            confidence, guess = logits.softmax(-1).max(-1)
            confidences.append(confidence)
            right.append(guess == wanted)
        hit = torch.cat(right).double().numpy()
        if ratio is None:
            confident = torch.cat(confidences).double().numpy()
            scores["ece"] = expected_calibration_error(confident, hit, bins=BINS)
            scores["mean_confidence"] = float(confident.mean())
            scores["accuracy"] = float(hit.mean())
            continue
        scores[f"loss_{round(100 * ratio)}"] = float(torch.cat(losses).mean())
        if ratio == RATIOS[0]:
            scores["top1_15"] = float(hit.mean())
    return scores


def evaluate(folder: Path = SHIPPED, *, texts: int = 260_000, seed: int = 0) -> dict[str, Any]:
    """Everything the model card shows; ``texts`` and ``seed`` are those of the training set."""
    unmasker = Unmasker.load(folder)
    vocab = (folder / "vocab.txt").read_text().split("\n")[:-1]
    plain = [tokenize(sentence) for sentence in PLAIN_SENTENCES]
    words = [word for sentence in plain for word in sentence]
    lengths = [LENGTHS[number % len(LENGTHS)] for number in range(20)]
    return {
        "parameters": sum(p.numel() for p in unmasker.model.parameters()),
        "vocabulary": len(vocab),
        "fresh": masked_scores(unmasker.model, generate(HELD_OUT_SEED, 2000), vocab),
        "grammar": masked_scores(unmasker.model, held_out(generate(seed, texts), 2000), vocab),
        "plain": masked_scores(unmasker.model, plain, vocab),
        "facts_recalled": facts_recalled(unmasker),
        "facts": len(facts()),
        "plain_unknown_words": sum(word not in vocab for word in words) / len(words),
        "twelve_tokens_seconds": round(_seconds(unmasker), 3),
        "lengths": lengths,
        "greedy": [unmasker.free_text(lengths[number], None) for number in range(20)],
        "top_k": [unmasker.free_text(lengths[number], number) for number in range(20)],
        "fills": {
            template: [unmasker.fill(template), *(unmasker.fill(template, n) for n in range(4))]
            for template in TEMPLATES
        },
    }


def facts_recalled(unmasker: Unmasker) -> int:
    """How many of the world's facts, all seen in training, get their last word back greedily."""
    hidden = [(fact, f"{fact[:-1].rpartition(' ')[0]} [MASK]{fact[-1]}") for fact in facts()]
    return sum(unmasker.fill(template) == fact for fact, template in hidden)


def _seconds(unmasker: Unmasker) -> float:
    """Median seconds of a 12-token text of 12 steps, after one to warm up."""
    unmasker.free_text(12, seed=0)
    taken = []
    for _ in range(9):
        started = time.perf_counter()
        unmasker.free_text(12, seed=0)
        taken.append(time.perf_counter() - started)
    return float(np.median(taken))


def write_evaluation(folder: Path = SHIPPED, *, to: Path, texts: int = 260_000) -> dict[str, Any]:
    """Evaluate, write the numbers as JSON and return them."""
    report = evaluate(folder, texts=texts)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps(report, indent=1) + "\n")
    return report
