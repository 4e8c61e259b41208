"""Built-in models that were replaced: their runs stay, and no other model goes on with them."""

from __future__ import annotations

import dataclasses

import pytest

from cache.errors import ModelMissing, ModelReplaced
from engine.chain import manifests
from engine.experiments.forks import fork
from engine.experiments.no_return import continuations
from engine.experiments.replay import replay
from engine.image import stored as image_stored
from engine.image.spec import ImageSpec
from engine.models import registry
from engine.models.registry import find_model
from engine.models.replaced import EARLIER, check_same, model_of_run
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.text.spec import TextSpec

INSTALLED = "d" * 64


@pytest.fixture
def replace_builtin(monkeypatch):
    """Call it, and every built-in model is another."""
    return lambda: monkeypatch.setattr(registry, "shipped_fingerprint", lambda _: INSTALLED)


def test_the_line_says_which_was_replaced_by_which_and_where_the_old_one_is(replace_builtin):
    old = find_model("builtin-sd").fingerprint
    assert model_of_run("builtin-sd", old).fingerprint == old
    replace_builtin()
    with pytest.raises(ModelReplaced) as refused:
        model_of_run("builtin-sd", next(iter(EARLIER)))
    assert str(refused.value) == (
        f"the built-in model 'builtin-sd' was replaced (this run's: {next(iter(EARLIER))[:12]}, "
        f"installed: dddddddddddd); the old one is at git tag builtin-models-1"
    )
    with pytest.raises(ModelReplaced, match="no git tag is known to hold the old one"):
        model_of_run("builtin-sd", "0" * 64)


def test_a_model_of_ones_own_is_another_version(tiny_bert):
    with pytest.raises(ModelMissing, match="another version") as refused:
        check_same(find_model(tiny_bert), "0" * 64)
    assert not isinstance(refused.value, ModelReplaced)


def test_a_text_run_of_a_replaced_model_is_not_gone_on_with(store, replace_builtin):
    (run,) = compute(store, [TextSpec(length=3, steps=3)]).runs
    manifest = manifests.load(store, run)
    replace_builtin()
    for ask in (
        lambda: fork(store, manifest, 1, {"seed": 5}),
        lambda: continuations(store, manifest, 1, 2),
        lambda: replay(store, manifest, 1),
    ):
        with pytest.raises(ModelReplaced, match="'builtin-bert' was replaced"):
            ask()
    assert manifests.load(store, run) == manifest


def test_old_latents_are_never_decoded_by_the_new_autoencoder(store, replace_builtin):
    (run,) = compute(store, [ImageSpec(prompt="a calm sea", steps=2)]).runs
    manifest = manifests.load(store, run)
    decode = image_stored.decode_spec(manifest, "latents", [1])
    replace_builtin()
    with pytest.raises(ModelReplaced, match="'builtin-sd' was replaced"):
        compute(store, [decode])
    record = image_stored.load_image_run(store, run)  # it opens all the same
    assert len(record.steps) == 3
    assert image_stored.find_result(store, manifest) is not None


def test_the_same_request_under_the_new_model_is_another_run(replace_builtin):
    spec = TextSpec(length=3, steps=3)
    before = plan(spec).chain.run
    replace_builtin()
    assert plan(spec).chain.run != before


def test_an_old_run_may_name_a_model_that_is_not_here(store, tiny_bert):
    (run,) = compute(store, [TextSpec(model=tiny_bert, length=3, steps=3)]).runs
    manifest = dataclasses.replace(manifests.load(store, run), fingerprint="0" * 64)
    with pytest.raises(ModelMissing, match="another version"):
        fork(store, manifest, 1, {"seed": 5})


def test_an_old_folder_by_its_path_shares_the_steps_of_the_built_in():
    spec = TextSpec(length=3, steps=3)
    by_path = spec.but(model=str(registry.BUILTIN_FOLDER / "bert"))
    assert plan(by_path).chain.step_keys == plan(spec).chain.step_keys
