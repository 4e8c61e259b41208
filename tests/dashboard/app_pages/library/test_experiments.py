"""Runs of one experiment together, and the pages that show the very runs that were counted."""

import pytest

from dashboard.app_pages.divergence.data import VARYING as OF_SEEDS
from dashboard.app_pages.image_guidance.data import VARYING as OF_GUIDANCE
from dashboard.app_pages.library.experiments import (
    GUIDANCE,
    SEEDS,
    belongings,
    experiment_of,
    together,
)
from dashboard.data.cards import card_of
from dashboard.data.shelf import Shelf
from engine.image.spec import ImageChange
from engine.text.spec import TextSpec
from tests.dashboard.conftest import IMAGE_SPEC, SPEC, keep_image, keep_text
from tests.dashboard.data.test_probes import cards
from tests.dashboard.pages import open_page


def experiments(several, hidden_words=()):
    names = belongings(several, hidden_words)
    return [experiment_of(runs, hidden_words) for runs in together(several, names)]


def test_the_settings_crossed_are_those_of_the_pages():
    assert (SEEDS, GUIDANCE) == (OF_SEEDS, OF_GUIDANCE)


def test_each_kind_of_experiment_opens_its_page():
    grid = [IMAGE_SPEC.but(guidance=g, seed=s) for g in (1.0, 3.0) for s in (0, 1)]
    seeds = [IMAGE_SPEC.but(prompt="another", seed=s) for s in range(6)]
    texts = [SPEC.but(temperature=t, seed=s) for t in (0.7, 1.2) for s in (0, 1)]
    greedy = [TextSpec(length=3, seed=s) for s in (0, 1)]
    forks = [IMAGE_SPEC.but(changes=(ImageChange(at=2, guidance=g),)) for g in (2.0, 9.0)]
    alone = [TextSpec(length=9)]
    found = experiments(cards([*grid, *seeds, *texts, *greedy, *forks, *alone]))
    assert [(each.title, len(each.runs), each.varied) for each in found] == [
        ("Guidance", 4, "seed 0, 1, guidance 1, 3"),
        ("Divergence", 6, "seed 0 to 5 (6 values)"),
        ("Quality against calls", 4, "temperature 0.7, 1.2, seed 0, 1"),
        ("Divergence", 2, "seed 0, 1"),
        ("Compare", 2, ""),
        ("", 1, ""),
    ]


def test_a_calibration_is_one_line():
    several = cards([TextSpec(template=f"a {n} [MASK]", order=o)
                     for n in range(3) for o in ("margin", "entropy")])  # fmt: skip
    (found,) = experiments(several, hidden_words={card.run for card in several})
    assert (found.title, len(found.runs)) == ("Calibration", 6)
    assert found.varied == "3 templates, order entropy, margin"


@pytest.mark.parametrize("kind", ["image", "text"])
def test_the_page_that_is_opened_shows_that_group(empty_store, kind):
    for seed in (0, 1):
        for other in (1.2, 3.0):
            if kind == "image":
                keep_image(empty_store, spec=IMAGE_SPEC.but(seed=seed, guidance=other))
            else:
                keep_text(empty_store, SPEC.but(seed=seed, temperature=other), 6)
        keep_text(empty_store, TextSpec(length=5, steps=5, seed=seed), 6)
    shown = experiments(Shelf().cards(empty_store))
    assert {each.title for each in shown} >= {"Divergence"}
    pages = {"Guidance": "image_guidance", "Quality against calls": "text_diversity"}
    for each in shown:
        at = open_page(pages.get(each.title, "divergence"), **each.query)
        assert not at.exception
        assert not [w.value for w in at.warning if "not in this store" in w.value]
        assert at.query_params["group"] in (each.query["group"], [each.query["group"]])


def test_a_card_alone_is_called_by_its_run(empty_store):
    run = keep_text(empty_store, SPEC, 6)
    (found,) = experiments([card_of(card.manifest) for card in Shelf().cards(empty_store)])
    assert (found.title, found.runs[0].run) == ("", run)
