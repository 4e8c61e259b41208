"""Which runs are folded away: those that measurements ask for by the dozen, and no others."""

import pytest

from dashboard.data import probes
from dashboard.data.cards import card_of
from dashboard.data.probes import folded
from engine.chain import manifests
from engine.image.spec import ImageChange, ImageSpec
from engine.text.spec import TextSpec
from tests.dashboard.conftest import FINGERPRINT


def cards(specs):
    return [
        card_of(
            manifests.new_manifest(
                run=f"{number:064x}", spec=spec.facts(), fingerprint=FINGERPRINT,
                step_keys=["step:" + "0" * 64], shared_keys=[],
            )
        )
        for number, spec in enumerate(specs)
    ]  # fmt: skip


def hidden(count):
    return [TextSpec(template=f"the {n} [MASK] is word{n} .") for n in range(count)]


def test_texts_of_a_calibration_are_folded_and_one_alone_is_not():
    assert len(folded(cards(hidden(4))).hidden_words) == 4
    assert folded(cards(hidden(3))).runs == frozenset()


def test_templates_that_people_type_are_not_folded():
    drawn = [spec.but(top_k=5) for spec in hidden(8)]
    typed = [spec.but(template=f"The {spec.template}") for spec in hidden(8)]
    assert folded(cards([*drawn, *typed])).runs == frozenset()


def test_continuations_of_a_step_are_folded_and_a_fork_is_not():
    base = ImageSpec(prompt="a sea", steps=8)
    forks = [base.but(changes=(ImageChange(at=3, eta=1.0, seed=seed),)) for seed in range(1, 7)]
    fork = base.but(changes=(ImageChange(at=3, guidance=3.0),))
    several = cards([base, fork, *forks])
    assert folded(several).continuations == {card.run for card in several[2:]}


def test_one_of_each_cell_of_a_large_grid_is_left(monkeypatch):
    monkeypatch.setattr(probes, "LARGE", 8)
    base = ImageSpec(prompt="a sea", steps=8)
    grid = [base.but(guidance=g, seed=seed) for g in (1.0, 3.0, 5.0) for seed in (4, 2, 9)]
    several = cards(grid)
    left = [card for card in several if card.run not in folded(several).cells]
    assert [(card.spec["guidance"], card.spec["seed"]) for card in left] == [
        (1.0, 2), (3.0, 2), (5.0, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [9, 40])
def test_seeds_of_one_spec_are_no_grid(monkeypatch, count):
    monkeypatch.setattr(probes, "LARGE", 8)
    seeds = [ImageSpec(prompt="a sea", steps=8, seed=seed) for seed in range(count)]
    assert folded(cards(seeds)).runs == frozenset()
