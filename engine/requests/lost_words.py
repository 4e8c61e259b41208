"""What of a request a model will not hear: told on every path, computed or cached. No torch."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from cache.errors import StepscopeError
from engine.models.registry import FoundModel, find_model
from engine.requests.kinds import KINDS
from engine.requests.plans import AnySpec


def lost_lines(specs: Iterable[AnySpec]) -> list[str]:
    """A sentence for each thing that some specs ask for in vain; [] where all is heard.

    What is wrong with a model is not told here: planning says it.
    """
    lines: dict[str, None] = {}
    models: dict[str, FoundModel | None] = {}
    seen: set[Hashable] = set()
    for spec in specs:
        kind, name = KINDS[spec.kind], spec.model
        heard = (spec.kind, name, kind.heard(spec))
        if heard in seen:
            continue
        seen.add(heard)
        if name not in models:
            models[name] = _model(name)
        model = models[name]
        if model is not None:
            lines |= dict.fromkeys(kind.lost(model, spec))
    return list(lines)


def _model(name: str) -> FoundModel | None:
    try:
        return find_model(name)
    except StepscopeError:
        return None
