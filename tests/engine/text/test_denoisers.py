"""A sampler needs of a text model what ``TextDenoiser`` says and no more."""

import numpy as np
import pytest
import torch

from cache.errors import InvalidInput
from engine.models import text_folder
from engine.models.registry import find_model
from engine.text import loading
from engine.text.denoisers import TextDenoiser, positions_asked
from engine.text.sampler import TextRunner, step_exact, step_together
from engine.text.spec import TextSpec

MASK_ID, PAD = 3, 4


class Alphabet:
    """A family of its own: position i of a state is most likely letter i of "abc"."""

    fingerprint, device, length_limit = "abc", torch.device("cpu"), 3
    mask_id, mask_token, special_ids = MASK_ID, "?", (MASK_ID,)
    pieces, without_piece = ["a", "b", "c", "?", ""], (PAD,)

    def __init__(self):
        self.model_calls = 0

    def encode(self, text):
        return np.array([self.pieces.index(c) for c in text.replace("[MASK]", "?")], np.int32)

    def embeddings(self):
        return np.eye(len(self.pieces), dtype=np.float32)

    def logits(self, states, asked=None):
        places = [None] * len(states) if asked is None else asked
        return [self.exact_logits(state, at) for state, at in zip(states, places, strict=True)]

    def exact_logits(self, state, asked=None):
        self.model_calls += 1
        logits = torch.zeros(len(state), len(self.pieces))
        logits[range(len(state)), range(len(state))] = 2.0
        logits[:, [MASK_ID, PAD]] = 9.0  # likelier, and not to be written
        return logits[torch.from_numpy(positions_asked(state, MASK_ID, asked)).long()]


@pytest.mark.parametrize("exact", [True, False])
def test_another_family_is_sampled_by_the_protocol_alone(store, exact):
    denoiser: TextDenoiser = Alphabet()
    spec = TextSpec(template="[MASK]b[MASK]", steps=2)
    runner = TextRunner.at_start(spec, denoiser.encode(spec.start), denoiser.mask_id)
    while not runner.done:
        if exact:
            step_exact(runner, denoiser)
        else:
            step_together([runner], denoiser, store)
    assert "".join(denoiser.pieces[token] for token in runner.tokens) == "abc"
    assert denoiser.model_calls == 2


def test_a_family_has_a_row_for_its_folder_and_one_for_its_denoiser():
    assert loading.FAMILIES.keys() == text_folder.FAMILIES.keys()


def test_the_length_limit_is_what_encode_takes(tiny_bert):
    denoiser = loading.load_denoiser(find_model(tiny_bert), torch.device("cpu"))
    most = denoiser.length_limit
    assert len(denoiser.encode("[MASK]" * most)) == most
    with pytest.raises(InvalidInput, match=f"1 to {most} tokens"):
        denoiser.encode("[MASK]" * (most + 1))
