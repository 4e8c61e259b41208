"""What may be asked for: validated, immutable descriptions of runs. No torch.

Every bad value raises ``InvalidInput`` naming the field, the bound and the value, as in
``steps must be 1 to 200, got 0``.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from annotated_types import Ge, Gt, Le
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)
from pydantic.fields import FieldInfo

from cache.errors import InvalidInput

MASK = "[MASK]"
MAX_SEED = 2**63 - 1

Order = Literal["confidence", "margin", "entropy", "random", "left-to-right"]
ScheduleName = Literal["linear", "cosine"]
Coupling = Literal["nested", "independent"]

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Steps = Annotated[int, Field(ge=1, le=200)]
Temperature = Annotated[float, Field(ge=0.01, le=10.0, strict=False)]
TopK = Annotated[int, Field(ge=1, le=100_000)]
TopP = Annotated[float, Field(gt=0.0, le=1.0, strict=False)]
Words = Annotated[str, Field(min_length=1, max_length=4000)]
ModelName = Annotated[str, Field(min_length=1, max_length=500)]


class Spec(BaseModel):
    """A frozen pydantic model whose errors are one clear line a person can act on."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise InvalidInput(explain(type(self), error)) from error

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> Self:
        """The spec of a stored or transmitted mapping; lists become tuples where asked for."""
        tuples = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
        return cls(**tuples)

    def but(self, **changes: Any) -> Self:
        """The same spec with some fields replaced, validated anew."""
        return type(self)(
            **{name: getattr(self, name) for name in type(self).model_fields} | changes
        )

    def facts(self) -> dict[str, Any]:
        """The spec as plain JSON values; a run that was never forked says nothing of changes."""
        found = self.model_dump(mode="json")
        if not found.get("changes", True):
            del found["changes"]
        return found


class Change(Spec):
    """What a fork does otherwise after step ``at`` (0: from the start): the fields it gives.

    A field that is not given stays as it was; one that is given as None is set to None.
    """

    at: Annotated[int, Field(ge=0, le=1000)]

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the spec that it sets anew."""
        given = self.model_fields_set - {"at", "write", "masks_left"}
        return {
            name: getattr(self, name) for name in sorted(given) if name in type(self).model_fields
        }

    @model_serializer(mode="wrap")
    def _only_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: v for name, v in handler(self).items() if name in self.model_fields_set}


def changes_of(kind: type[Change]) -> BeforeValidator:
    """A field of changes of a kind, in order; stored ones are read back from their JSON."""

    def read(value: Any) -> Any:
        if not isinstance(value, tuple):
            return value
        found = tuple(v if isinstance(v, kind) else kind.parse(v) for v in value)
        for before, after in itertools.pairwise(found):
            if before.at >= after.at:
                raise InvalidInput(
                    f"changes must come in order of at, got {after.at} after {before.at}"
                )
        return found

    return BeforeValidator(read)


class Forkable(Spec):
    """A spec whose later steps may differ: see ``engine.forks``."""

    changes: tuple[Change, ...] = ()

    def at_step(self, index: int) -> Self:
        """The spec in force for step ``index`` (from 1): every change made before it applied."""
        if not self.changes:
            return self
        spec = self.but(changes=())
        for change in self.changes:
            if change.at < index:
                spec = spec.but(**change.fields)
        return spec


def _writes(value: Any) -> Any:
    listed = tuple(tuple(item) if isinstance(item, list) else item for item in value)
    for item in listed:
        if not (
            isinstance(item, tuple)
            and len(item) == 2
            and type(item[0]) is int
            and 0 <= item[0] < 510
            and isinstance(item[1], str)
            and 0 < len(item[1]) <= 100
        ):
            raise InvalidInput(f"write must be pairs of a position 0 to 509 and a word, got {item}")
    if len({position for position, _ in listed}) < len(listed):
        raise InvalidInput("write must name each position once")
    return tuple(sorted(listed))


class TextChange(Change):
    """A fork of a text run; ``write`` puts words, or [MASK], at positions after step ``at``.

    ``masks_left`` says how many positions are masked once that is written: the length of the
    chain depends on it. ``engine.forks.fork`` counts it.
    """

    temperature: Temperature = 1.0
    top_k: TopK | None = None
    top_p: TopP | None = None
    order: Order = "confidence"
    seed: Seed = 0
    steps: Steps = 12
    write: Annotated[tuple[tuple[int, str], ...], BeforeValidator(_writes)] = ()
    masks_left: Annotated[int, Field(ge=0, le=510)] | None = None

    def model_post_init(self, _: Any) -> None:
        if bool(self.write) != (self.masks_left is not None):
            raise InvalidInput("write and masks_left belong together: give both or neither")


class TextSpec(Forkable):
    """One text to unmask: all-[MASK] of a ``length``, or a ``template`` with [MASK]s.

    Greedy when neither ``top_k`` nor ``top_p`` is given; otherwise tokens are drawn from the
    ``top_k`` best at ``temperature``, cut to the nucleus ``top_p`` (1.0: the full
    distribution). The schedule reveals max(1, floor(m / (steps - s))) of m masks at step s,
    the classic MaskGIT-style recipe on an absorbing chain (D3PM, arXiv:2107.03006).
    """

    kind: Literal["text"] = "text"
    model: ModelName = "builtin-bert"
    length: Annotated[int, Field(ge=1, le=510)] | None = None
    template: Words | None = None
    steps: Steps = 12
    temperature: Temperature = 1.0
    top_k: TopK | None = None
    top_p: TopP | None = None
    order: Order = "confidence"
    seed: Seed = 0
    suppress_special: bool = True
    exact: bool = False
    changes: Annotated[tuple[TextChange, ...], changes_of(TextChange)] = ()

    def model_post_init(self, _: Any) -> None:
        if (self.length is None) == (self.template is None):
            raise InvalidInput("give either length or template, not both and not neither")
        if self.template is not None and MASK not in self.template:
            raise InvalidInput(f"template must contain at least one {MASK}, got {self.template!r}")
        if self.changes:
            self.at_step(self.changes[-1].at + 1)  # raises what the changes would make wrong

    @property
    def start(self) -> str:
        """The text before the first step: the template, or ``length`` times [MASK]."""
        return self.template if self.template is not None else " ".join([MASK] * (self.length or 0))

    @property
    def mask_count(self) -> int:
        """How many positions are masked before the first step."""
        return self.start.count(MASK)

    @property
    def stochastic(self) -> bool:
        """Whether the outcome depends on the seed."""
        return self.top_k is not None or self.top_p is not None or self.order == "random"


class CorruptionSpec(Spec):
    """One text to corrupt towards [MASK] by the forward process of absorbing-state D3PM.

    ``nested`` draws one threshold a position, so what is masked stays masked (a true
    absorbing chain); ``independent`` draws every level afresh from its marginal.
    """

    kind: Literal["corruption"] = "corruption"
    model: ModelName = "builtin-bert"
    text: Words
    schedule: ScheduleName = "linear"
    coupling: Coupling = "nested"
    steps: Steps = 10
    seed: Seed = 0


def explain(owner: type[BaseModel], error: ValidationError) -> str:
    """One line for a ValidationError: each field, what it must be, and what it got."""
    return "; ".join(_explain_one(owner, dict(item)) for item in error.errors())


def _explain_one(owner: type[BaseModel], item: dict[str, Any]) -> str:
    name = str(item["loc"][0]) if item["loc"] else owner.__name__
    info = owner.model_fields.get(name)
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    if item["type"] == "extra_forbidden":
        return f"unknown field {name!r}; choose from {', '.join(owner.model_fields)}"
    if item["type"] == "missing":
        return f"{name} is required"
    if item["type"] == "literal_error" and info is not None:
        choices = ", ".join(map(str, get_args(info.annotation)))
        return f"unknown {name} {item['input']!r}; choose from {choices}"
    if item["type"].startswith(("string_too", "string_unicode")):
        return f"{name} must {_text_bound(item)}"
    bounds = _bounds(info) if info is not None else ""
    kind = (
        "a whole number "
        if "int" in item["type"]
        else "a number "
        if "float" in item["type"]
        else ""
    )
    return f"{name} must be {kind}{bounds or item['msg']}, got {item['input']!r}"


def _text_bound(item: dict[str, Any]) -> str:
    if item["type"] == "string_unicode":
        return "be text in UTF-8, got bytes that are not"
    bound = item["ctx"].get("max_length")
    return f"be at most {bound} characters, got {len(item['input'])}" if bound else "not be empty"


def _bounds(info: FieldInfo) -> str:
    """The numeric bounds of a field in words: ``1 to 200`` or ``above 0 and at most 1``."""
    found = list(info.metadata)
    for part in get_args(info.annotation):
        for extra in getattr(part, "__metadata__", ()):
            found += getattr(extra, "metadata", [extra])
    low = next((m.ge for m in found if isinstance(m, Ge)), None)
    above = next((m.gt for m in found if isinstance(m, Gt)), None)
    high = next((m.le for m in found if isinstance(m, Le)), None)
    if low is not None and high is not None:
        return f"{low:g} to {high:g}" if abs(float(str(high))) < 1e6 else f"{low} to {high}"
    if above is not None and high is not None:
        return f"above {above:g} and at most {high:g}"
    return ""
