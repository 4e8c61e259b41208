"""What may be asked for: the base of all validated, immutable descriptions of runs. No torch.

Every bad value raises ``InvalidInput`` naming the field, the bound and the value, as in
``steps must be 1 to 200, got 0``.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Annotated, Any, Self, get_args

from annotated_types import Ge, Gt, Le, Lt
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
from engine.chain.axis_values import shown

MAX_SEED = 2**63 - 1
PLAIN_KINDS = {  # of pydantic's kinds of errors, those without bounds
    "string_unicode": "text in UTF-8",
    "string": "text",
    "bool": "true or false",
    "tuple": "a list",
    "dict": "a record of fields",
    "model": "a record of fields",
    "path": "a path",
}
NUMBERS = {"int": "a whole number", "float": "a number", "finite": "a number"}
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Steps = Annotated[int, Field(ge=1, le=200)]
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
        """The spec of a stored or transmitted mapping; lists become tuples. Raises InvalidInput."""
        if not isinstance(fields, Mapping):
            raise InvalidInput(f"{cls.__name__} must be a record of fields, got {shown(fields)}")
        tuples = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
        return cls(**tuples)

    def but(self, **changes: Any) -> Self:
        """The same spec with some fields replaced, validated anew."""
        return type(self)(
            **{name: getattr(self, name) for name in type(self).model_fields} | changes
        )

    def facts(self) -> dict[str, Any]:
        """The spec as plain JSON values; a run that was never forked says nothing of changes."""
        facts = self.model_dump(mode="json")
        if not facts.get("changes", True):
            del facts["changes"]
        return facts


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
        changes = tuple(v if isinstance(v, kind) else kind.parse(v) for v in value)
        for before, after in itertools.pairwise(changes):
            if before.at >= after.at:
                raise InvalidInput(
                    f"changes must come in order of at, got {after.at} after {before.at}"
                )
        return changes

    return BeforeValidator(read)


class Forkable(Spec):
    """A spec whose later steps may differ: see ``engine.experiments.forks``."""

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


def explain(owner: type[BaseModel], error: ValidationError) -> str:
    """One line for a ValidationError: each field, what it must be, and what it got."""
    return "; ".join(_explain_one(owner, dict(item)) for item in error.errors())


def _explain_one(owner: type[BaseModel], item: dict[str, Any]) -> str:
    name = str(item["loc"][0]) if item["loc"] else owner.__name__
    info = owner.model_fields.get(name)
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    if item["type"] == "extra_forbidden":
        return f"unknown field {shown(name)}; choose from {', '.join(owner.model_fields)}"
    if item["type"] == "missing":
        return f"{name} is required"
    if item["type"] == "literal_error" and info is not None:
        choices = ", ".join(map(str, get_args(info.annotation)))
        return f"unknown {name} {shown(item['input'])}; choose from {choices}"
    if item["type"].startswith("string_too"):
        bound = item["ctx"].get("max_length")
        got = f"be at most {bound} characters, got {len(item['input'])}"
        return f"{name} must {got if bound else 'not be empty'}"
    return f"{name} must be {_wanted(item, info)}, got {shown(item['input'])}"


def _wanted(item: Mapping[str, Any], info: FieldInfo | None) -> str:
    """What a value had to be: its kind and its bounds."""
    kind = wanted_kind(item["type"])
    numeric = kind in ("", *NUMBERS.values())
    bounds = _bounds(info) if info is not None and numeric else ""
    return " ".join(part for part in (kind, bounds) if part) or str(item["msg"])


def wanted_kind(error_type: str) -> str:
    """What a value had to be, by pydantic's name of an error; '' for one of bounds."""
    kinds = (PLAIN_KINDS | NUMBERS).items()
    return next((plain for begins, plain in kinds if error_type.startswith(begins)), "")


def _bounds(info: FieldInfo) -> str:
    """The numeric bounds of a field in words: ``1 to 200`` or ``above 0 and at most 1``."""
    limits = list(info.metadata)
    for part in get_args(info.annotation):
        for extra in getattr(part, "__metadata__", ()):
            limits += getattr(extra, "metadata", [extra])
    low = next((m.ge for m in limits if isinstance(m, Ge)), None)
    above = next((m.gt for m in limits if isinstance(m, Gt)), None)
    high = next((m.le for m in limits if isinstance(m, Le)), None)
    if low is not None and high is not None:
        return f"{low:g} to {high:g}" if abs(float(str(high))) < 1e6 else f"{low} to {high}"
    below = next((m.lt for m in limits if isinstance(m, Lt)), None)
    if above is not None and below is not None:
        return f"above {above:g} and below {below:g}"
    if above is not None and high is not None:
        return f"above {above:g} and at most {high:g}"
    return ""
