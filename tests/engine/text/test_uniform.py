"""The uniform kernel: its posterior against D3PM's own formula, its runs against a plain loop."""

import io
import itertools
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from cache.errors import Cancelled, InvalidInput, ModelDamaged
from cache.store import Store
from engine.capsules.exporting import export_runs
from engine.capsules.importing import import_runs
from engine.experiments.forks import fork
from engine.experiments.no_return import continuations, decided
from engine.metrics.changes_of_mind import changes_of_mind
from engine.metrics.unmask_order import local_ar_ness
from engine.models.registry import find_model
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.text import stored as text_stored
from engine.text.corrupt import redraw_at
from engine.text.keys import text_chain
from engine.text.loading import load_denoiser
from engine.text.posterior import noised, step_back
from engine.text.spec import CorruptionSpec, TextSpec
from tests.conftest import SPECIAL, WORDS
from tests.engine.text.rules import loops

K = 5
NOISE = range(len(SPECIAL), len(SPECIAL) + len(WORDS))
TEMPLATE = "the [MASK] [MASK] is [MASK] the [MASK] sea."


@pytest.fixture
def ask(store):
    def call(*specs):
        return [text_stored.load_text_run(store, run) for run in compute(store, specs).runs]

    return call


def d3pm(first, at, kept, kept_to):
    """Austin et al. 2021, eq. 3, by its matrices over K words, in rational numbers.

    q(x_s | x_t, x_0) = (x_t Q'^T) * (x_0 Q_s) / (x_0 Q_t x_t^T), summed over x_0 of ``first``.
    """

    def matrix(alpha):
        return [
            [alpha * (i == j) + (1 - alpha) * Fraction(1, K) for j in range(K)] for i in range(K)
        ]

    now, before, between = matrix(kept), matrix(kept_to), matrix(kept / kept_to)
    return [
        sum(first[x0] * between[s][at] * before[x0][s] / now[x0][at] for x0 in range(K))
        for s in range(K)
    ]


@pytest.mark.parametrize("kept", [Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(7, 8)])
@pytest.mark.parametrize("kept_to", [Fraction(1, 8), Fraction(5, 8), Fraction(15, 16), Fraction(1)])
def test_the_posterior_is_d3pms_for_five_words(kept, kept_to):
    if kept >= kept_to:
        return
    first = [Fraction(n, 32) for n in (1, 4, 16, 3, 8)]
    for at in range(K):
        exact = d3pm(first, at, kept, kept_to)
        assert sum(exact) == 1
        found = step_back(
            torch.tensor([at]),
            torch.tensor([[float(p) for p in first]], dtype=torch.float64),
            kept=float(kept),
            kept_to=float(kept_to),
        )[0]
        assert found.tolist() == pytest.approx([float(p) for p in exact], rel=0, abs=4e-16)


def test_a_step_back_of_the_forward_process_is_the_forward_process():
    """Of x_t drawn by q(x_t | x_0), the posterior gives q(x_s | x_0): the marginals agree."""
    start = torch.eye(K, dtype=torch.float64)[2:3]
    forward = noised(start, kept=0.25)[0]
    back = sum(
        forward[at] * step_back(torch.tensor([at]), start, kept=0.25, kept_to=0.75)[0]
        for at in range(K)
    )
    assert torch.allclose(back, noised(start, kept=0.75)[0], rtol=0, atol=1e-15)


@pytest.mark.parametrize("index", [0, 2, 3])
def test_a_step_draws_as_diffusers_discrete_ddim_does(index):
    """Its scheduler draws x_0 first, then one of three routes: the same distribution."""
    ddim = pytest.importorskip("diffusers.schedulers.scheduling_discrete_ddim")
    scheduler = ddim.DiscreteDDIMScheduler(num_inference_steps=4)
    logits, draws = torch.tensor([0.3, -1.0, 2.0, 0.0, 0.7]), 40_000
    out = scheduler.step(
        logits.expand(1, draws, K),
        index,
        torch.full((1, draws), 3),
        temperature=1.0,
        generator=torch.Generator().manual_seed(4),
    )
    seen = np.bincount(out.prev_sample[0].numpy(), minlength=K)
    first = torch.softmax(logits.double(), -1)[None]
    expected = step_back(torch.tensor([3]), first, kept=index / 4, kept_to=(index + 1) / 4)[0]
    chi = float(((seen - expected.numpy() * draws) ** 2 / (expected.numpy() * draws)).sum())
    assert chi < 28.5  # the 1 - 1e-5 quantile of chi-square with 4 degrees of freedom


ASKED = [
    {"steps": 6},
    {"steps": 9, "temperature": 0.7, "schedule": "cosine", "corrector": 0.25},
    {"steps": 7, "top_k": 5},
    {"steps": 5, "top_k": 8, "top_p": 0.7, "corrector": 1.0},
    {"steps": 8, "top_p": 0.6, "schedule": "geometric"},
]


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "together"])
@pytest.mark.parametrize("fields", ASKED, ids=lambda f: " ".join(map(str, f.values())))
def test_token_for_token_with_a_plain_loop(tiny_uniform, ask, fields, exact):
    base = TextSpec(model=tiny_uniform, template=TEMPLATE, kernel="uniform", exact=exact, **fields)
    denoiser = load_denoiser(find_model(tiny_uniform), torch.device("cpu"))
    ids = denoiser.tokenizer(TEMPLATE, return_tensors="pt")["input_ids"]
    for run in ask(*(base.but(seed=seed) for seed in range(3))):
        trace = loops.sample_uniform(
            denoiser.model, ids, mask_id=denoiser.mask_id, noise=NOISE,
            seed=run.manifest.spec["seed"], **fields,
        )  # fmt: skip
        assert [step.tokens.tolist() for step in run.steps] == trace
        for before, step in zip(run.steps, run.steps[1:], strict=False):
            assert step.masked.tolist() == [1, 2, 4, 6]
            assert sorted(step.revealed) == np.flatnonzero(before.tokens != step.tokens).tolist()


def test_what_was_killed_goes_on_to_the_same_bits(tiny_uniform, store, tmp_path):
    spec = TextSpec(model=tiny_uniform, length=7, kernel="uniform", steps=5, exact=True, seed=3)
    keys = plan(spec).chain.step_keys
    compute(store, [spec])
    with Store.open(tmp_path / "other") as other:
        for stop in range(1, len(keys) - 1):

            def until(_which, index, stop=stop):
                if index == stop:
                    raise Cancelled("enough")

            with pytest.raises(Cancelled):
                compute(other, [spec], until)
        compute(other, [spec])
        for key in keys:
            one, two = store.get(key).arrays, other.get(key).arrays
            assert {n: a.tobytes() for n, a in one.items()} == {
                n: a.tobytes() for n, a in two.items()
            }


def test_seeds_differ_from_the_start_on_and_runs_of_one_share_it(tiny_uniform):
    spec = TextSpec(model=tiny_uniform, length=7, kernel="uniform", steps=5)
    one, other = (text_chain(s, "m").step_keys for s in (spec, spec.but(seed=1)))
    assert not set(one) & set(other)
    hot = text_chain(spec.but(temperature=2.0), "m").step_keys
    assert hot[0] == one[0] and hot[1] != one[1]
    corrected = text_chain(spec.but(corrector=0.5), "m").step_keys
    assert corrected[1] != one[1] and len(corrected) == 6
    plain = TextSpec(model=tiny_uniform, length=7, steps=5)
    assert text_chain(plain.but(corrector=0.5), "m").step_keys == text_chain(plain, "m").step_keys
    assert "kernel" not in plain.facts()


def test_a_fork_gives_words_and_takes_them_into_the_noise_again(tiny_uniform, store, ask):
    spec = TextSpec(model=tiny_uniform, template=TEMPLATE, kernel="uniform", steps=8, top_k=6)
    (run,) = ask(spec)
    (child,) = ask(fork(store, run.manifest, 3, {"temperature": 2.0}, write=[(2, "moon")]))
    assert child.manifest.step_keys[:4] == run.manifest.step_keys[:4]
    assert all(child.words(step)[2] == "moon" for step in range(4, 9))
    assert child.steps[4].masked.tolist() == [1, 4, 6]
    (again,) = ask(fork(store, child.manifest, 5, write=[(2, "[MASK]"), (0, "[MASK]")]))
    assert again.steps[6].masked.tolist() == [0, 1, 2, 4, 6]
    assert again.complete and not again.masks_left
    (late,) = ask(fork(store, run.manifest, 3, {"seed": 9}))
    assert late.steps[3].tokens.tolist() == run.steps[3].tokens.tolist()
    assert len(late.steps) == 9


def test_measures_bear_tokens_that_never_were_masks(tiny_uniform, store, ask):
    spec = TextSpec(model=tiny_uniform, template=TEMPLATE, kernel="uniform", steps=8)
    (run,) = ask(spec)
    assert run.written_by_it.nonzero()[0].tolist() == [1, 2, 4, 6]
    assert (run.model_calls, run.tokens_per_call) == (8, 4 / 8)
    assert run.reveals() == run.replacements() and run.takings_back() == []
    assert np.isnan(run.matrix("confidence")).sum() == 8 * (run.length - 4)
    found = changes_of_mind(run)
    assert found.judged.nonzero()[0].tolist() == [1, 2, 4, 6]
    assert found.held.tolist() == [step.tokens.tolist() for step in run.steps[1:]]
    assert 0 <= local_ar_ness(run, 1) <= 1
    tried = continuations(store, run.manifest, 6, 3)
    compute(store, list(tried.specs))
    (row,) = decided(store, run.manifest, [tried])
    assert row.measure == "tokens" and 0 <= row.among.mean <= 1


def test_a_run_travels_in_a_capsule(tiny_uniform, store, ask, tmp_path):
    (run,) = ask(TextSpec(model=tiny_uniform, length=6, kernel="uniform", steps=4))
    capsule = io.BytesIO()
    export_runs(store, [run.manifest.run], capsule)
    capsule.seek(0)
    with Store.open(tmp_path / "there") as there:
        import_runs(there, capsule)
        other = text_stored.load_text_run(there, run.manifest.run)
    assert other.text() == run.text() and not other.masked_kernel


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rule": "remask"}, "kernel uniform has no masks, so no rule and no block"),
        ({"block": 3}, "kernel uniform has no masks, so no rule and no block"),
        ({"guidance": 1.0}, "guidance must be 0 with kernel uniform"),
        ({"corrector": 1.5}, "corrector must be 0 to 1, got 1.5"),
        ({"kernel": "gaussian"}, "unknown kernel 'gaussian'; choose from absorbing, uniform"),
    ],
)
def test_what_has_no_meaning_is_refused(fields, said):
    with pytest.raises(InvalidInput) as refused:
        TextSpec(length=5, **({"kernel": "uniform"} | fields))
    assert str(refused.value).startswith(said)


def test_a_model_is_run_with_its_own_kernel_only(tiny_bert, tiny_uniform, tmp_path):
    spec = TextSpec(model=tiny_bert, length=5, kernel="uniform")
    with pytest.raises(InvalidInput, match=r"kernel must be absorbing for model .* no diffusion"):
        plan(spec)
    with pytest.raises(InvalidInput, match=r"kernel must be uniform for model .* got absorbing"):
        plan(spec.but(model=tiny_uniform, kernel="absorbing"))
    with pytest.raises(InvalidInput, match="kernel must be absorbing for model"):
        plan(CorruptionSpec(text="the sea", model=tiny_bert, kernel="uniform"))
    broken = tmp_path / "broken"
    shutil.copytree(tiny_uniform, broken)
    for facts, said in (
        ('{"kernel": "uniform"}', "first_word and words must be whole numbers"),
        ('{"kernel": "gauss"}', "kernel must be absorbing or uniform, got 'gauss'"),
        ('{"kernel": "uniform", "first_word": 5, "words": 9999}', "words end at 10004"),
        ("[1", "diffusion.json"),
    ):
        (broken / "diffusion.json").write_text(facts)
        with pytest.raises(ModelDamaged, match=said):
            plan(spec.but(model=str(broken)))


def test_the_kernel_is_part_of_what_a_model_is(tiny_uniform, tiny_bert, tmp_path):
    assert find_model(tiny_uniform).fingerprint != find_model(tiny_bert).fingerprint
    folder = tmp_path / "other"
    shutil.copytree(tiny_uniform, folder)
    same = find_model(str(folder)).fingerprint
    Path(folder, "diffusion.json").unlink()
    assert same != find_model(str(folder)).fingerprint


TOKENS = np.full(6_000, 7, np.int32)


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
@pytest.mark.parametrize("coupling", ["nested", "independent"])
def test_corruption_to_random_words_has_the_kernels_marginals(schedule, coupling):
    spec = CorruptionSpec(
        text="-", steps=6, schedule=schedule, coupling=coupling, kernel="uniform", seed=2
    )
    levels = [redraw_at(spec, TOKENS, k, noise=range(5, 15)) for k in range(7)]
    assert levels[0].tokens.tolist() == TOKENS.tolist() and not levels[0].masked.any()
    for level in levels:
        stays = 1 - level.mask_probability + level.mask_probability / 10
        # 6,000 positions: five standard errors are below 0.033
        assert (level.tokens == 7).mean() == pytest.approx(stays, abs=0.033)
        assert level.masked.mean() == pytest.approx(level.mask_probability, abs=0.033)
        assert set(level.tokens.tolist()) <= set(range(5, 15))
        assert (level.tokens[~level.masked] == 7).all()
    if coupling == "nested":
        for before, after in itertools.pairwise(levels):
            assert (after.masked | ~before.masked).all()
            assert (before.tokens != after.tokens).any()
