import numpy as np
import pytest

from engine.experiments.forks import fork
from engine.image import stored as image_stored
from engine.image.spec import ImageSpec
from engine.metrics.fork_effects import latent_effects, token_effects
from engine.requests.computing import compute
from engine.text import stored as text_stored
from engine.text.spec import TextSpec


def test_effects_of_a_forced_word(store, tiny_bert):
    spec = TextSpec(model=tiny_bert, length=6, steps=6, top_k=4, temperature=1.5)
    parent = text_stored.load_text_run(store, compute(store, [spec]).runs[0])
    place = int(np.flatnonzero(parent.steps[2].tokens == parent.mask_id)[0])
    other = "moon" if parent.words(-1)[place] != "moon" else "sun"
    child = text_stored.load_text_run(
        store, compute(store, [fork(store, parent.manifest, 2, write=[(place, other)])]).runs[0]
    )
    effects = token_effects(parent, child, 2)
    assert effects.steps.tolist() == [3, 4, 5, 6]
    assert effects.written.tolist() == [place]
    assert effects.flipped[:, place].all()
    assert place not in effects.flipped_at_end
    # what was revealed before the fork is not its to change
    assert len(effects.free) == 6 - 2 - 1
    assert set(effects.flipped_at_end.tolist()) <= set(effects.free.tolist())
    wanted = [
        i for i, (a, b) in enumerate(zip(parent.words(-1), child.words(-1), strict=True)) if a != b
    ]
    assert sorted([place, *effects.flipped_at_end.tolist()]) == wanted
    both = ~np.isnan(effects.confidence[0])
    assert both.sum() == len(set(parent.steps[3].masked) & set(child.steps[3].masked))


def test_a_run_against_itself_has_no_effects(store, tiny_bert, tiny_sd):
    spec = TextSpec(model=tiny_bert, length=4, steps=4)
    run = text_stored.load_text_run(store, compute(store, [spec]).runs[0])
    effects = token_effects(run, run, 0)
    assert not effects.flipped.any()
    assert np.nanmax(np.abs(effects.confidence)) == 0
    with pytest.raises(ValueError, match="nothing is stored after step 4"):
        token_effects(run, run, 4)
    image = ImageSpec(model=tiny_sd, prompt="a sea", steps=3)
    picture = image_stored.load_image_run(store, compute(store, [image]).runs[0])
    same = latent_effects(picture, picture)
    assert same.rms.tolist() == [0.0] * 4
    assert np.allclose(same.cosine, 1.0)


def test_latents_are_equal_up_to_the_fork_and_then_part(store, tiny_sd):
    spec = ImageSpec(model=tiny_sd, prompt="a sea", steps=4, exact=True)
    parent = image_stored.load_image_run(store, compute(store, [spec]).runs[0])
    forked = fork(store, parent.manifest, 2, {"prompt": "a red house"})
    child = image_stored.load_image_run(store, compute(store, [forked]).runs[0])
    effects = latent_effects(parent, child)
    assert (effects.rms[:3] == 0).all()
    assert (effects.rms[3:] > 0).all()
