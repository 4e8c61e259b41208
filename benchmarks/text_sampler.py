"""The text sampler over the classic loop, a warm read over recomputation, rules over the quota.

8 seeds, 12 steps, 12 tokens, top-5 at temperature 1.2, a BERT of bert-base's size with random
weights (so it runs anywhere), an empty store every round. Both must write the same tokens.

Rules: the same 8 seeds under threshold and remask against quota, milliseconds a model call. None
can share a forward by chance: seeds differ from the first step on, and all draw with top-5.
``--rules`` measures these alone.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
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


RULES = {
    "quota": {"rule": "quota"},
    "threshold": {"rule": "threshold", "threshold": 0.999},
    "remask": {"rule": "remask", "remasking": "rescale", "eta": 0.3},
}


def milliseconds_a_call(folder: Path, model: str, *, rounds: int) -> dict[str, list[float]]:
    """Of each rule, round after round in turn: milliseconds for each state that the model saw."""
    base = TextSpec(model=model, length=LENGTH, steps=STEPS, top_k=TOP_K, temperature=TEMPERATURE)
    found: dict[str, list[float]] = {name: [] for name in RULES}
    for number in range(rounds + 1):
        for name, fields in RULES.items():
            specs = [base.but(seed=seed, **fields) for seed in range(SEEDS)]
            with Store.open(folder / f"rules-{name}-{number}") as store:
                started = time.perf_counter()
                computed = compute(store, specs)
                taken = time.perf_counter() - started
            if number:  # the first round warms up
                found[name].append(1000 * taken / computed.model_calls)
    return found


def report_rules(found: dict[str, list[float]]) -> None:
    """Print the medians, and each rule's over the quota's: the median of the rounds' ratios."""
    print(f"\n{SEEDS} seeds, {LENGTH} tokens, bert-base size: milliseconds a model call")
    for name, values in found.items():
        ratios = [v / q for v, q in zip(values, found["quota"], strict=True)]
        print(
            f"  {name:<10} {statistics.median(values):7.2f}  "
            f"{statistics.median(ratios):.3f} of quota ({min(ratios):.3f} to {max(ratios):.3f})"
        )


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
    parser.add_argument("--rules", action="store_true", help="only rules over the quota")
    given = parser.parse_args()
    rounds = given.rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model").mkdir()
        model = make_model(folder / "model")
        if given.rules:
            report_rules(milliseconds_a_call(folder, model, rounds=rounds))
            return
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
        by_rule = milliseconds_a_call(folder, model, rounds=rounds)
    facts = {"threads": torch.get_num_threads(), "torch": torch.__version__}
    title = f"{SEEDS} seeds x {STEPS} steps x {LENGTH} tokens, bert-base size, random weights"
    report(
        title, times, baseline="classic loop", same_tokens=f"{same} of {SEEDS * LENGTH}", **facts
    )
    warm_over_cold = {"cold store": times["cold store"], "warm store": times["warm store"]}
    report("warm read over recomputation", warm_over_cold, baseline="cold store", **facts)
    report_rules(by_rule)


if __name__ == "__main__":
    main()
