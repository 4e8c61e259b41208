import numpy as np
import pytest
import torch

from cache.errors import InvalidInput
from engine.models.loading import load_denoiser
from engine.models.registry import find_model
from engine.text.likelihood import pseudo_log_likelihood, token_log_probabilities


@pytest.fixture
def denoiser(tiny_bert):
    return load_denoiser(find_model(tiny_bert), torch.device("cpu"))


def test_each_token_is_judged_with_itself_hidden(denoiser):
    tokens = denoiser.encode("the old boat sails.")
    found = token_log_probabilities(denoiser, tokens)
    for i, token in enumerate(tokens):
        hidden = tokens.copy()
        hidden[i] = denoiser.mask_id
        expected = denoiser.exact_logits(hidden)[0].log_softmax(-1)[token]
        assert found[i] == pytest.approx(float(expected), abs=1e-5)
    assert pseudo_log_likelihood(denoiser, tokens) == pytest.approx(float(found.sum()), abs=1e-4)


def test_masks_are_refused(denoiser):
    with pytest.raises(InvalidInput, match="no \\[MASK\\]"):
        token_log_probabilities(denoiser, np.array([denoiser.mask_id], np.int32))
