"""The forms of a new run, one a kind; their values stay while other pages are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache.errors import InvalidInput, StepscopeError
from dashboard.app_pages.new_run.data import TEMPLATE, bounds, defaults
from dashboard.app_pages.new_run.steering import ask_steering, kernel_of
from dashboard.data.rules import LABELS, MOVES, SAID, UNIFORM_SAID, fields_of, reads_order
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.chain.axis_values import shown, whole_number
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.spec import (
    Accelerator,
    Precision,
)
from engine.models.known import known_of
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import ListedModel, find_model, listed_models
from engine.models.scheduler_config import SamplerName
from engine.text.spec import ALWAYS_DRAWS, Coupling, Order, Remasking, Rule, ScheduleName

STARTS = ("nothing but masks", "a template")
NOISE = "nothing but noise"  # what the first is called of a kernel without masks
DRAWS = ("greedy", "top-k", "top-p", "both")
USUAL = {"top_k": 5, "top_p": 0.9, "length": 12}
USUAL_TEXT = {"template": TEMPLATE}
CHOICES = {"schedule": get_args(ScheduleName), "remasking": get_args(Remasking)}
TEXT_STEPS = "A step is one model call; it reveals what the rule says."
IMAGE_STEPS = (
    "A step takes away part of the noise. It is one model call, or two where guidance is above 1 "
    "or the sampler evaluates the model twice."
)
SEEDS_HELP = "As in 0:8 (8 left out) or 1, 5, 9: a run each."


def ask(kind: str) -> dict[str, Any]:
    """The values typed for a kind; what a spec's own checks say of them is said elsewhere."""
    for name, value in defaults(kind).items():
        st.session_state.setdefault(_key(kind, name), value)
    if kind == "text":
        return _ask_text()
    return _ask_image() if kind == "image" else _ask_corruption()


def fill(kind: str, values: Mapping[str, Any]) -> None:
    """Put values into the form of a kind; call it before the form is shown."""
    for name, value in values.items():
        st.session_state[_key(kind, name)] = value
    if kind == "text":
        template, k, p = (values.get(name) for name in ("template", "top_k", "top_p"))
        st.session_state[_key(kind, "start")] = STARTS[template is not None]
        st.session_state[_key(kind, "draw")] = DRAWS[(k is not None) + 2 * (p is not None)]
        st.session_state[_key(kind, "special")] = not values.get("suppress_special", True)


def _ask_text() -> dict[str, Any]:
    kind = "text"
    where, seeds, steps = st.columns([3, 2, 1.5])
    values = {
        "model": _model(where, kind),
        "seed": _typed(seeds, kind, "seed", "Seeds", SEEDS_HELP),
        "steps": _number(steps, kind, "steps", "Steps", hint=TEXT_STEPS),
    }
    kernel = kernel_of(str(values["model"]))
    if kernel == "uniform":
        values |= _ask_uniform(kind)
    else:
        values |= ask_rule(kind)
    choice, written = st.columns([3, 5])
    start = _row(
        choice,
        _key(kind, "start"),
        "Start from",
        STARTS,
        shown={STARTS[0]: NOISE} if kernel == "uniform" else {},
    )
    if start == STARTS[0]:
        values["length"] = _number(written.columns(3)[0], kind, "length", "Tokens")
    else:
        values["template"] = _typed(
            written, kind, "template", "Template: [MASK] stands where a token is to be written"
        )
    choice, *others = st.columns([3, 1.65, 1.65, 1.7])
    places = iter(others)
    draw = _row(choice, _key(kind, "draw"), "Tokens are chosen", DRAWS, default=DRAWS[1])
    if draw == "greedy" and (kernel == "uniform" or values["rule"] in ALWAYS_DRAWS):
        what = "kernel" if kernel == "uniform" else "rule"
        choice.caption(f"This {what} draws: from the whole distribution.")
    if draw in ("top-k", "both"):
        values["top_k"] = _number(next(places), kind, "top_k", "Top-k")
    if draw in ("top-p", "both"):
        values["top_p"] = _number(next(places), kind, "top_p", "Top-p", step=0.05)
    values["temperature"] = _number(next(places), kind, "temperature", "Temperature", step=0.1)
    values |= _ask_text_more(kind, values)
    return values


def _ask_text_more(kind: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    with st.expander("More settings"):
        values["suppress_special"] = not _tick(
            kind, "special", "Let [UNK], [PAD], [CLS], [SEP] and [MASK] be written"
        )
        values["exact"] = _tick(kind, "exact", "Exact: one seed at a time, the classic recipe")
        values |= ask_steering(kind, asked)
        if asked.get("kernel") == "uniform":
            return values
        values["block"] = st.number_input(
            f"Block: so many positions at a time, left to right ({bounds(kind, 'block')})",
            value=None,
            step=1,
            placeholder="no blocks: all of the text",
            key=_key(kind, "block"),
            persist_state="session",
        )
        if asked["rule"] == "remask" and asked.get("remasking") != "conf":
            values |= _ask_loop(kind)
    return values


def _ask_loop(kind: str) -> dict[str, Any]:
    """ReMDM's loop phase: nothing where it is not wanted."""
    begins, ends, kept = st.columns(3)
    value = begins.number_input(
        f"Loop phase from time ({bounds(kind, 't_on')})",
        value=None,
        step=0.05,
        placeholder="none; 0.55 in the paper",
        help="Time runs from 1 to 0. In the loop as many stay masked as were when it began, and "
        "tokens are taken back and written anew; before and after it nothing is taken back.",
        key=_key(kind, "t_on"),
        persist_state="session",
    )
    if value is None:
        return {}
    return {
        "t_on": value,
        "t_off": _number(ends, kind, "t_off", "To time", step=0.05),
        "alpha_on": _number(kept, kind, "alpha_on", "Share written", step=0.05),
    }


def _ask_uniform(kind: str) -> dict[str, Any]:
    """A kernel whose noise is words: its schedule, and its corrector."""
    schedule, corrector, _ = st.columns([2, 2, 3])
    values = {
        "kernel": "uniform",
        "schedule": _one_of(schedule, kind, "schedule", "Schedule", get_args(ScheduleName)),
        "corrector": _number(corrector, kind, "corrector", "Corrector", step=0.05),
    }
    st.caption(UNIFORM_SAID)
    return values


def ask_rule(kind: str) -> dict[str, Any]:
    """What a step reveals and takes back: the rule, what it means, and the fields it reads."""
    names, *columns = st.columns([2, 2, 1.5, 1.5, 2])
    places = iter(columns)
    rule = cast(Rule, _one_of(names, kind, "rule", "Rule of a step", get_args(Rule)))
    values: dict[str, Any] = {"rule": rule}
    if reads_order(rule):
        label = "Order of unmasking"
        values["order"] = _one_of(next(places), kind, "order", label, get_args(Order))
    remasking = cast(Remasking, st.session_state[_key(kind, "remasking")])
    for name in fields_of(rule):
        if name in CHOICES:
            chosen = _one_of(next(places), kind, name, LABELS[name], CHOICES[name])
            values[name] = chosen
            remasking = cast(Remasking, chosen) if name == "remasking" else remasking
        elif name in fields_of(rule, remasking):
            values[name] = _number(next(places), kind, name, LABELS[name], step=MOVES[name])
    st.caption(SAID[rule])
    return values


def _ask_corruption() -> dict[str, Any]:
    kind = "corruption"
    text = _area(kind, "text", "Text to corrupt")
    where, seeds, steps, schedule, coupling = st.columns([2.6, 1.8, 1.5, 1.5, 1.6])
    model = _model(where, kind, of="text")
    kernel = kernel_of(model)
    if kernel == "uniform":
        st.caption("This model's kernel is uniform: words are redrawn, not masked.")
    return {
        "kernel": kernel,
        "text": text,
        "model": model,
        "seed": _typed(seeds, kind, "seed", "Seeds", SEEDS_HELP),
        "steps": _number(steps, kind, "steps", "Steps"),
        "schedule": _one_of(schedule, kind, "schedule", "Schedule", get_args(ScheduleName)),
        "coupling": _one_of(coupling, kind, "coupling", "Coupling", get_args(Coupling)),
    }


def _ask_image() -> dict[str, Any]:
    kind = "image"
    prompt = _area(kind, "prompt", "Prompt")
    model, seeds, steps, where, guidance = st.columns([2.6, 1.8, 1.5, 1.5, 2])
    sampler = _one_of(where, kind, "sampler", "Sampler", get_args(SamplerName))
    values = {
        "prompt": prompt,
        "model": _model(model, kind),
        "seed": _typed(seeds, kind, "seed", "Seeds", SEEDS_HELP),
        "steps": _number(steps, kind, "steps", "Steps", hint=IMAGE_STEPS),
        "sampler": sampler,
        "guidance": _typed(
            guidance,
            kind,
            "guidance",
            "Guidance (1 to 50)",
            "One scale; several with commas between, a run each; or one for each step with "
            "spaces between. 1 is the prompt alone.",
        ),
    }
    with st.expander("More settings"):
        values |= _ask_image_more(sampler)
    values |= _ask_start(kind)
    return values


def _ask_image_more(sampler: str) -> dict[str, Any]:
    kind = "image"
    negative = st.text_input(
        "Negative prompt", key=_key(kind, "negative_prompt"), persist_state="session"
    )
    width, height, eta, precision, accelerator = st.columns(5)
    own = _own_size(str(st.session_state[_key(kind, "model")]))
    values: dict[str, str | int | float | None] = {
        "negative_prompt": negative,
        "width": _side(width, "width", own),
        "height": _side(height, "height", own),
        "precision": _one_of(precision, kind, "precision", "Precision", get_args(Precision)),
        "accelerator": _one_of(
            accelerator, kind, "accelerator", "Accelerator", get_args(Accelerator)
        ),
    }
    if sampler == "ddim":
        values["eta"] = _number(eta, kind, "eta", "Eta", step=0.1)
    else:
        eta.text_input("Eta", "only with ddim", disabled=True)
    values["exact"] = _tick(kind, "exact", "Exact: one run at a time, a pipeline's own bits")
    return values | _ask_interval(kind)


def _ask_interval(kind: str) -> dict[str, Any]:
    """The steps that guidance is kept to (Kynkäänniemi et al. 2024), typed as ``5:20``."""
    key = _key(kind, "interval")
    given = st.session_state.pop(_key(kind, "guidance_interval"), None)
    if given is not None:
        st.session_state[key] = f"{given[0]}:{given[1]}"
    typed = st.text_input(
        "Guide only these steps",
        key=key,
        placeholder="all of them; 5:20 for the 5th to the 20th",
        persist_state="session",
    )
    if not typed.strip():
        return {}
    steps = [whole_number(part) for part in typed.split(":")]
    if len(steps) != 2 or None in steps:
        raise InvalidInput(f"guidance_interval must be two steps as in 5:20, got {shown(typed)}")
    return {"guidance_interval": tuple(steps)}


def _ask_start(kind: str) -> dict[str, Any]:
    """The picture that a run was made from, carried over when its spec was."""
    init = st.session_state[_key(kind, "init_image")]
    if init is None:
        return {}
    if not the_store().has(image_keys.picture_key(init)):
        st.warning("The picture that run was made from is not in this store: starting from noise.")
        st.session_state[_key(kind, "init_image")] = None
        return {}
    shown, asked, dropped = st.columns([1, 2, 5], vertical_alignment="bottom")
    shown.image(image_stored.load_picture(the_store(), init), width=96)
    strength = _number(asked, kind, "strength", "Strength", step=0.05)
    dropped.button("Start from noise instead", on_click=_forget_start, args=(kind,))
    return {"init_image": init, "strength": strength}


def _forget_start(kind: str) -> None:
    st.session_state[_key(kind, "init_image")] = None


def _model(where: DeltaGenerator, kind: str, *, of: str | None = None) -> str:
    known = {m.name: m for m in _models() if m.kind == (of or kind)}
    chosen = where.selectbox(
        "Model",
        sorted(known, key=lambda name: not known[name].available),
        format_func=lambda n: n if n not in known or known[n].available else f"{n} (not here)",
        key=_key(kind, "model"),
        help="Also a folder on this machine, or a hub id whose files are in the local cache.",
        accept_new_options=True,
        persist_state="session",
    )
    if chosen in known and not known[chosen].available:
        where.caption(escaped(known[chosen].hint))
    elif chosen and (of or kind) == "text":
        where.caption(escaped(_known(chosen)))
    return str(chosen or "")


def _known(model: str) -> str:
    """What the files of a text model say of it; nothing where they do not: the plan says why."""
    try:
        return known_of(find_model(model)).sentence()
    except StepscopeError:
        return ""


@st.cache_data(ttl=30, show_spinner=False)
def _models() -> list[ListedModel]:
    return list(listed_models())


def _own_size(model: str) -> tuple[int, int] | None:
    try:
        facts = pipeline_facts(find_model(model))
    except StepscopeError:
        return None
    return facts.width, facts.height


def _side(where: DeltaGenerator, name: str, own: tuple[int, int] | None) -> int | None:
    size = "its own" if own is None else f"its own: {own[name == 'height']}"
    return where.number_input(
        f"{escaped(name.capitalize())} ({bounds('image', name)}, in 8s)",
        value=None,
        step=8,
        placeholder=size,
        key=_key("image", name),
        persist_state="session",
    )


def _number(
    where: DeltaGenerator,
    kind: str,
    name: str,
    label: str,
    *,
    step: float = 1,
    hint: str | None = None,
) -> int | float:
    value = st.session_state.get(_key(kind, name))
    wanted = type(step)(USUAL.get(name, 1) if value is None else value)
    if value is None or type(value) is not type(step):
        st.session_state[_key(kind, name)] = wanted
    return where.number_input(
        f"{label} ({bounds(kind, name)})",
        step=step,
        format="%g" if isinstance(step, float) else None,
        help=hint,
        key=_key(kind, name),
        persist_state="session",
    )


def _typed(where: DeltaGenerator, kind: str, name: str, label: str, hint: str | None = None) -> str:
    if st.session_state.get(_key(kind, name)) is None:
        st.session_state[_key(kind, name)] = USUAL_TEXT[name]
    return where.text_input(label, key=_key(kind, name), help=hint, persist_state="session")


def _area(kind: str, name: str, label: str) -> str:
    return st.text_area(
        label, height=72, key=_key(kind, name), max_chars=4000, persist_state="session"
    )


def _one_of(
    where: DeltaGenerator, kind: str, name: str, label: str, choices: tuple[str, ...]
) -> str:
    return str(where.selectbox(label, choices, key=_key(kind, name), persist_state="session"))


def _row(
    where: DeltaGenerator,
    key: str,
    label: str,
    choices: tuple[str, ...],
    default: str = "",
    shown: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """One of a few; ``shown`` are other words for some."""
    st.session_state.setdefault(key, default or choices[0])
    return str(
        where.segmented_control(
            label,
            choices,
            key=key,
            format_func=lambda choice: shown.get(choice, choice),
            required=True,
            persist_state="session",
        )
    )


def _tick(kind: str, name: str, label: str) -> bool:
    return st.checkbox(label, key=_key(kind, name), persist_state="session")


def _key(kind: str, name: str) -> str:
    return f"new-{kind}-{name}"
