"""The text sampler over the classic loop, and a warm read over recomputation.

8 seeds, 12 steps, 12 tokens, top-5 at temperature 1.2, a BERT of bert-base's size with random
weights (so it runs anywhere), an empty store every round. Both must write the same tokens.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path

import torch

from benchmarks.measure import alternate, report
from cache.store import Store
from engine.models.registry import find_model
from engine.requests.computing import compute
from engine.text import stored as text_stored
from engine.text.loading import load_denoiser
from engine.text.masked_lm import MaskedLM
from engine.text.spec import TextSpec

SEEDS, STEPS, LENGTH, TOP_K, TEMPERATURE = 8, 12, 12, 5, 1.2


def make_model(folder: Path) -> str:
    """A folder with a BertForMaskedLM of bert-base's size and random weights."""
    from transformers import BertConfig, BertForMaskedLM, BertTokenizer

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [f"w{i}" for i in range(30_522 - len(special))]
    (folder / "vocab.txt").write_text("\n".join(special + words) + "\n")
    BertTokenizer.from_pretrained(folder).save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertForMaskedLM(BertConfig(initializer_range=0.05)).save_pretrained(folder)
    return str(folder)


@torch.inference_mode()
def classic_loop(denoiser: MaskedLM) -> list[list[int]]:
    """The recipe as tutorials write it: one seed after the other, one forward a step."""
    texts = []
    for seed in range(SEEDS):
        generator = torch.Generator().manual_seed(seed)
        content = [denoiser.mask_id] * LENGTH
        ids = torch.tensor([[denoiser.special_ids[2], *content, denoiser.special_ids[3]]])
        for step in range(STEPS):
            masked = (ids[0] == denoiser.mask_id).nonzero()[:, 0]
            logits = denoiser.model(input_ids=ids).logits[0, masked]
            logits[:, list(denoiser.special_ids)] = -torch.inf
            best, tokens = torch.softmax(logits / TEMPERATURE, dim=-1).topk(TOP_K)
            best = best / best.sum(-1, keepdim=True)
            drawn = torch.multinomial(best, 1, generator=generator)
            confidence = best.gather(1, drawn)[:, 0]
            count = max(1, len(masked) // (STEPS - step))
            chosen = torch.argsort(confidence, descending=True, stable=True)[:count]
            ids[0, masked[chosen]] = tokens.gather(1, drawn)[chosen, 0]
        texts.append(ids[0, 1:-1].tolist())
    return texts


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model").mkdir()
        model = make_model(folder / "model")
        denoiser = load_denoiser(find_model(model), torch.device("cpu"))
        base = TextSpec(
            model=model, length=LENGTH, steps=STEPS, top_k=TOP_K, temperature=TEMPERATURE
        )
        specs = [base.but(seed=seed) for seed in range(SEEDS)]
        number = itertools.count()

        def cold() -> None:
            with Store.open(folder / f"store-{next(number)}") as store:
                compute(store, specs)

        def warm() -> list[list[int]]:
            with Store.open(folder / "store-0") as store:
                runs = compute(store, specs).runs
                found = [text_stored.load_text_run(store, run) for run in runs]
            return [run.steps[-1].tokens.tolist() for run in found]

        expected = classic_loop(denoiser)
        cold()
        same = sum(
            a == b for x, y in zip(expected, warm(), strict=True) for a, b in zip(x, y, strict=True)
        )
        contestants = {
            "classic loop": lambda: classic_loop(denoiser),
            "cold store": cold,
            "warm store": warm,
        }
        times = alternate(contestants, rounds=rounds)
    facts = {"threads": torch.get_num_threads(), "torch": torch.__version__}
    title = f"{SEEDS} seeds x {STEPS} steps x {LENGTH} tokens, bert-base size, random weights"
    report(
        title, times, baseline="classic loop", same_tokens=f"{same} of {SEEDS * LENGTH}", **facts
    )
    warm_over_cold = {"cold store": times["cold store"], "warm store": times["warm store"]}
    report("warm read over recomputation", warm_over_cold, baseline="cold store", **facts)


if __name__ == "__main__":
    main()
