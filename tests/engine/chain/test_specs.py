import math

import pytest

from cache.errors import InvalidInput
from engine.image.spec import ImageSpec
from engine.text.spec import CorruptionSpec, TextSpec


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"steps": 0}, "steps must be a whole number 1 to 200, got 0"),
        ({"steps": 201}, "steps must be 1 to 200, got 201"),
        ({"steps": -1}, "steps must be 1 to 200, got -1"),
        ({"steps": 2.5}, "got 2.5"),
        ({"length": 0}, "length must be 1 to 510, got 0"),
        ({"length": True}, "length"),
        ({"temperature": 0}, "temperature must be 0.01 to 10, got 0"),
        ({"temperature": -1.0}, "temperature must be 0.01 to 10, got -1.0"),
        ({"temperature": math.nan}, "temperature must be"),
        ({"temperature": math.inf}, "temperature must be"),
        ({"top_k": 0}, "top_k must be 1 to 100000, got 0"),
        ({"top_p": 0.0}, "top_p must be above 0 and at most 1, got 0.0"),
        ({"top_p": 1.5}, "top_p must be above 0 and at most 1, got 1.5"),
        ({"seed": -1}, "seed must be 0 to 9223372036854775807, got -1"),
        ({"seed": 2**64}, "seed must be 0 to"),
        ({"order": "sideways"}, "unknown order 'sideways'; choose from confidence, margin"),
        ({"model": 1984}, "model must be text, got 1984"),
        ({"exact": "yes"}, "exact must be true or false, got 'yes'"),
        ({"length": None, "template": 1984}, "template must be text, got 1984"),
        ({"length": None, "template": "caf\udce9 [MASK]"}, "template must be text in UTF-8, got"),
        ({"seed": 10**4000}, "seed must be a whole number 0 to 9223372036854775807, got 1000"),
        ({"changes": 5}, "changes must be a list, got 5"),
        ({"changes": (5,)}, "TextChange must be a record of fields, got 5"),
        ({"colour": 3}, "unknown field 'colour'; choose from changes, kind, model"),
        ({"model": ""}, "model must not be empty"),
    ],
)
def test_bad_value_names_field_bound_and_value(fields, message):
    with pytest.raises(InvalidInput) as caught:
        TextSpec(**({"length": 12} | fields))
    assert message.replace("a whole number ", "") in str(caught.value).replace(
        "a whole number ", ""
    )


def test_exactly_one_of_length_and_template():
    with pytest.raises(InvalidInput, match="either length or template"):
        TextSpec()
    with pytest.raises(InvalidInput, match="either length or template"):
        TextSpec(length=3, template="[MASK]")


def test_template_needs_a_mask():
    with pytest.raises(InvalidInput, match=r"at least one \[MASK\]"):
        TextSpec(template="no blank here")


def test_long_text_says_its_length():
    with pytest.raises(InvalidInput, match="text must be at most 4000 characters, got 5000"):
        CorruptionSpec(text="x" * 5000)


def test_facts_round_trip():
    spec = TextSpec(template="the [MASK] sea", top_p=0.5, order="margin", seed=2**63 - 1)
    assert TextSpec.parse(spec.facts()) == spec


def test_spec_is_immutable():
    from pydantic import ValidationError

    with pytest.raises(ValidationError):
        TextSpec(length=3).steps = 4


def test_but_validates():
    with pytest.raises(InvalidInput, match="steps must be"):
        TextSpec(length=3).but(steps=0)


def test_a_value_near_a_bound_is_not_rounded_to_it():
    with pytest.raises(InvalidInput, match=r"guidance must be 1 to 50, got 50\.0000001"):
        ImageSpec(prompt="x", guidance=50.0000001)


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(InvalidInput) as caught:
        TextSpec(length=3, order="x" * 100_000)
    assert len(str(caught.value)) < 400
