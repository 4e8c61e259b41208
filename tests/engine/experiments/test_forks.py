"""Forks: the parent's bits before k, new steps only after it, whatever the tree looks like."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cache.errors import InvalidInput
from cache.store import Store
from engine.chain import manifests
from engine.experiments.forks import described_change, fork
from engine.image import stored as image_stored
from engine.image.spec import ImageChange, ImageSpec
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.text import stored as text_stored
from engine.text.spec import MASK, CorruptionSpec, TextChange, TextSpec
from tests.conftest import WORDS


@pytest.fixture
def text(tiny_bert):
    return TextSpec(model=tiny_bert, length=7, steps=7, top_k=5, temperature=1.3, exact=True)


@pytest.fixture
def image(tiny_sd):
    return ImageSpec(model=tiny_sd, prompt="a sea at dusk", steps=5, seed=3, exact=True)


def made(store, spec):
    """A spec computed; its manifest and what it cost."""
    computed = compute(store, [spec])
    return manifests.load(store, computed.runs[0]), computed


def bits(store, keys):
    return [{n: a.tobytes() for n, a in store.get(key).arrays.items()} for key in keys]


def test_a_fork_without_a_change_is_the_run_itself(store, text, image):
    for spec, same in ((text, {"temperature": 1.3}), (image, {"guidance": 7.5})):
        manifest, _ = made(store, spec)
        for at in range(manifest.step_count + 1):
            again, computed = made(store, fork(store, manifest, at, same))
            assert again.run == manifest.run
            assert (computed.model_calls, computed.steps_computed) == (0, 0)


TEXT_CHANGES = st.sampled_from(
    [
        {"temperature": 0.7},
        {"top_k": 3},
        {"order": "random"},
        {"order": "left-to-right", "temperature": 2.0},
        {"seed": 9},
        {"top_k": None},
        {},
    ]
)
FORKS = st.lists(
    st.tuples(st.integers(0, 99), st.integers(0, 99), TEXT_CHANGES, st.integers(0, 2)),
    min_size=1,
    max_size=5,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(FORKS)
def test_model_calls_of_any_fork_of_any_tree_are_its_new_steps(tmp_path_factory, text, tree):
    with Store.open(tmp_path_factory.mktemp("tree") / "store") as store:
        family = [made(store, text)[0]]
        for parent, at, fields, writes in tree:
            manifest = family[parent % len(family)]
            step = at % manifest.step_count
            chance = random.Random(at)
            write = [
                (chance.randrange(7), chance.choice([*WORDS[:9], MASK])) for _ in range(writes)
            ]
            try:
                spec = fork(store, manifest, step, fields, write=dict(write).items())
                keys = plan(spec).chain.step_keys
            except InvalidInput as error:
                assert "nothing is masked" in str(error)
                continue
            shared = keys[: step + 1]
            before = bits(store, shared)
            missing = sum(not there for there in store.present(keys))
            child, computed = made(store, spec)
            assert computed.steps_computed == computed.model_calls == missing
            assert manifest.step_keys[: step + 1] == shared
            assert bits(store, shared) == before
            family.append(child)


def test_a_forced_word_stays_and_the_rest_follows_from_it(store, text):
    manifest, _ = made(store, text)
    parent = text_stored.load_text_run(store, manifest.run)
    open_one = int(np.flatnonzero(parent.steps[3].tokens == parent.mask_id)[0])
    child, computed = made(store, fork(store, manifest, 3, write=[(open_one, "moon")]))
    run = text_stored.load_text_run(store, child.run)
    assert child.parent == manifest.run
    assert run.words(4)[open_one] == run.words(-1)[open_one] == "moon"
    assert run.words(3) == parent.words(3)
    assert run.steps[4].written.tolist() == [open_one]
    assert open_one not in run.steps[4].masked
    assert run.reveal_step()[open_one] == 4
    assert computed.model_calls == len(run.steps) - 4
    # one of the four masked positions was written, so one step fewer is needed
    assert child.step_count == manifest.step_count - 1


def test_a_mask_put_back_is_revealed_anew(store, text):
    manifest, _ = made(store, text)
    parent = text_stored.load_text_run(store, manifest.run)
    position = int(parent.steps[1].revealed[0])
    child, _ = made(store, fork(store, manifest, 4, write=[(position, MASK)]))
    run = text_stored.load_text_run(store, child.run)
    assert position in run.steps[5].masked
    assert run.reveal_step()[position] >= 5
    assert run.mask_id not in run.steps[-1].tokens


def test_a_change_from_the_start_is_the_plain_run_of_that_spec(store, text):
    manifest, _ = made(store, text)
    plain, _ = made(store, text.but(temperature=0.6, seed=4))
    child, computed = made(store, fork(store, manifest, 0, {"temperature": 0.6, "seed": 4}))
    assert computed.model_calls == 0
    assert child.step_keys == plain.step_keys


def test_an_image_fork_keeps_the_steps_before_it_and_takes_only_new_ones(store, image):
    manifest, _ = made(store, image)
    before = bits(store, manifest.step_keys[:4])
    for fields in (
        {"guidance": 3.0},
        {"prompt": "a red house"},
        {"negative_prompt": "fog"},
        {"sampler": "euler"},
        {"eta": 1.0, "seed": 8},
    ):
        child, computed = made(store, fork(store, manifest, 3, fields))
        assert computed.steps_computed == 2
        assert computed.model_calls == 4
        assert child.step_keys[:4] == manifest.step_keys[:4]
        assert child.step_keys[4] != manifest.step_keys[4]
        assert child.parent == manifest.run
        assert image_stored.load_image_run(store, child.run).complete
    assert bits(store, manifest.step_keys[:4]) == before


def test_another_prompt_from_the_start_gives_the_bits_of_that_prompt(store, image):
    manifest, _ = made(store, image)
    plain, _ = made(store, image.but(prompt="a red house"))
    child, _ = made(store, fork(store, manifest, 0, {"prompt": "a red house"}))
    ends = [
        image_stored.load_image_run(store, m.run).steps[-1].latents.tobytes()
        for m in (plain, child)
    ]
    assert ends[0] == ends[1]


@pytest.mark.parametrize("at", [0, 3])
def test_euler_takes_ddim_over_to_the_same_picture(store, at):
    """DDIM without noise is Euler's method in other units: the ends agree to rounding."""
    spec = ImageSpec(prompt="a calm sea", steps=5, guidance=2.0, exact=True)
    manifest, _ = made(store, spec)
    child, _ = made(store, fork(store, manifest, at, {"sampler": "euler"}))
    longer, _ = made(store, fork(store, manifest, at, {"sampler": "heun"}))
    clean = [
        image_stored.load_image_run(store, m.run).steps[-1].predicted_x0 for m in (manifest, child)
    ]
    assert np.allclose(clean[0], clean[1], atol=2e-3)
    assert longer.step_count == at + 2 * (5 - at) - 1


def test_the_noise_of_a_fork_depends_on_its_seed_and_is_not_the_initial_noise(store, image):
    manifest, _ = made(store, image)
    ends = []
    for seed in (3, 8, 8):
        child, _ = made(store, fork(store, manifest, 1, {"eta": 1.0, "seed": seed}))
        ends.append(image_stored.load_image_run(store, child.run).steps[2].latents)
    assert np.array_equal(ends[1], ends[2])
    assert not np.allclose(ends[0], ends[1], atol=1e-2)
    start = image_stored.load_image_run(store, manifest.run).steps[0].latents
    drawn = (ends[0] - ends[1]).ravel()
    assert abs(np.corrcoef(drawn, start.ravel())[0, 1]) < 0.25


@pytest.mark.parametrize(
    ("at", "fields", "message"),
    [
        (6, {}, "at must be 0 to 5, got 6"),
        (-1, {}, "at must be 0 to 5, got -1"),
        (2, {"steps": 9}, "a fork cannot change 'steps'; choose from prompt"),
        (2, {"guidance": 99.0}, "guidance must be 1 to 50, got 99"),
        (2, {"seed": 8}, "seed must be left as it is: ddim with eta 0 draws no noise"),
        (2, {"sampler": "lcm"}, "sampler lcm cannot take over"),
        (2, {"sampler": "dpm++-karras"}, "cannot take over after step 2: its noise level"),
        (5, {"guidance": 2.0}, "a change must be at step 0 to 4, got 5"),
    ],
)
def test_a_bad_image_fork_is_refused_before_anything_is_stored(store, image, at, fields, message):
    manifest, _ = made(store, image)
    runs = list(store.scan("run:"))
    with pytest.raises(InvalidInput, match=message.replace("+", r"\+")):
        compute(store, [fork(store, manifest, at, fields)])
    assert list(store.scan("run:")) == runs


@pytest.mark.parametrize(
    ("at", "write", "message"),
    [
        (3, [(7, "moon")], "write must be at 0 to 6, got 7"),
        (3, [(0, "umbrella")], "write must be one token of this model, got 'umbrella'"),
        (7, [(0, "moon")], "after step 7 nothing is masked"),
        (7, [(0, MASK)], "after step 7 1 masks but no step is left"),
    ],
)
def test_a_bad_text_fork_names_what_is_wrong(store, text, at, write, message):
    manifest, _ = made(store, text)
    with pytest.raises(InvalidInput, match=message):
        plan(fork(store, manifest, at, write=write))


def test_more_steps_let_a_finished_text_go_on(store, text):
    manifest, _ = made(store, text)
    child, computed = made(store, fork(store, manifest, 7, {"steps": 9}, write=[(0, MASK)]))
    assert computed.model_calls == 1
    assert child.step_count == 8


def test_only_runs_of_steps_that_are_sampled_can_be_forked(store, tiny_bert):
    manifest, _ = made(store, CorruptionSpec(model=tiny_bert, text="the sea"))
    with pytest.raises(InvalidInput, match="only text and image runs can be forked"):
        fork(store, manifest, 1)


def test_changes_survive_json_and_say_only_what_they_change():
    spec = TextSpec(
        length=7,
        changes=(TextChange(at=2, top_k=None, write=((1, "sea"),), masks_left=4),),
    )
    stored = spec.facts()
    assert stored["changes"] == [{"at": 2, "top_k": None, "write": [[1, "sea"]], "masks_left": 4}]
    assert TextSpec.parse(stored) == spec
    assert described_change(stored["changes"][0]) == "after step 2: top-k none, 'sea' at 1"
    assert "changes" not in TextSpec(length=7).facts()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ((ImageChange(at=3), ImageChange(at=3)), "in order of at, got 3 after 3"),
        (({"at": 2, "guidance": 0.5},), "guidance must be 1 to 50, got 0.5"),
        (({"at": 2, "colour": 1},), "unknown field 'colour'"),
    ],
)
def test_a_spec_with_bad_changes_is_refused(changes, message):
    with pytest.raises(InvalidInput, match=message):
        ImageSpec(prompt="a sea", changes=changes)
