"""A walker needs of a pipeline what ``ImageFamily`` says and no more."""

import pytest
import torch

from engine.image.denoiser import ImageDenoiser
from engine.image.families.family import Condition, ImageFamily, Row
from engine.image.loading import FAMILIES
from engine.image.memory import RowBudget
from engine.models.families import sdxl, stable_diffusion
from engine.models.families.facts import PipelineFacts


class Echo(ImageFamily):
    """A family without a U-Net: says latents plus timestep, pooled embedding and guidance."""

    PIPELINE, DENOISER, latent_channels, least_side = "EchoPipeline", "transformer", 2, 1

    def encode_prompt(self, prompt, *, negative):
        return torch.zeros(1, 1, 1), torch.full((1, 1), float(len(prompt)))

    def predict(self, batch, timestep, rows):
        added = [row.condition.pooled.item() + (row.guidance or 0.0) for row in rows]
        return batch + (timestep + torch.tensor(added)).view(-1, 1, 1, 1)

    def latents_of(self, encoded):
        return encoded

    def unscaled(self, latents):
        return latents


def facts(**given):
    return PipelineFacts(family="echo", width=8, height=4, vae_scale=2, scheduler={}, **given)


@pytest.fixture
def model():
    family = Echo(None, facts(), torch.device("cpu"), torch.float32)
    return ImageDenoiser(family, "echo", budget=RowBudget(rows=2))


def row(model, prompt, *, at=1, guidance=None):
    condition = Condition(prompt, *model.family.encode_prompt(prompt, negative=False))
    latents = torch.zeros(model.family.latents_shape(8, 4))
    return Row(latents, torch.tensor(at), condition, f"state {at}", guidance)


def test_another_family_is_batched_and_counted_by_the_protocol_alone(model):
    rows = [row(model, "sea"), row(model, "a"), row(model, "sea"), row(model, "sea", guidance=2.0)]
    answers = model.predict([*rows, row(model, "a", at=5)])
    assert [tuple(answer.shape) for answer in answers] == [(1, 2, 2, 4)] * 5
    assert [answer.mean().item() for answer in answers] == [4, 2, 4, 6, 6]
    assert model.model_calls == 4  # one row was asked for twice
    assert [a.mean().item() for a in model.predict_exactly(rows[:2])] == [4, 2]
    assert model.model_calls == 6


def test_guidance_is_a_second_call_or_an_input():
    free, embedded = facts(), facts(embeds_guidance=True)
    assert [free.calls_unconditionally(g) for g in (0.5, 1.0, 1.5)] == [False, False, True]
    assert not embedded.calls_unconditionally(7.5)
    assert (free.embedded_guidance(7.5), embedded.embedded_guidance(7.5)) == (None, 7.5)


def test_every_family_of_folders_has_its_denoiser():
    assert {stable_diffusion.RULES.family, sdxl.RULES.family} == FAMILIES.keys()
