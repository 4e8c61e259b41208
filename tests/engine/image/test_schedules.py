import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.image.schedules import alpha_bars, betas, betas_of, signal_to_noise

DIFFUSERS = {"linear": "linear", "scaled-linear": "scaled_linear", "cosine": "squaredcos_cap_v2"}
BOUNDS = {"linear": (1e-4, 0.02), "scaled-linear": (0.00085, 0.012), "cosine": (0.1, 0.2)}


def config_of(name: str) -> dict:
    first, last = BOUNDS[name]
    return {"beta_schedule": DIFFUSERS[name], "beta_start": first, "beta_end": last}


@pytest.mark.parametrize("name", DIFFUSERS)
@pytest.mark.parametrize("scheduler", ["DDIMScheduler", "DDPMScheduler"])
def test_the_betas_are_those_of_diffusers(name, scheduler):
    import diffusers

    made = getattr(diffusers, scheduler)(**config_of(name))
    found = betas(name)
    np.testing.assert_allclose(found, made.betas.numpy(), rtol=2e-5)
    np.testing.assert_allclose(alpha_bars(found), made.alphas_cumprod.numpy(), rtol=1e-4)
    np.testing.assert_array_equal(betas_of(dict(made.config)), found)


@given(
    name=st.sampled_from(sorted(DIFFUSERS)),
    steps=st.integers(2, 2000),
)
def test_every_schedule_loses_signal_at_every_step(name, steps):
    beta = betas(name, steps=steps)
    assert beta.shape == (steps,)
    assert (beta > 0).all()
    assert (beta < 1).all()
    bar = alpha_bars(beta)
    assert (np.diff(bar) < 0).all()
    assert (np.diff(signal_to_noise(bar)) < 0).all()


def test_the_ends_are_what_the_papers_say():
    assert betas("linear")[[0, -1]] == pytest.approx([1e-4, 0.02])
    assert betas("scaled-linear")[[0, -1]] == pytest.approx([0.00085, 0.012])
    assert betas("cosine")[-1] == 0.999
    # Lin et al. 2023, table 1: the SNR at the last step
    assert signal_to_noise(alpha_bars(betas("linear")))[-1] == pytest.approx(4.04e-5, rel=0.01)
    assert signal_to_noise(alpha_bars(betas("scaled-linear")))[-1] == pytest.approx(
        0.004682, rel=1e-3
    )


def test_other_configs_are_read_or_not_known():
    assert betas_of({"trained_betas": [0.1, 0.2]}).tolist() == [0.1, 0.2]
    assert len(betas_of({"beta_schedule": "linear", "num_train_timesteps": 10})) == 10
    assert betas_of({"beta_schedule": "sigmoid"}) is None
    assert betas_of(config_of("linear") | {"rescale_betas_zero_snr": True}) is None


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        betas("linear", steps=0)
    with pytest.raises(ValueError, match="unknown schedule 'cosin'; choose from linear"):
        betas("cosin")
