"""Every parser of the command line and of links: whatever stands there, only InvalidInput comes."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cache.errors import InvalidInput
from dashboard.data import calibration, new_run, prompts, samplers, sweeps, text_diversity
from engine import axis_values, image_cli, no_return, runs_cli
from engine import sweeps as engine_sweeps
from engine.image_specs import DecodeSpec, EmbedSpec, ImageChange, ImageSpec
from engine.plans import parse_spec
from engine.specs import CorruptionSpec, TextChange, TextSpec
from tests.engine.hostile import PIECES, TRAPS, typed, values

FIELDS = ("seed", "prompt", "prompt:sea", "model", "guidance", "guidance_interval", "strength")
PARSERS = {
    **{f"values of {name}": lambda text, n=name: axis_values.parse_values(text, name=n)
       for name in FIELDS},
    "whole number": axis_values.whole_number,
    "seeds": engine_sweeps.parse_seeds,
    "axis": engine_sweeps.parse_axis,
    "axes": lambda text: engine_sweeps.parse_axes(text.splitlines()),
    "skip": engine_sweeps.parse_skip,
    "grid of pictures": lambda text: _grid(ImageSpec(prompt="a sea"), text),
    "grid of texts": lambda text: _grid(TextSpec(length=3), text),
    "guidance": image_cli.parse_guidance,
    "guidance of a spec": lambda text: ImageSpec(
        prompt="x", guidance=image_cli.parse_guidance(text)
    ),
    "interval": image_cli.parse_interval,
    "precision": image_cli.chosen_precision,
    "set of a text's fork": lambda text: runs_cli.parse_field(text, "text"),
    "set of a picture's fork": lambda text: runs_cli.parse_field(text, "image"),
    "write": runs_cli.parse_write,
    "steps of no return": lambda text: no_return.parse_steps(text, 20),
    "guidance of the form": lambda text: new_run.parse_guidance(text, 25),
    "form of a picture": lambda text: new_run.specs_of(
        "image", new_run.defaults("image") | {"guidance": text, "seed": text, "prompt": text}
    ),
    "form of a text": lambda text: new_run.specs_of(
        "text", new_run.defaults("text") | {"seed": text, "template": text, "length": None}
    ),
    "sweep page": lambda text: sweeps.sweep_of("image", {"prompt": "a sea"}, f"seed={text}", ""),
    "skip of the sweep page": lambda text: sweeps.sweep_of(
        "text", {"length": 4}, "seed=0:2", text
    ),
    "temperatures": lambda text: text_diversity.grid_specs({"length": 3}, text, "5", "0"),
    "cuts": lambda text: text_diversity.grid_specs({"length": 3}, "1", text, "0"),
    "seeds of diversity": lambda text: text_diversity.grid_specs({"length": 3}, "1", "5", text),
    "steps of samplers": lambda text: samplers.comparison_specs(
        {"prompt": "a"}, samplers=["ddim"], accelerators=["tome"], steps=text,
        reference=("ddim", 50),
    ),
    "ratios": calibration.parse_ratios,
    "texts": calibration.parse_texts,
    "prompts": prompts.parse_prompts,
}  # fmt: skip
SPECS = (TextSpec, CorruptionSpec, ImageSpec, EmbedSpec, DecodeSpec, TextChange, ImageChange)


def _grid(base, text):
    axes = engine_sweeps.parse_axes(text.splitlines())
    return [spec for spec, _ in zip(engine_sweeps.expand(base, axes), range(20), strict=False)]


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=typed)
def test_whatever_is_typed_is_read_or_refused(name, text):
    with suppress(InvalidInput):
        PARSERS[name](text)


@pytest.mark.parametrize("name", PARSERS)
def test_every_known_trap_is_read_or_refused(name):
    for text in [*PIECES, *TRAPS]:
        with suppress(InvalidInput):
            PARSERS[name](text)


@pytest.mark.parametrize("kind", SPECS, ids=lambda kind: kind.__name__)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_a_field_is_set_to_is_taken_or_refused(kind, data):
    whole = {"prompt": "a sea", "length": 4, "text": "a", "texts": ["a"], "at": 0}
    given_ = {name: value for name, value in whole.items() if name in kind.model_fields}
    name = data.draw(st.sampled_from(sorted(kind.model_fields)))
    with suppress(InvalidInput):
        spec = kind.parse(given_ | {name: data.draw(values)})
        assert kind.parse(spec.facts()) == spec


@settings(max_examples=200, deadline=None)
@given(fields=st.one_of(values, st.fixed_dictionaries({"kind": values, "at": values})))
def test_whatever_a_request_says_is_a_spec_or_refused(fields):
    with suppress(InvalidInput):
        parse_spec(fields)
