"""The sampler against a plain reference loop: the same tokens, in every layout."""

import pytest
import torch

from engine.models.registry import find_model
from engine.requests.computing import compute
from engine.text import stored as text_stored
from engine.text.loading import load_denoiser
from engine.text.spec import TextSpec
from tests.engine.text import reference

CASES = [
    {"length": 12, "steps": 12},
    {"length": 12, "steps": 5, "temperature": 0.7},
    {"length": 12, "steps": 12, "top_k": 5, "temperature": 1.2},
    {"length": 9, "steps": 4, "top_k": 3, "temperature": 2.0},
    {"length": 7, "steps": 30, "top_k": 50},
    {"template": "the [MASK] [MASK] is the most [MASK] [MASK] in the world.", "steps": 4},
    {"template": "the [MASK] [MASK] sings by the [MASK] sea.", "steps": 3, "top_k": 5},
]


@pytest.fixture(params=range(len(CASES)))
def base(request, tiny_bert):
    return TextSpec(model=tiny_bert, suppress_special=False, **CASES[request.param])


def expected(spec):
    denoiser = load_denoiser(find_model(spec.model), torch.device("cpu"))
    ids = denoiser.tokenizer(spec.start, return_tensors="pt")["input_ids"]
    return reference.unmask(
        denoiser.model,
        ids,
        mask_id=denoiser.mask_id,
        steps=spec.steps,
        temperature=spec.temperature,
        top_k=spec.top_k,
        seed=spec.seed,
    )


@pytest.mark.parametrize("exact", [True, False])
def test_token_for_token(base, store, exact):
    specs = [base.but(seed=seed, exact=exact) for seed in range(4)]
    for run_id, spec in zip(compute(store, specs).runs, specs, strict=True):
        run = text_stored.load_text_run(store, run_id)
        ids, trace = expected(spec)
        assert run.steps[-1].tokens.tolist() == ids[1:-1].tolist()
        assert len(run.steps) - 1 == len(trace)
        for step, (positions, tokens, confidence) in zip(run.steps[1:], trace, strict=True):
            assert step.revealed.tolist() == positions
            assert step.tokens[step.revealed].tolist() == tokens
            rows = [step.row(p) for p in positions]
            # the last bits of a probability may differ between two ways of computing it
            assert step.confidence[rows].tolist() == pytest.approx(confidence, abs=2e-6)


def test_exact_confidences_are_the_references_bits(store, tiny_bert):
    spec = TextSpec(model=tiny_bert, length=8, suppress_special=False, exact=True, temperature=0.9)
    run = text_stored.load_text_run(store, compute(store, [spec]).runs[0])
    _, trace = expected(spec)
    for step, (positions, _, confidence) in zip(run.steps[1:], trace, strict=True):
        assert step.confidence[[step.row(p) for p in positions]].tolist() == confidence
