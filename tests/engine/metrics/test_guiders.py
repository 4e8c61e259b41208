"""Ways to guide against diffusers' own guiders, and by hand where those depart."""

from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from diffusers import guiders as oracle
from diffusers.guiders import frequency_decoupled_guidance as fdg_module

from engine.metrics.guiders import (
    APG_NORM,
    GUIDERS,
    RESCALE,
    apg,
    apg_parts,
    cfg,
    cfg_zero_star,
    fdg,
    mag,
    rescaled_cfg,
    tcfg,
)

SCALES = [1.5, 4.0, 12.0]


def predictions(shape=(4, 8, 16), size=1.0, seed=0):
    rng = np.random.default_rng(seed)
    cond = rng.normal(size=shape)
    return cond, cond + size * 0.3 * rng.normal(size=shape)


def theirs(guider, cond, uncond, step=1):
    guider._step = step  # past CFG-Zero*'s zero-init
    pred = guider.forward(torch.from_numpy(cond)[None], torch.from_numpy(uncond)[None]).pred
    return pred[0].numpy()


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(
    ("ours", "guider"),
    [
        (cfg, lambda g: oracle.ClassifierFreeGuidance(guidance_scale=g)),
        (cfg_zero_star, lambda g: oracle.ClassifierFreeZeroStarGuidance(guidance_scale=g)),
        (tcfg, lambda g: oracle.TangentialClassifierFreeGuidance(guidance_scale=g)),
        (
            rescaled_cfg,
            lambda g: oracle.ClassifierFreeGuidance(guidance_scale=g, guidance_rescale=RESCALE),
        ),
    ],
)
def test_a_guider_is_diffusers_own(ours, guider, scale):
    cond, uncond = predictions()
    np.testing.assert_allclose(
        ours(cond, uncond, scale),
        theirs(guider(scale), cond, uncond),
        rtol=1e-4,
        atol=1e-4,  # float32 in places
    )


@pytest.mark.parametrize("scale", SCALES)
def test_mag_is_diffusers_own(scale):
    cond, uncond = predictions()
    # as rows: today's torch takes no norm over the three axes that diffusers asks for
    rows = [prediction.reshape(4, -1) for prediction in (cond, uncond)]
    guider = oracle.MagnitudeAwareGuidance(guidance_scale=scale)
    np.testing.assert_allclose(
        mag(cond, uncond, scale).reshape(4, -1), theirs(guider, *rows), rtol=1e-9
    )


@pytest.mark.parametrize("size", [0.1, 30.0])  # below and above the longest update
@pytest.mark.parametrize("scale", SCALES)
def test_apg_is_diffusers_in_the_paper_s_form(scale, size):
    cond, uncond = predictions(size=size)
    assert (np.linalg.norm(cond - uncond) > APG_NORM) == (size > 1)
    # the paper adds (g - 1) of the update to cond; diffusers' usual form adds g of it to uncond
    guider = oracle.AdaptiveProjectedGuidance(
        guidance_scale=scale - 1, eta=0.0, use_original_formulation=True
    )
    np.testing.assert_allclose(
        apg(cond, uncond, scale), theirs(guider, cond, uncond), rtol=1e-6, atol=1e-6
    )


def test_a_momentum_of_one_step_is_none():
    cond, uncond = predictions()
    guider = oracle.AdaptiveProjectedGuidance(
        guidance_scale=3.0,
        eta=0.0,
        use_original_formulation=True,
        adaptive_projected_guidance_momentum=-0.5,
    )
    guider._step = 0
    guider.prepare_inputs({"x": (torch.zeros(1), torch.zeros(1))})
    np.testing.assert_allclose(apg(cond, uncond, 4.0), theirs(guider, cond, uncond, 0), rtol=1e-6)


def test_the_parts_of_apg_add_up():
    cond, uncond = predictions()
    parallel, orthogonal = apg_parts(cond, uncond)
    assert parallel**2 + orthogonal**2 == pytest.approx(((cond - uncond) ** 2).mean())
    assert apg_parts(cond, 0.5 * cond) == pytest.approx((np.sqrt((cond**2).mean()) / 2, 0))


def blur(x):
    kernel = torch.tensor([1.0, 4, 6, 4, 1], dtype=x.dtype) / 16
    square = (kernel[:, None] * kernel)[None, None].expand(x.shape[1], 1, 5, 5)
    return F.conv2d(F.pad(x, (2, 2, 2, 2), "reflect"), square, groups=x.shape[1])


def pyrdown(x):
    half = (x.shape[-2] // 2, x.shape[-1] // 2)
    return F.interpolate(blur(x), half, mode="bilinear", align_corners=False)


def pyrup(x):
    twice = (x.shape[-2] * 2, x.shape[-1] * 2)
    return blur(F.interpolate(x, twice, mode="bilinear", align_corners=False))


def pyramid(x, levels):
    """kornia's Laplacian pyramid, which is not installed, for sides that are powers of two."""
    smaller = [x]
    for _ in range(levels - 1):
        smaller.append(pyrdown(smaller[-1]))
    return [
        *(fine - pyrup(coarse) for fine, coarse in pairwise(smaller)),
        smaller[-1],
    ]


@pytest.mark.parametrize("scale", SCALES)
def test_fdg_is_diffusers_own_on_a_pyramid_of_convolutions(scale, monkeypatch):
    monkeypatch.setattr(fdg_module, "_CAN_USE_KORNIA", True)
    monkeypatch.setattr(fdg_module, "build_laplacian_pyramid_func", pyramid)
    monkeypatch.setattr(fdg_module, "upsample_and_blur_func", pyrup)
    cond, uncond = predictions()
    low = max(1.0, scale / 2)
    guider = oracle.FrequencyDecoupledGuidance(guidance_scales=[scale, low])
    ours = fdg(cond, uncond, scale)
    if low == 1:  # diffusers takes cond's level for a scale of 1, which is what CFG gives there
        monkeypatch.setattr(guider, "_is_fdg_enabled_for_level", lambda level: True)
    np.testing.assert_allclose(ours, theirs(guider, cond, uncond), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("shape", [(4, 7, 5), (4, 1, 3), (1, 2, 2), (4, 12, 20)])
@pytest.mark.parametrize("guider", GUIDERS, ids=lambda guider: guider.name)
def test_every_shape_is_guided(guider, shape):
    cond, uncond = predictions(shape)
    guided = guider.guided(cond.astype(np.float16), uncond.astype(np.float16), 5.0)
    assert guided.shape == shape
    assert guided.dtype == np.float64
    assert np.isfinite(guided).all()


def test_fdg_leaves_what_is_even_to_the_coarse_scale():
    cond, uncond = np.full((2, 6, 6), 3.0), np.full((2, 6, 6), 1.0)
    np.testing.assert_allclose(fdg(cond, uncond, 8.0), 1 + 4 * 2.0)


@pytest.mark.parametrize("guider", GUIDERS, ids=lambda guider: guider.name)
def test_where_both_predictions_are_one_nothing_is_guided(guider):
    cond, _ = predictions()
    np.testing.assert_allclose(guider.guided(cond, cond.copy(), 6.0), cond, atol=1e-9)
    zeros = np.zeros((2, 3, 3))
    assert guider.guided(zeros, zeros, 6.0).tolist() == zeros.tolist()


@pytest.mark.parametrize("guider", GUIDERS, ids=lambda guider: guider.name)
def test_at_scale_1_the_prompt_s_prediction_is_left(guider):
    cond, uncond = predictions()
    np.testing.assert_allclose(guider.guided(cond, uncond, 1.0), cond, atol=1e-9)


def test_two_shapes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        cfg(np.zeros((4, 8, 8)), np.zeros((4, 8, 4)), 2.0)


def test_each_names_its_paper():
    assert [guider.arxiv for guider in GUIDERS] == [
        "2207.12598", "2410.02416", "2503.18886", "2503.18137", "2506.19713", "2508.03442",
        "2305.08891",
    ]  # fmt: skip
