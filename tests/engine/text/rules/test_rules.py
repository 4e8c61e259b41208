"""Each rule against a plain loop, token for token; its counts against the closed form."""

import io
import json
import math

import numpy as np
import pytest
import torch

from cache.errors import Cancelled, InvalidInput
from cache.store import Store
from engine.capsules.exporting import export_runs
from engine.capsules.importing import import_runs
from engine.chain import manifests
from engine.cli.app import app
from engine.cli.console import run_app
from engine.experiments.forks import fork
from engine.models.registry import find_model
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.requests.sweeps import expand, parse_axes
from engine.text import stored as text_stored
from engine.text.keys import share, text_chain
from engine.text.loading import load_denoiser
from engine.text.noise_schedule import NoiseSchedule
from engine.text.proposals import Prediction, Proposal, gumbel_argmax
from engine.text.rules import RULES
from engine.text.rules.blocks import window
from engine.text.rules.situation import Situation
from engine.text.spec import TextSpec
from tests.engine.text.rules import loops

RULED = [
    {"rule": "quota", "schedule": "cosine", "steps": 7},
    {"rule": "quota", "schedule": "geometric", "steps": 9, "top_k": 4},
    {"rule": "ancestral", "steps": 6},
    {"rule": "ancestral", "schedule": "cosine", "steps": 9, "temperature": 0.7, "top_p": 0.8},
    {"rule": "ancestral", "schedule": "geometric", "steps": 20, "top_k": 5},
    {"rule": "threshold", "threshold": 0.03, "steps": 12},
    {"rule": "threshold", "threshold": 0.99, "steps": 5},
    {"rule": "threshold", "threshold": 0.025, "steps": 12, "top_k": 5, "temperature": 1.3},
    {"rule": "factor", "factor": 3.0, "steps": 12},
    {"rule": "factor", "factor": 5.9, "steps": 12, "top_k": 3},
    {"rule": "entropy-bound", "entropy_bound": 9.0, "steps": 12},
    {"rule": "entropy-bound", "entropy_bound": 0.0, "steps": 12, "top_k": 3},
    {"rule": "remask", "remasking": "cap", "eta": 0.3, "steps": 12, "top_k": 5},
    {"rule": "remask", "remasking": "rescale", "eta": 0.4, "steps": 10},
    {"rule": "remask", "remasking": "conf", "steps": 12, "schedule": "cosine"},
    {"rule": "remask", "remasking": "conf", "steps": 12, "temperature": 0.5},
    {"rule": "remask", "remasking": "cap", "eta": 0.2, "steps": 20, "t_on": 0.55, "alpha_on": 0.8},
    {
        "rule": "remask",
        "remasking": "rescale",
        "eta": 0.5,
        "steps": 13,
        "t_on": 0.7,
        "t_off": 0.3,
        "schedule": "cosine",
        "top_k": 6,
    },
    {"rule": "edit", "threshold": 0.03, "edit_threshold": 0.04, "steps": 12},
    {"rule": "edit", "threshold": 0.99, "edit_threshold": 0.05, "steps": 16},
    {"rule": "edit", "threshold": 0.02, "edit_threshold": 0.03, "steps": 9, "top_k": 3},
]
STARTS = [{"length": 11}, {"template": "the [MASK] [MASK] is [MASK] the [MASK] [MASK] sea."}]


def name(fields):
    return " ".join(map(str, fields.values()))


@pytest.fixture
def ask(store):
    def call(*specs):
        computed = compute(store, specs)
        return [text_stored.load_text_run(store, run) for run in computed.runs]

    return call


@pytest.fixture(params=[True, False], ids=["exact", "together"])
def exact(request):
    return request.param


@pytest.mark.parametrize("fields", RULED, ids=name)
@pytest.mark.parametrize("start", STARTS, ids=["masks", "template"])
def test_token_for_token_with_a_plain_loop(tiny_bert, ask, start, fields, exact):
    base = TextSpec(model=tiny_bert, suppress_special=False, exact=exact, **start, **fields)
    denoiser = load_denoiser(find_model(tiny_bert), torch.device("cpu"))
    ids = denoiser.tokenizer(base.start, return_tensors="pt")["input_ids"]
    for run in ask(*(base.but(seed=seed) for seed in range(4))):
        seed = run.manifest.spec["seed"]
        tokens, trace = loops.sample(
            denoiser.model, ids, mask_id=denoiser.mask_id, seed=seed, **fields
        )
        assert run.complete and run.steps[-1].tokens.tolist() == tokens
        while trace and trace[-1] == ([], []) and len(trace) >= len(run.steps):
            trace.pop()  # steps in which nothing could happen any more
        assert [
            (sorted(step.revealed.tolist()), step.taken_back.tolist()) for step in run.steps[1:]
        ] == trace


@pytest.mark.parametrize("fields", RULED, ids=name)
def test_what_was_killed_goes_on_to_the_same_bits(tiny_bert, store, tmp_path, fields):
    spec = TextSpec(model=tiny_bert, length=9, exact=True, seed=3, **fields)
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


@pytest.mark.parametrize("fields", RULED, ids=name)
def test_a_fork_to_a_rule_keeps_what_was_and_goes_on_by_it(tiny_bert, store, ask, fields):
    spec = TextSpec(model=tiny_bert, length=9, steps=9, top_k=4)
    (run,) = ask(spec)
    for at in (0, 4):
        forked = fork(store, run.manifest, at, fields)
        (child,) = ask(forked)
        assert child.manifest.step_keys[: at + 1] == run.manifest.step_keys[: at + 1]
        assert child.complete and not child.masks_left
        later = min(at + 1, child.last_step - 1)
        if not (child.steps[later].tokens == child.mask_id).any():
            continue  # an edited text can be done and still change
        back = fork(store, child.manifest, later, {"rule": "quota", "schedule": "linear"})
        (again,) = ask(back)
        assert again.complete and not again.masks_left


def test_a_fork_to_remasking_may_take_back_what_the_quota_wrote(tiny_bert, store, ask):
    template = "the [MASK] [MASK] [MASK] [MASK] [MASK] sea"
    (run,) = ask(TextSpec(model=tiny_bert, template=template, steps=20, top_k=4))
    fields = {"rule": "remask", "remasking": "rescale", "eta": 1.0, "steps": 20}
    spec = fork(store, run.manifest, 4, fields, write=[(1, "moon")])
    (child,) = ask(spec)
    back = {position for _, position in child.takings_back()}
    assert back & set(run.steps[4].tokens.nonzero()[0].tolist())
    assert not back & {0, 1, 6}  # the template's words, and what the fork wrote
    assert child.words(-1)[1] == "moon"


def test_what_was_written_is_edited_and_what_was_given_never(tiny_bert, ask):
    template = "the [MASK] [MASK] [MASK] [MASK] [MASK] sea"
    spec = TextSpec(model=tiny_bert, template=template, rule="edit", threshold=0.02, steps=12)
    (run,) = ask(spec.but(edit_threshold=0.03))
    assert run.replacements() and run.takings_back() == []
    assert {p for _, p in run.replacements()} <= set(range(1, 6))
    for step, position in run.replacements():
        assert run.steps[step - 1].tokens[position] != run.steps[step].tokens[position]
    (never,) = ask(spec.but(edit_threshold=1.0))
    assert not never.replacements()
    # what would change nothing any more asks the model no more
    assert never.model_calls == never.last_step < 12


def test_the_loop_phase_keeps_alpha_and_remasks_only_in_it(tiny_bert, ask):
    fields = {"rule": "remask", "remasking": "cap", "eta": 0.3, "t_on": 0.6, "t_off": 0.2}
    spec = TextSpec(model=tiny_bert, length=30, steps=10, alpha_on=0.7, **fields)
    runs = ask(*(spec.but(seed=seed) for seed in range(40)))
    masks = np.array([[(s.tokens == r.mask_id).sum() for s in r.steps] for r in runs]) / 30
    # 1,200 positions: five standard errors are below 0.067
    expected = [1, *(1 - 0.7 * k / 4 for k in range(1, 5)), *[0.3] * 4, 0.15, 0]
    assert masks.mean(axis=0) == pytest.approx(expected, abs=0.067)
    assert {step for run in runs for step, _ in run.takings_back()} == {5, 6, 7, 8}


def counts(rule, spec, masked, steps, draws):
    """How many of ``masked`` positions each step reveals, [draws, steps], without a model."""
    prediction = Prediction(
        torch.zeros((masked, 2), dtype=torch.long),
        torch.zeros((masked, 2)),
        *torch.zeros(2, masked),
    )
    proposal = Proposal(torch.zeros(masked).long(), torch.ones(masked), torch.ones(masked))
    generator = torch.Generator().manual_seed(7)
    out = np.zeros((draws, steps), np.int64)
    for draw in range(draws):
        left = np.arange(masked, dtype=np.int32)
        for step in range(1, steps + 1):
            seen = Situation(
                spec, left, proposal, prediction, step, steps, masked,
                np.zeros(0, np.int32), np.zeros(0, np.float32), generator,
            )  # fmt: skip
            rows = RULES[rule](seen).rows
            out[draw, step - 1] = len(rows)
            left = np.setdiff1d(left, rows).astype(np.int32)
    return out


@pytest.mark.parametrize("schedule", ["linear", "cosine", "geometric"])
def test_counts_of_the_ancestral_rule_are_those_of_the_closed_form(schedule):
    """Each position's step is drawn from alpha_s - alpha_t: a step's count is binomial."""
    masked, steps, draws = 8, 5, 10_000
    spec = TextSpec(length=masked, steps=steps, rule="ancestral", schedule=schedule)
    found = counts("ancestral", spec, masked, steps, draws)
    assert (found.sum(axis=1) == masked).all()
    mask = NoiseSchedule(schedule).mask_probability
    for step in range(1, steps + 1):
        p = mask(1 - (step - 1) / steps) - mask(max(0.0, 1 - step / steps))
        expected = np.array(
            [
                math.comb(masked, n) * p**n * (1 - p) ** (masked - n) * draws
                for n in range(masked + 1)
            ]
        )
        seen = np.bincount(found[:, step - 1], minlength=masked + 1)
        rare = expected < 5
        observed = np.append(seen[~rare], seen[rare].sum())
        wanted = np.append(expected[~rare], expected[rare].sum())
        chi = ((observed - wanted) ** 2 / np.maximum(wanted, 1)).sum()
        # the 1 - 1e-5 quantile of chi-square with at most 9 degrees of freedom is 39.3
        assert chi < 39.3, (step, observed, wanted)


def test_remasking_keeps_the_marginals_of_the_forward_process():
    """ReMDM, theorem 3.1: whatever sigma, 1 - alpha_s of the positions are masked at time s."""
    masked, steps, draws = 12, 6, 1500
    spec = TextSpec(length=masked, steps=steps, rule="remask", remasking="rescale", eta=0.7)
    generator = torch.Generator().manual_seed(1)
    left = np.zeros(steps + 1)
    for _ in range(draws):
        is_masked = np.ones(masked, bool)
        for step in range(1, steps + 1):
            where = np.flatnonzero(is_masked).astype(np.int32)
            written = np.flatnonzero(~is_masked).astype(np.int32)
            m = len(where)
            seen = Situation(
                spec, np.arange(m, dtype=np.int32),
                Proposal(torch.zeros(m).long(), torch.ones(m), torch.ones(m)),
                Prediction(torch.zeros((m, 2)).long(), torch.zeros((m, 2)), *torch.zeros(2, m)),
                step, steps, masked, written, np.ones(len(written), np.float32), generator,
            )  # fmt: skip
            decision = RULES["remask"](seen)
            is_masked[where[decision.rows]] = False
            is_masked[decision.taken_back] = True
            left[step] += is_masked.sum()
    shares = left[1:] / (draws * masked)
    # 18,000 positions, independent: five standard errors are below 0.019
    assert shares == pytest.approx([1 - k / steps for k in range(1, steps + 1)], abs=0.019)
    assert shares[-1] == 0


def test_cosine_shares_are_maskgits():
    left, counts_of = 12, []
    for step in range(1, 7):
        counts_of.append(share("cosine", left, step, 6, 12))
        left -= counts_of[-1]
    stays = [math.ceil(round(12 * math.cos(math.pi / 2 * k / 6), 9)) for k in range(1, 7)]
    assert np.cumsum(counts_of).tolist() == [max(k, 12 - stay) for k, stay in enumerate(stays, 1)]
    assert (left, sum(counts_of)) == (0, 12)
    for steps in range(1, 40):
        for masks in range(1, 30):
            left = masks
            for step in range(1, steps + 1):
                count = share("cosine", left, step, steps, masks)
                assert (count >= 1) if left else (count == 0)
                left -= count
            assert left == 0


def test_float32_gumbel_noise_changes_which_token_wins():
    """Its uniform numbers end at 1 - 6e-8, so the noise ends at 16.6 and rare tokens lose."""
    probability = torch.tensor([[0.5] + [0.5 / 30_000] * 30_000]).expand(2_000, 30_001)
    tails = {}
    for dtype in (torch.float32, torch.float64):
        generator = torch.Generator().manual_seed(0)
        drawn = gumbel_argmax(probability, generator, dtype=dtype)
        tails[dtype] = float((drawn != 0).float().mean())
    assert tails[torch.float64] == pytest.approx(0.5, abs=0.05)  # 4.5 standard errors
    largest = torch.tensor(1 - 2**-24, dtype=torch.float32)
    assert float(-(-largest.log()).log()) == pytest.approx(16.6, abs=0.05)
    # two uniform numbers that float64 tells apart are one number in float32
    uniform = torch.tensor([1 - 3.5e-8, 1 - 6.5e-8], dtype=torch.float64)
    log_p = torch.tensor([0.0, 0.3], dtype=torch.float64)
    winners = [
        int((log_p - (-uniform.to(dtype).log()).log().double()).argmax())
        for dtype in (torch.float64, torch.float32)
    ]
    assert winners == [0, 1]


def test_the_steps_that_were_used_are_a_result(tiny_bert, store, ask):
    spec = TextSpec(model=tiny_bert, length=11, steps=40, rule="threshold", threshold=0.03)
    (one,) = ask(spec.but(temperature=1.0, threshold=0.99))
    assert one.last_step == 11  # one a step
    spec = spec.but(rule="factor", factor=3.0)
    (run,) = ask(spec)
    assert run.manifest.step_count == 40
    assert 1 < len(run.steps) - 1 < 12
    assert run.spared == 40 - run.last_step and run.complete
    assert run.model_calls == run.last_step
    computed = compute(store, [spec.but(seed=5)])
    assert (computed.model_calls, computed.steps_computed) == (0, 0)  # greedy: the seed is nothing


def test_steps_after_the_text_is_done_call_no_model(tiny_bert, store):
    spec = TextSpec(model=tiny_bert, length=11, steps=200, rule="threshold", exact=True)
    assert compute(store, [spec]).model_calls <= 11


@pytest.mark.parametrize("fields", RULED, ids=name)
@pytest.mark.parametrize("block", [1, 3, 100])
def test_blocks_are_written_from_left_to_right(tiny_bert, ask, fields, block):
    fields = fields | {"steps": 12}
    (run,) = ask(TextSpec(model=tiny_bert, length=11, block=block, seed=2, **fields))
    assert run.complete and not run.masks_left
    began = [
        min(p for p in step.masked.tolist()) // block for step in run.steps[1:] if len(step.masked)
    ]
    for step in run.steps[1:]:
        if not len(step.window):
            continue
        touched = step.revealed.tolist() + step.taken_back.tolist()
        assert all(step.window[0] <= p < step.window[1] for p in touched)
    if fields["rule"] != "remask":
        assert began == sorted(began)


def test_a_block_of_the_whole_text_is_no_block(tiny_bert, ask):
    for fields in RULED:
        spec = TextSpec(model=tiny_bert, length=11, seed=1, **fields)
        one, other = ask(spec, spec.but(block=11))
        assert one.steps[-1].tokens.tolist() == other.steps[-1].tokens.tolist()


def test_blocks_share_the_steps_evenly():
    spec = TextSpec(length=12, steps=12, block=4)
    masked = np.arange(12)
    assert window(spec, masked, 1, np.zeros(0, np.int32)).tolist() == [0, 4, 1, 4, 4]
    assert window(spec, masked[4:], 3, np.zeros(0, np.int32)).tolist() == [4, 8, 3, 7, 4]
    few = spec.but(steps=2)
    assert window(few, masked, 1, np.zeros(0, np.int32)).tolist() == [0, 8, 1, 1, 8]
    assert window(few, masked[8:], 2, np.zeros(0, np.int32)).tolist() == [8, 12, 2, 2, 4]


def test_old_specs_keep_their_facts_and_keys():
    spec = TextSpec(length=5)
    assert set(spec.facts()) == {
        "kind", "model", "length", "template", "steps", "temperature", "top_k", "top_p", "order",
        "seed", "suppress_special", "exact",
    }  # fmt: skip
    assert TextSpec.parse(spec.facts()) == spec
    ruled = spec.but(rule="remask", eta=0.2, block=3, schedule="cosine")
    assert TextSpec.parse(ruled.facts()) == ruled
    same = [spec.but(**f) for f in ({"threshold": 0.5}, {"eta": 0.3}, {"remasking": "cap"})]
    assert {text_chain(s, "m").step_keys for s in same} == {text_chain(spec, "m").step_keys}


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"rule": "ancestral", "schedule": "cosine"}, True),
        ({"rule": "ancestral", "order": "margin"}, False),
        ({"rule": "threshold", "threshold": 0.8}, True),
        ({"rule": "threshold", "factor": 2.0}, False),
        ({"rule": "entropy-bound", "order": "margin"}, True),
        ({"rule": "remask", "eta": 0.3}, False),
        ({"rule": "remask", "remasking": "cap", "eta": 0.3}, True),
        ({"rule": "factor", "block": 3}, True),
    ],
)
def test_a_key_has_what_the_rule_reads_and_nothing_else(change, differs):
    spec = TextSpec(length=5, rule=change["rule"])
    plain = spec.but(remasking=change.get("remasking", "conf"))
    one, other = text_chain(plain, "m").step_keys, text_chain(spec.but(**change), "m").step_keys
    assert (one[1] != other[1]) is differs


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"rule": "greedy"}, "unknown rule 'greedy'; choose from quota, ancestral, threshold"),
        (
            {"schedule": "square"},
            "unknown schedule 'square'; choose from linear, cosine, geometric",
        ),
        ({"threshold": 0}, "threshold must be above 0 and at most 1, got 0"),
        ({"threshold": 1.01}, "threshold must be above 0 and at most 1, got 1.01"),
        ({"threshold": math.nan}, "threshold must be a number above 0 and at most 1, got nan"),
        ({"factor": 0.001}, "factor must be 0.01 to 100, got 0.001"),
        ({"entropy_bound": -0.1}, "entropy_bound must be 0 to 100, got -0.1"),
        ({"entropy_bound": math.inf}, "entropy_bound must be a number 0 to 100, got inf"),
        ({"remasking": "loop"}, "unknown remasking 'loop'; choose from cap, rescale, conf"),
        ({"t_on": 1.5}, "t_on must be 0 to 1, got 1.5"),
        ({"t_on": 0.2, "t_off": 0.3}, "t_on must be above t_off, which is 0.3, got 0.2"),
        ({"alpha_on": 1.0}, "alpha_on must be above 0 and below 1, got 1.0"),
        ({"edit_threshold": 0.0}, "edit_threshold must be above 0 and at most 1, got 0.0"),
        ({"rule": "remask", "t_on": 0.5}, "t_on needs remasking cap or rescale"),
        ({"eta": 1.5}, "eta must be 0 to 1, got 1.5"),
        ({"block": 0}, "block must be 1 to 510, got 0"),
        ({"block": 2.5}, "block must be a whole number 1 to 510, got 2.5"),
    ],
)
def test_hostile_values_are_one_clear_line(fields, said):
    with pytest.raises(InvalidInput) as refused:
        TextSpec(length=5, **fields)
    assert str(refused.value).startswith(said)


def test_a_run_of_a_rule_travels_in_a_capsule(tiny_bert, store, ask, tmp_path):
    spec = TextSpec(model=tiny_bert, length=9, steps=20, rule="remask", block=3, eta=0.5)
    (run,) = ask(spec.but(remasking="cap"))
    assert manifests.load(store, run.manifest.run).spec["rule"] == "remask"
    capsule = io.BytesIO()
    export_runs(store, [run.manifest.run], capsule)
    capsule.seek(0)
    with Store.open(tmp_path / "there") as there:
        import_runs(there, capsule)
        other = text_stored.load_text_run(there, run.manifest.run)
    assert other.takings_back() == run.takings_back() and run.takings_back()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rule", "best"], "error: unknown rule 'best'; choose from quota, ancestral"),
        (["--threshold", "0"], "error: threshold must be above 0 and at most 1, got 0.0"),
        (["--eta", "nan"], "error: eta must be a number 0 to 1, got nan"),
        (["--block", "511"], "error: block must be 1 to 510, got 511"),
        (["--schedule", "sqrt"], "error: unknown schedule 'sqrt'; choose from linear, cosine"),
    ],
)
def test_the_command_line_refuses_in_one_line(tiny_bert, capsys, arguments, said):
    with pytest.raises(SystemExit) as ended:
        run_app(app, ["text", "generate", "--model", tiny_bert, *arguments])
    told = capsys.readouterr().err
    assert ended.value.code == 2 and told.startswith(said) and told.count("\n") == 1


def test_the_command_line_and_a_sweep_take_rules(tiny_bert, capsys):
    arguments = "--length 8 --steps 20 --rule factor --factor 4 --block 4 --json".split()
    with pytest.raises(SystemExit) as ended:
        run_app(app, ["text", "generate", "--model", tiny_bert, *arguments])
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert ended.value.code == 0 and run["complete"]
    assert run["steps_used"] == run["calls"] == len(run["steps"]) < 20
    assert run["tokens_per_call"] == pytest.approx(8 / run["calls"])
    base = TextSpec(model=tiny_bert, length=8)
    grid = parse_axes(["rule=quota,threshold,remask", "schedule=linear,cosine"])
    assert [(s.rule, s.schedule) for s in expand(base, grid)][-1] == ("remask", "cosine")
