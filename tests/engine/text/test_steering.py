"""Guidance and controls: against plain loops, from what is stored, one family after the other."""

import numpy as np
import pytest
import torch

from cache.errors import InvalidInput
from dashboard.app_pages.text_unmasking.what_if import likeliest
from engine.experiments.forks import fork
from engine.models.registry import find_model
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.text import stored as text_stored
from engine.text.controls import CONTROLS
from engine.text.controls.control import Text, Vocabulary
from engine.text.keys import text_chain
from engine.text.loading import load_denoiser
from engine.text.spec import TextSpec
from engine.text.steering import split_control

TEMPLATE = "the [MASK] [MASK] is [MASK] the [MASK] sea."


@pytest.fixture
def ask(store):
    def call(*specs):
        return [text_stored.load_text_run(store, run) for run in compute(store, specs).runs]

    return call


@pytest.fixture
def denoiser(tiny_bert):
    return load_denoiser(find_model(tiny_bert), torch.device("cpu"))


def vocabulary(denoiser):
    return Vocabulary(
        "tiny", denoiser.pieces, denoiser.mask_id, frozenset(denoiser.special_ids),
        denoiser.encode, denoiser.embeddings,
    )  # fmt: skip


@torch.no_grad()
def guided_loop(model, ids, mask_id, scales, *, temperature):
    """LLaDA's guidance as its generation code has it, one position a step, greedy."""
    x, given = ids.clone(), ids != mask_id
    given[0, [0, -1]] = False  # the frame is no prompt
    for scale in scales:
        where = (x[0] == mask_id).nonzero()[:, 0]
        both = torch.cat([x, torch.where(given, mask_id, x)])
        seen, unseen = (model(input_ids=row[None]).logits[0, where] for row in both)
        logits = unseen + (scale + 1) * (seen - unseen)
        confidence, tokens = torch.softmax(logits / temperature, -1).max(-1)
        best = int(confidence.argmax())
        x[0, where[best]] = tokens[best]
    return x[0, 1:-1].tolist()


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "together"])
def test_guidance_is_lladas(tiny_bert, ask, denoiser, exact):
    ids = denoiser.tokenizer(TEMPLATE, return_tensors="pt")["input_ids"]
    scales = (0.0, 1.5, 3.0, 0.5)
    base = TextSpec(
        model=tiny_bert, template=TEMPLATE, steps=4, temperature=0.8, suppress_special=False,
        exact=exact,
    )  # fmt: skip
    specs = base.but(guidance=scales), base.but(guidance=2.0, guidance_interval=(2, 3))
    asked = scales, (0.0, 2.0, 2.0, 0.0)
    for run, each in zip(ask(*specs), asked, strict=True):
        loop = guided_loop(denoiser.model, ids, denoiser.mask_id, each, temperature=0.8)
        assert run.steps[-1].tokens.tolist() == loop
        assert [len(step.unconditional) > 0 for step in run.steps[1:]] == [s > 0 for s in each]
        assert run.model_calls == 4 + sum(s > 0 for s in each)


def test_a_guided_step_asks_for_two_rows(tiny_bert, store):
    spec = TextSpec(model=tiny_bert, template=TEMPLATE, steps=4, guidance=2.0, exact=True)
    assert compute(store, [spec]).model_calls == 8
    # two seeds of a greedy text are one text
    assert compute(store, [spec.but(exact=False), spec.but(exact=False, seed=1)]).model_calls == 8


def test_other_scales_are_read_from_what_is_stored(tiny_bert, ask):
    spec = TextSpec(
        model=tiny_bert, template=TEMPLATE, steps=1, guidance=2.0, controls=("must:moon",),
        control_strength=3.0,
    )  # fmt: skip
    (run,) = ask(spec)
    step = run.steps[1]
    tokens, _ = likeliest(step, guidance=2.0, strength=3.0)
    assert tokens.tolist() == step.proposed.tolist()
    for guidance, strength in ((0.25, 3.0), (6.0, 0.0), (0.25, 9.0)):
        (other,) = ask(spec.but(guidance=guidance, control_strength=strength))
        tokens, shares = likeliest(step, guidance=guidance, strength=strength)
        assert tokens.tolist() == other.steps[1].proposed.tolist()
        assert (shares >= other.steps[1].probability - 1e-5).all()


def test_keys_have_what_steers_and_only_where_it_does():
    plain = TextSpec(template=TEMPLATE, steps=4)
    keys = text_chain(plain, "m").step_keys
    late = text_chain(plain.but(guidance=2.0, guidance_interval=(3, 4)), "m").step_keys
    assert late[:3] == keys[:3] and not set(late[3:]) & set(keys[3:])
    assert text_chain(plain.but(control_strength=9.0), "m").step_keys == keys
    assert text_chain(plain.but(controls=("must:sea",)), "m").step_keys[1] != keys[1]
    steered = plain.but(guidance=(0.0, 1.0, 2.0, 3.0), controls=("must:sea", "words:4"))
    assert TextSpec.parse(steered.facts()) == steered


def test_a_fork_changes_what_steers(tiny_bert, store, ask):
    spec = TextSpec(model=tiny_bert, template=TEMPLATE, steps=4, guidance=1.0)
    (run,) = ask(spec)
    (child,) = ask(fork(store, run.manifest, 2, {"guidance": 0.0, "controls": ("avoid:sea",)}))
    assert child.manifest.step_keys[:3] == run.manifest.step_keys[:3]
    assert [len(s.unconditional) > 0 for s in child.steps[1:]] == [True, True, False, False]
    assert [len(s.energy) > 0 for s in child.steps[1:]] == [False, False, True, True]


def energy(denoiser, control, text=None):
    name, given = split_control(control)
    made = CONTROLS[name](given, vocabulary(denoiser))
    if text is None:
        text = "the [MASK] [MASK] [MASK] ."
    tokens = denoiser.encode(text)
    asked = np.flatnonzero(tokens == denoiser.mask_id).astype(np.int32)
    log_p = np.log(np.random.default_rng(0).dirichlet(np.ones(len(denoiser.pieces)), len(asked)))
    seen = Text(tokens, asked, np.arange(len(asked), dtype=np.int32), log_p)
    return made, np.broadcast_to(made.energy(seen), log_p.shape), log_p


def test_must_is_where_it_fits_best_until_it_stands(denoiser):
    sea = denoiser.pieces.index("sea")
    made, found, log_p = energy(denoiser, "must:sea")
    assert found.sum() == 1 and found[log_p[:, sea].argmax(), sea] == 1
    _, there, _ = energy(denoiser, "must:sea", "the sea [MASK] .")
    assert not there.any()
    assert made.satisfied(denoiser.encode("the sea")) == 1
    assert made.satisfied(denoiser.encode("the moon")) == 0


def test_avoid_words_length_ending_rhyme_and_fluency(denoiser):
    pieces = denoiser.pieces
    made, found, _ = energy(denoiser, "avoid:moon")
    assert (found[:, pieces.index("moon")] == -1).all() and found.sum() == -3
    assert made.satisfied(denoiser.encode("the moon")) == 0
    # the first of three words stands: two of three open places must be words
    made, found, _ = energy(denoiser, "words:3")
    assert found[0, pieces.index("sea")] == pytest.approx(np.log(2 / 3))
    assert found[0, pieces.index("##s")] == found[0, pieces.index(".")]
    assert found[0, pieces.index(".")] == pytest.approx(np.log(1 / 3))
    assert made.satisfied(denoiser.encode("the sea sails .")) == 1
    # the full stop stands last, so the place before it is that of the last word
    made, found, _ = energy(denoiser, "rhyme:light")
    assert not found[:2].any()
    assert found[2, pieces.index("night")] == 1 and found[2, pieces.index("sea")] == -1
    assert found[2, pieces.index("##s")] == 0
    assert made.satisfied(denoiser.encode("the night .")) == 1
    made, found, _ = energy(denoiser, "ends:oon")
    assert found[2, pieces.index("moon")] == 1 and made.satisfied(denoiser.encode("sea moon")) == 1
    made, found, log_p = energy(denoiser, "fluency:0.5")
    assert found == pytest.approx(0.5 * log_p) and np.isnan(made.satisfied(denoiser.encode("sea")))


def test_a_topic_is_near_its_examples(denoiser):
    made, found, _ = energy(denoiser, "topic:the sea is blue | the river and the boat")
    for word in ("sea", "river", "boat"):
        assert found[0, denoiser.pieces.index(word)] > np.median(found[0])
    near = made.satisfied(denoiser.encode("the sea the river the boat"))
    assert near > made.satisfied(denoiser.encode("fire fire fire"))


def test_strength_meets_controls_and_zero_changes_nothing(tiny_bert, ask):
    base = TextSpec(model=tiny_bert, length=6, steps=6)
    controlled = base.but(controls=("must:moon", "avoid:sea", "ends:ight"))
    plain, without, strong = ask(
        base, controlled.but(control_strength=0.0), controlled.but(control_strength=100.0)
    )
    assert without.steps[-1].tokens.tolist() == plain.steps[-1].tokens.tolist()
    assert strong.steps[-1].satisfied.tolist() == [1, 1, 1]
    assert "moon" in strong.words(-1)
    # the plain model's own opinion of the words that were written
    assert without.steps[1].plain == pytest.approx(np.log(plain.steps[1].probability), abs=1e-5)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"guidance": 21.0}, "guidance must be 0 to 20, got 21"),
        ({"guidance": (1.0, 2.0)}, "guidance must be one number or one for each of 12 steps"),
        ({"guidance_interval": (3, 20)}, "guidance_interval must be two steps of 1 to 12"),
        ({"controls": ("sea",)}, "controls must be like 'must:sea'"),
        ({"controls": ("mood:sad",)}, "unknown control 'mood'; choose from must, avoid"),
        ({"controls": ("must:",)}, "controls must say what: must: is followed by nothing"),
        ({"controls": ("words:x",)}, "controls words must be 1 to 510 words, got 'x'"),
        ({"controls": ("fluency:-1",)}, "controls fluency must be above 0 and at most 10"),
        ({"controls": ("must:sea",) * 9}, "controls must be at most 8, got 9"),
        ({"control_strength": 101.0}, "control_strength must be 0 to 100, got 101.0"),
    ],
)
def test_hostile_values_are_one_clear_line(fields, said):
    with pytest.raises(InvalidInput) as refused:
        TextSpec(length=5, **fields)
    assert str(refused.value).startswith(said)


def test_what_a_model_cannot_do_is_refused_before_anything_is_stored(tiny_bert, store):
    spec = TextSpec(model=tiny_bert, length=5)
    with pytest.raises(InvalidInput, match="guidance must have a template"):
        plan(spec.but(guidance=1.0))
    for control, said in (
        ("must:zeppelin", "controls must must be one token of"),
        ("rhyme:xyz", "controls rhyme: no word of|controls rhyme must have a vowel"),
        ("ends:qq", "controls ends: no word of"),
    ):
        with pytest.raises(InvalidInput, match=said):
            compute(store, [spec.but(controls=(control,))])
