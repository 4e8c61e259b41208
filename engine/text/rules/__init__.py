"""What a step reveals and takes back: one small function a rule, by its name in a spec.

A rule sees the ``Situation`` of a step and answers with a ``Decision``. It may draw from the
situation's generator, always after the step's tokens were drawn, and in the order that its
docstring gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.text.rules.ancestral import ancestral
from engine.text.rules.edit import edit
from engine.text.rules.parallel import entropy_bound, factor, threshold
from engine.text.rules.quota import quota
from engine.text.rules.remask import remask
from engine.text.rules.situation import Decision, Situation
from engine.text.spec import Rule

RULES: Mapping[Rule, Callable[[Situation], Decision]] = {
    "quota": quota,
    "ancestral": ancestral,
    "threshold": threshold,
    "factor": factor,
    "entropy-bound": entropy_bound,
    "remask": remask,
    "edit": edit,
}
