"""Every parser of the command line and of links: whatever stands there, only InvalidInput comes."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cache.errors import InvalidInput
from dashboard.app_pages.calibration import data as calibration_data
from dashboard.app_pages.fork import url
from dashboard.app_pages.new_run import data as new_run_data
from dashboard.app_pages.prompts import data as prompts_data
from dashboard.app_pages.samplers import data as samplers_data
from dashboard.app_pages.sweep import data as sweep_data
from dashboard.data import text_ways
from engine.chain import axis_values, manifests
from engine.cli import experiments as experiment_commands
from engine.cli import image as image_commands
from engine.cli.app import app
from engine.cli.console import run_app
from engine.embed.spec import EmbedSpec
from engine.experiments import no_return
from engine.image.spec import DecodeSpec, ImageChange, ImageSpec
from engine.requests import sweeps as engine_sweeps
from engine.requests.plans import parse_spec
from engine.text.spec import CorruptionSpec, TextChange, TextSpec
from tests.engine.cli.hostile import PIECES, TRAPS, typed, values

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
    "guidance": image_commands.parse_guidance,
    "guidance of a spec": lambda text: ImageSpec(
        prompt="x", guidance=image_commands.parse_guidance(text)
    ),
    "interval": image_commands.parse_interval,
    "precision": image_commands.chosen_precision,
    "set of a text's fork": lambda text: experiment_commands.parse_field(text, "text"),
    "set of a picture's fork": lambda text: experiment_commands.parse_field(text, "image"),
    "write": experiment_commands.parse_write,
    "steps of no return": lambda text: no_return.parse_steps(text, 20),
    "guidance of the form": lambda text: new_run_data.parse_guidance(text, 25),
    "form of a picture": lambda text: new_run_data.specs_of(
        "image", new_run_data.defaults("image") | {"guidance": text, "seed": text, "prompt": text}
    ),
    "form of a text": lambda text: new_run_data.specs_of(
        "text", new_run_data.defaults("text") | {"seed": text, "template": text, "length": None}
    ),
    "sweep page": lambda text: sweep_data.sweep_of(
        "image", {"prompt": "a sea"}, f"seed={text}", ""
    ),
    "skip of the sweep page": lambda text: sweep_data.sweep_of(
        "text", {"length": 4}, "seed=0:2", text
    ),
    "temperatures": lambda text: text_ways.way_specs({"length": 3}, text, "5", "0", "quota", "4"),
    "cuts": lambda text: text_ways.way_specs({"length": 3}, "1", text, "0", "quota", "4"),
    "seeds of ways": lambda text: text_ways.way_specs({"length": 3}, "1", "5", text, "quota", "4"),
    "rules of ways": lambda text: text_ways.way_specs({"length": 3}, "1", "5", "0", text, "4"),
    "steps of ways": lambda text: text_ways.way_specs({"length": 3}, "1", "5", "0", "quota", text),
    "steps of samplers": lambda text: samplers_data.comparison_specs(
        {"prompt": "a"}, samplers=["ddim"], accelerators=["tome"], steps=text,
        reference=("ddim", 50),
    ),
    "ratios": calibration_data.parse_ratios,
    "texts": calibration_data.parse_texts,
    "prompts": prompts_data.parse_prompts,
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


@pytest.mark.parametrize("text", [*PIECES, *TRAPS])
def test_whatever_a_link_says_of_a_fork_or_a_run_is_read_or_left_out(text, store):
    given_ = {"seed": text, "guidance": text, "order": text, f"@{text}": text}
    assert 0 <= url.number(given_, "seed", 3, 0, 10) <= 10
    assert 1 <= url.number(given_, "guidance", 7.5, 1, 50) <= 50
    assert url.choice(given_, "order", "margin", ("margin", "random")) == "margin"
    assert all(0 <= position < 8 for position, _ in url.written(given_, 8))
    with pytest.raises(InvalidInput):
        manifests.resolve(store, text)


@pytest.mark.parametrize(
    "arguments",
    [
        ("text", "generate", "--seeds", "[" * 5000),
        ("text", "generate", "--seeds", "0:" + "9" * 20),
        ("text", "generate", "--seeds", "²"),
        ("text", "generate", "--order", "x" * 100_000),
        ("text", "infill", "caf\udce9 [MASK]"),
        ("text", "infill", "no mask " * 5000),
        ("text", "sweep", "seed=0:1" + "0" * 30, "--plan"),
        ("image", "sweep", "a sea", "guidance=[{}]", "--plan"),
        ("image", "sweep", "a sea", 'prompt=[{"a":1}]', "--plan"),
        ("image", "sweep", "a sea", "prompt:se=lake", "--plan"),
        ("image", "sweep", "a sea", "guidance=" + "[" * 5000, "--plan"),
        ("image", "generate", "a", "--guidance-interval", "²:³"),
        ("image", "generate", "a", "--guidance-interval", "1:2:3"),
        ("image", "generate", "a", "--guidance", "1e999"),
        ("image", "generate", "a", "--guidance", "[[1]]"),
        ("image", "generate", "a", "--eta", "nan"),
        ("image", "generate", "a", "--steps", "²"),
        ("image", "generate", "a", "--out", "/dev/null"),
        ("image", "generate", "a", "--out", "/proc/x"),
        ("image", "img2img", "a", "--init", "a\0b"),
        ("image", "img2img", "a", "--init", "x" * 5000),
        ("embed", "image", "\0"),
        ("runs", "show", "0" * 500),
        ("runs", "fork", "0000", "--at", "1", "--set", "guidance=[[["),
    ],
)
def test_a_bad_argument_is_one_line_and_exit_code_2(arguments, store, capsys, monkeypatch):
    monkeypatch.setenv("STEPSCOPE_DEBUG", "1")  # nothing unforeseen passes for an answer
    monkeypatch.setenv("STEPSCOPE_STORE", str(store.folder))
    with pytest.raises(SystemExit) as ended:
        run_app(app, [*arguments, "--json"])
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1
    assert len(told.err) < 1100
