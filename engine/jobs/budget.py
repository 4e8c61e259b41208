"""How large a job may be: refused before a model is loaded, with the numbers. No torch."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

from cache.errors import InvalidInput
from engine.chain.costs import Budget
from engine.requests.kinds import KINDS
from engine.requests.plans import AnySpec


def check_budget(specs: Sequence[AnySpec]) -> None:
    """Raise InvalidInput when a job is over the budget of its kinds, with the numbers.

    ``STEPSCOPE_TEXT_BUDGET``, ``STEPSCOPE_IMAGE_BUDGET`` and ``STEPSCOPE_EMBED_BUDGET`` set other
    bounds. A picture whose size is not known here counts as 512 x 512.
    """
    sizes: Counter[Budget] = Counter({kind.budget: 0 for kind in KINDS.values()})
    for spec in specs:
        kind = KINDS[spec.kind]
        sizes[kind.budget] += kind.size(spec)
    for budget, size in sizes.items():
        _check(budget, size)


def _check(budget: Budget, size: int) -> None:
    given = os.environ.get(budget.variable, "")
    if given and not given.isdigit():
        raise InvalidInput(f"{budget.variable} must be a whole number, got {given!r}")
    bound = int(given) if given else budget.usual
    if size > bound:
        raise InvalidInput(
            f"job must be at most {bound:,} {budget.unit} ({budget.variable}), got {size:,}"
        )
