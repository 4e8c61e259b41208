"""Conditions in a search: fields of specs, compared as what they are; a wrong one is told of."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from cache.errors import InvalidInput
from dashboard.data.cards import card_of
from dashboard.data.conditions import FIELDS, fulfil, read_conditions
from dashboard.data.shelf import Shelf, Wanted
from engine.chain import manifests
from engine.image.spec import ImageSpec
from engine.requests.kinds import KINDS
from tests.dashboard.conftest import FINGERPRINT, IMAGE_SPEC, SPEC, keep_image

KEY = "step:" + "0" * 64


def a_card(spec, tags=()):
    facts = spec.facts()
    manifest = manifests.new_manifest(
        run="ab12" * 16, spec=facts, fingerprint=FINGERPRINT, step_keys=[KEY], shared_keys=[]
    )
    card = card_of(manifest)
    object.__setattr__(card, "tags", tuple(tags))
    return card


OWL = a_card(
    ImageSpec(prompt="an owl at 4 o'clock", seed=7, steps=20, guidance=7.5), tags=["Good", "two it"]
)


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("guidance=7.5", True),
        ("guidance=7.50", True),
        ("guidance:7.5", True),
        ("guidance=4", False),
        ("guidance!=4", True),
        ("guidance>7", True),
        ("guidance>7.5", False),
        ("guidance≥7.5", True),
        ("seed<8", True),
        ("seed < 7", False),
        ("seed<=7 steps>=20", True),
        ("seed<=7 steps>20", False),
        ("model:builtin", True),
        ("model=builtin", False),
        ("model=builtin-sd", True),
        ("kind:image", True),
        ("KIND=Text", False),
        ("tag:good", True),
        ("tag:goo", False),
        ('tag:"two it"', True),
        ("tag!=good", False),
        ("sampler=ddim", True),
        ("sampler!=ddim", False),
        ("width=none", True),
        ("width>64", False),
        ("exact=false", True),
        ("attention-slicing=no", True),
        ("temperature>0", False),
        ("temperature!=1", False),
        ("run:ab12", True),
        ("prompt:OWL", True),
    ],
)
def test_a_condition_is_compared_as_its_field(typed, held):
    conditions, words = read_conditions(typed)
    assert words == ""
    assert bool(fulfil([OWL], conditions)) == held


def test_guidance_of_every_step_must_fulfil_it():
    card = a_card(ImageSpec(prompt="x", steps=2, guidance=(4.0, 6.0)))
    for typed, held in (("guidance>=4", True), ("guidance=4", False), ("guidance<6", False)):
        assert bool(fulfil([card], read_conditions(typed)[0])) == held


def test_a_field_that_an_older_manifest_leaves_out_has_its_default():
    facts = {name: value for name, value in OWL.spec.items() if name != "accelerator"}
    card = a_card(IMAGE_SPEC)
    object.__setattr__(card, "spec", facts)
    assert fulfil([card], read_conditions("accelerator=none")[0]) == [card]


def test_words_stay_words():
    assert read_conditions("an owl, guidance 4 seed<8 flies")[1].split() == (
        "an owl, guidance 4 flies".split()
    )
    assert read_conditions('"a=b seed<8" owl')[0] == ()
    assert read_conditions("at 12:30")[0] == ()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("guidence=4", "find has no field 'guidence'; it knows accelerator, "),
        ("seed=1.5", "seed must be a whole number, got '1.5'"),
        ("seed<ten", "seed must be a whole number, got 'ten'"),
        ("steps>==3", "steps must be a whole number, got '=3'"),
        ("guidance=4,5", "guidance must be a number, got '4,5'"),
        ("guidance=nan", "guidance must be a number, got 'nan'"),
        ("guidance=1e999", "guidance must be a number, got '1e999'"),
        ("top_k=many", "top_k must be a whole number or none, got 'many'"),
        ("top-k<none", "top_k can be compared with none by =, :, != alone"),
        ("guidance=", "guidance must be followed by a value, got guidance="),
        ("sampler=fast", "sampler must be one of ddim, "),
        ("exact=maybe", "exact must be true or false, got 'maybe'"),
        ("kind<image", "kind is no number: it takes =, :, !=, got <"),
        ("kind=decode", "kind must be one of text, corruption, image, embed, got 'decode'"),
        ("changes=1", "find has no field 'changes'"),
        ("made>25.11.2026", "made must be today, yesterday or a date like 2026-11-25, got "),
    ],
)
def test_what_cannot_be_asked_is_one_clear_line(typed, said):
    with pytest.raises(InvalidInput) as raised:
        read_conditions(f"owl {typed}")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("made=today", [0]),
        ("made:yesterday", [1]),
        ("made<yesterday", [2, 3]),
        ("made>=yesterday", [0, 1]),
        (f"made<={date.today() - timedelta(days=2)}", [2, 3]),
        (f"made!={date.today() - timedelta(days=3)}", [0, 1, 2]),
    ],
)
def test_a_run_is_found_by_the_day_it_was_made(typed, days):
    noon = datetime.combine(date.today(), time(12))
    cards = [replace(OWL, created_at=(noon - timedelta(days=ago)).timestamp()) for ago in range(4)]
    found = fulfil(cards, read_conditions(typed)[0])
    assert [cards.index(card) for card in found] == days


def test_every_setting_with_one_value_can_be_asked_for():
    made_of_parts = {
        "changes", "controls", "corrected", "guidance_interval", "pictures", "texts"
    }  # fmt: skip
    asked = {
        name for kind in KINDS.values() if kind.is_run for name in kind.spec.model_fields
    } - made_of_parts
    assert asked <= set(FIELDS)


def test_the_shelf_finds_by_words_and_conditions_together(small_store):
    keep_image(small_store, spec=IMAGE_SPEC.but(guidance=7.5, seed=4))
    shelf = Shelf()

    def found(text):
        return {(c.kind, c.spec.get("seed")) for c in shelf.find(small_store, Wanted(text=text))}

    assert found("guidance=3") == {("image", 0)}
    assert found("guidance 4") == set()
    assert found("kind:text seed<2") == {("text", 0), ("text", 1)}
    assert found("calm seed<2 kind:text") == {("text", 0), ("text", 1)}
    with pytest.raises(InvalidInput, match="no field"):
        found("sead=2")
    assert SPEC.temperature == 1.2
    assert found("temperature>1.2") == set()


def test_an_unfinished_text_is_found_by_what_it_says_now(empty_store):
    from tests.dashboard.conftest import keep_text

    shelf = Shelf()
    keep_text(empty_store, SPEC, 3)
    assert shelf.find(empty_store, Wanted(text="calm")) == []
    keep_text(empty_store, SPEC, 5)
    assert len(shelf.find(empty_store, Wanted(text="calm"))) == 1
