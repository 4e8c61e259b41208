"""Both kernels: what they replace, what they ask for, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.training.text.corpus import CLS, MASK, SEP, SPECIAL, generate, vocabulary, word_count
from engine.training.text.kernels import (
    AbsorbingKernel,
    UniformKernel,
    dense_loss,
    gathered_loss,
    kernel_of,
    read_kernel,
    write_kernel,
)
from engine.training.text.recipe import TextRecipe
from engine.training.text.train import new_model

UNIFORM = UniformKernel(first_word=5, words=40)


def rows(count: int, length: int = 12) -> torch.Tensor:
    words = torch.randint(5, 45, (count, length), generator=torch.Generator().manual_seed(1))
    words[:, 0], words[:, -1] = CLS, SEP
    return words


@pytest.mark.parametrize("ratio", [0.15, 0.5, 0.9])
def test_the_uniform_kernel_redraws_that_share(ratio: float) -> None:
    ids = rows(4000)
    seen, asked, changed = UNIFORM.corrupt(ids, torch.Generator().manual_seed(0), ratio=ratio)
    inner = slice(1, -1)
    assert changed[:, inner].double().mean() == pytest.approx(ratio, abs=0.01)
    # a redrawn word is the same again once in 40 times
    differs = (seen != ids)[:, inner].double().mean()
    assert differs == pytest.approx(ratio * 39 / 40, abs=0.01)
    assert asked[:, inner].all()


def test_ratios_are_uniform_when_none_is_given() -> None:
    _, _, changed = UNIFORM.corrupt(rows(4000, 52), torch.Generator().manual_seed(0))
    shares = changed[:, 1:-1].double().mean(1)
    assert shares.mean() == pytest.approx(0.5, abs=0.02)
    assert shares.std() == pytest.approx((1 / 12) ** 0.5, abs=0.03)


def test_every_word_is_drawn_and_nothing_else_and_the_frame_stays() -> None:
    ids = rows(4000)
    seen, asked, changed = UNIFORM.corrupt(ids, torch.Generator().manual_seed(0), ratio=1.0)
    assert set(seen[:, 1:-1].flatten().tolist()) == set(range(5, 45))
    assert (seen[:, 0] == CLS).all() and (seen[:, -1] == SEP).all()
    assert not asked[:, [0, -1]].any() and not changed[:, [0, -1]].any()


def test_the_words_drawn_are_those_of_the_texts() -> None:
    texts = generate(0, 300)
    vocab = vocabulary(texts)
    kernel = kernel_of("uniform", words=word_count(texts))
    assert isinstance(kernel, UniformKernel)
    drawn = vocab[kernel.first_word : kernel.first_word + kernel.words]
    assert set(drawn) == {token for text in texts for token in text}
    assert not set(drawn) & set(SPECIAL)


def test_the_absorbing_kernel_asks_for_what_it_hides() -> None:
    ids = rows(100)
    seen, asked, changed = AbsorbingKernel().corrupt(ids, torch.Generator().manual_seed(0))
    assert torch.equal(seen == MASK, asked) and torch.equal(asked, changed)


def test_a_folder_names_its_kernel(tmp_path: Path) -> None:
    assert read_kernel(tmp_path) == AbsorbingKernel()
    write_kernel(tmp_path, UNIFORM)
    assert read_kernel(tmp_path) == UNIFORM


def test_both_ways_to_the_loss_agree() -> None:
    model = new_model(TextRecipe(steps=1, texts=1, width=16, layers=1, heads=2), 45).eval()
    ids = rows(8)
    for kernel in (AbsorbingKernel(), UNIFORM):
        seen, asked, _ = kernel.corrupt(ids, torch.Generator().manual_seed(0))
        gathered, dense = (f(model, ids, seen, asked) for f in (gathered_loss, dense_loss))
        torch.testing.assert_close(gathered, dense)


@pytest.mark.parametrize(("time", "to"), [(1.0, 0.75), (0.5, 0.25), (0.25, 0.0)])
def test_the_way_back_is_bayes_rule(time: float, to: float) -> None:
    kernel = UniformKernel(first_word=5, words=4)
    eye, ones = torch.eye(4).double(), torch.full((4, 4), 0.25).double()
    reach = (1 - to) * eye + to * ones  # [first word, word at ``to``]
    between = (1 - time) / (1 - to) * eye + (1 - (1 - time) / (1 - to)) * ones
    first = torch.tensor([[0.1, 0.2, 0.3, 0.4]]).double()
    here = 2
    joint = reach * between[:, here]  # [first word, word at ``to``]
    expected = first[0] @ (joint / joint.sum(1, keepdim=True))
    back = kernel.step_back(torch.tensor([5 + here]), first, time=time, to=to)
    torch.testing.assert_close(back[0], expected)
