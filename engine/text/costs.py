"""What text runs cost before they are computed. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.chain.costs import Budget
from engine.chain.keys import Chain
from engine.text.spec import CorruptionSpec, TextSpec

BUDGET = Budget("STEPSCOPE_TEXT_BUDGET", 20_000_000, "steps x tokens x runs")


def text_size(spec: TextSpec) -> int:
    """Steps x tokens."""
    return spec.steps * len(spec.start.split())


def corruption_size(spec: CorruptionSpec) -> int:
    """Levels x tokens."""
    return spec.steps * len(spec.text.split())


def step_size(facts: Mapping[str, Any]) -> float:
    """What the time of a step of a stored spec grows with: its tokens."""
    return float(facts.get("length") or len(str(facts["template"]).split()))


class TextCalls:
    """One forward a state; runs that are not exact share those of equal states.

    Two of these may come to the same tokens and share a forward, and which tokens those are is
    not known before: the count is then the most there can be.
    """

    def __init__(self, specs: Mapping[int, TextSpec], chains: Mapping[int, Chain]) -> None:
        self.specs, self.chains = specs, chains

    @property
    def exact(self) -> bool:
        """Whether no run shares forwards by what it says, or may be done before its last step."""
        return all(spec.exact and spec.always_counted for spec in self.specs.values())

    def calls(self, steps: Mapping[int, int]) -> int:
        """The most forwards of one round."""
        alone, together = 0, set()
        for i, index in steps.items():
            spec, keys = self.specs[i], self.chains[i].step_keys
            if spec.exact:
                alone += 1
            else:
                change = next((c for c in spec.changes if c.at == index - 1), None)
                written = change.write if change is not None else ()
                together.add((keys[index - 1], written, spec.suppress_special))
        return alone + len(together)
