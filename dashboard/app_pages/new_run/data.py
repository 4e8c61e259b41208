"""What the forms of a new run ask for: typed values to specs, and a run's spec back to values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotated_types import Ge, Gt, Le

from cache.errors import InvalidInput
from engine.chain.axis_values import parse_values, shown
from engine.chain.specs import Spec
from engine.image.precisions import auto_precision
from engine.requests.demo import CLEAN, PROMPT, TEMPLATES
from engine.requests.kinds import KINDS
from engine.requests.plans import AnySpec, parse_spec
from engine.requests.sweeps import expand, parse_seeds
from engine.text.spec import TextSpec
from engine.text.steering import parse_interval

MOST_RUNS = 256
# what one form may vary, and so what several runs of it may differ in
AXES = {"text": ("seed",), "corruption": ("seed",), "image": ("guidance", "seed")}
NOT_ASKED = frozenset(("kind", "changes", "attention_slicing", "corrected"))
START: dict[str, dict[str, Any]] = {
    "text": {
        "length": 12,
        "top_k": 5,
        "temperature": 1.2,
        "seed": "0:4",
        "guidance": "0",
        "guidance_interval": "",
        "controls": "",
    },
    "corruption": {"text": CLEAN, "seed": "0"},
    "image": {"prompt": PROMPT, "guidance": "4", "seed": "0"},
}
TEMPLATE = TEMPLATES[1]


def defaults(kind: str) -> dict[str, Any]:
    """The values a form starts with: the spec's own defaults, and something to compute."""
    fields = KINDS[kind].spec.model_fields
    own = {name: f.default for name, f in fields.items() if not f.is_required()}
    if kind == "image":
        own["precision"] = auto_precision()
    return {name: v for name, v in own.items() if name not in NOT_ASKED} | START[kind]


def specs_of(kind: str, values: Mapping[str, Any]) -> list[AnySpec]:
    """The runs that a form asks for, one a seed and, for pictures, a guidance scale.

    Raises InvalidInput, which names the field, the bound and the value.
    """
    typed = dict(values)
    axes: dict[str, list[Any]] = {}
    if kind == "image":
        axes["guidance"] = parse_guidance(str(typed.pop("guidance")), int(typed["steps"]))
    if kind == "text":
        typed |= steering_of(typed)
    axes["seed"] = list(dict.fromkeys(parse_seeds(_spaceless(typed.pop("seed"), "seeds"))))
    count = len(axes["seed"]) * len(axes.get("guidance", (1,)))
    if count > MOST_RUNS:
        raise InvalidInput(f"runs must be 1 to {MOST_RUNS} from one form, got {count}")
    first = {name: choices[0] for name, choices in axes.items()}
    base: AnySpec = KINDS[kind].spec(**typed, **first)
    return list(expand(base, axes))


def steering_of(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a text's guidance and controls as they were typed. Raises InvalidInput."""
    fields: dict[str, Any] = {}
    if isinstance(scales := typed.get("guidance"), str):
        parts = [part for part in scales.replace(",", " ").split() if part]
        read = [value for part in parts for value in parse_values(part, name="guidance")]
        fields["guidance"] = 0.0 if not read else read[0] if len(read) == 1 else tuple(read)
    if isinstance(steps := typed.get("guidance_interval"), str):
        fields["guidance_interval"] = parse_interval(steps) if steps.strip() else None
    if isinstance(lines := typed.get("controls"), str):
        fields["controls"] = tuple(line.strip() for line in lines.splitlines() if line.strip())
    return fields


def typed_steering(spec: TextSpec) -> dict[str, Any]:
    """A text's guidance and controls as a person types them."""
    interval = spec.guidance_interval
    return {
        "guidance": _scale_text(spec.guidance),
        "guidance_interval": "" if interval is None else f"{interval[0]}:{interval[1]}",
        "controls": "\n".join(spec.controls),
    }


def parse_guidance(text: str, steps: int) -> list[Any]:
    """``7.5``, ``1, 4, 7.5`` (a run each) or ``1 2 3 ...`` (one scale for each step).

    Raises InvalidInput.
    """
    guidances: list[Any] = []
    for part in text.split(","):
        scales = parse_values(_spaceless(",".join(part.split()), "guidance"), name="guidance")
        for scale in scales:
            if not isinstance(scale, int | float) or isinstance(scale, bool):
                raise InvalidInput(f"guidance must be numbers 1 to 50, got {shown(scale)}")
        if len(scales) == 1:
            guidances.append(float(scales[0]))
        elif len(scales) == steps:
            guidances.append(tuple(float(scale) for scale in scales))
        else:
            raise InvalidInput(
                f"guidance must be scales with commas between, a run each, or {steps} with spaces "
                f"between, one for each step; got {len(scales)} with spaces between"
            )
    return list(dict.fromkeys(guidances))


def values_of(specs: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Any]] | None:
    """The kind and the form's values that ask for some specs; None when no form can.

    A fork's changes cannot be asked for by a form: the values are those of its beginning.
    """
    kind = str(specs[0].get("kind"))
    if kind not in START:
        return None
    first = parse_spec({k: v for k, v in specs[0].items() if k != "changes"})
    values = {n: getattr(first, n) for n in KINDS[kind].spec.model_fields if n not in NOT_ASKED}
    seeds = list(dict.fromkeys(int(spec["seed"]) for spec in specs))
    values["seed"] = seeds_text(seeds)
    if isinstance(first, TextSpec):
        values |= typed_steering(first)
    if kind == "image":
        scales = list(dict.fromkeys(_scale_text(spec["guidance"]) for spec in specs))
        values["guidance"] = ", ".join(scales)
    return kind, values


def same_runs(specs: Sequence[Spec], facts: Sequence[Mapping[str, Any]]) -> bool:
    """Whether specs are the ones that were written down, in any order."""
    written = [str(parse_spec(fact).facts()) for fact in facts]
    return sorted(str(spec.facts()) for spec in specs) == sorted(written)


def seeds_text(seeds: Sequence[int]) -> str:
    """Seeds as a person types them: ``0:4`` for a range, else ``1,5,9``."""
    first, last = seeds[0], seeds[-1]
    if len(seeds) > 1 and list(seeds) == list(range(first, last + 1)):
        return f"{first}:{last + 1}"
    return ",".join(map(str, seeds))


def bounds(kind: str, name: str, most: int | None = None) -> str:
    """The bounds of a field as they stand beside its label, as ``1 to 200``; '' without any.

    ``most`` is a model's own upper bound.
    """
    constraints = list(KINDS[kind].spec.model_fields[name].metadata)
    for part in getattr(KINDS[kind].spec.model_fields[name].annotation, "__args__", ()):
        for extra in getattr(part, "__metadata__", ()):
            constraints += getattr(extra, "metadata", [extra])
    low = next((m.ge for m in constraints if isinstance(m, Ge)), None)
    above = next((m.gt for m in constraints if isinstance(m, Gt)), None)
    high = next((m.le for m in constraints if isinstance(m, Le)), None)
    if high is None:
        return ""
    high = most or high
    top = f"{high:g}" if float(str(high)) < 1e6 else str(high)
    return f"above {above:g} to {top}" if above is not None else f"{low:g} to {top}"


def _scale_text(scale: Any) -> str:
    scales = scale if isinstance(scale, list | tuple) else [scale]
    return " ".join(f"{float(each):g}" for each in scales)


def _spaceless(text: object, name: str) -> str:
    packed = "".join(str(text).split())
    if not packed:
        raise InvalidInput(f"{name} must be given, got nothing")
    return packed
