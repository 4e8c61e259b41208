"""The rules of a step in a sentence each, and which fields of a form they read."""

from __future__ import annotations

from collections.abc import Mapping

from engine.text.keys import LOOP_FIELDS, RULE_FIELDS
from engine.text.spec import READS_ORDER, Remasking, Rule

SAID: Mapping[Rule, str] = {
    "quota": "A fixed share of the masks a step, the surest first; with cosine few at first and "
    "many at the end ([MaskGIT](https://arxiv.org/abs/2202.04200)).",
    "ancestral": "The true reverse process: each mask is revealed by chance, so a step's count is "
    "random, and tokens are always drawn ([MDLM](https://arxiv.org/abs/2406.07524)).",
    "threshold": "Every token that the model gives this probability or more, at least the surest "
    "one: easy texts take fewer steps ([Fast-dLLM](https://arxiv.org/abs/2505.22618)).",
    "factor": "The n surest, while (n + 1)(1 − the n-th probability) stays below the factor: the "
    "more at once, the surer ([Fast-dLLM](https://arxiv.org/abs/2505.22618)).",
    "entropy-bound": "As many in order as the bound allows on what drawing them together may lose, "
    "in nats ([EB-sampler](https://arxiv.org/abs/2505.24857)).",
    "remask": "The ancestral step, and tokens that were written may go back to masks, to be "
    "written anew ([ReMDM](https://arxiv.org/abs/2503.00307)).",
    "edit": "As threshold, and a token that was written is replaced when the model, seeing it, "
    "gives another a probability above the second threshold; made for models trained to edit "
    "([LLaDA 2.1](https://arxiv.org/abs/2602.08676)).",
}
UNIFORM_SAID = (
    "Kernel uniform: from random words, every one is redrawn at every step by the posterior of "
    "[D3PM](https://arxiv.org/abs/2107.03006). The corrector is the share of a step that redraws "
    "from the marginal instead, which lets early mistakes go "
    "([psi-samplers](https://arxiv.org/abs/2602.21185))."
)
LABELS: Mapping[str, str] = {
    "schedule": "Schedule",
    "threshold": "Threshold",
    "factor": "Factor",
    "entropy_bound": "Entropy bound",
    "remasking": "Remasking",
    "eta": "Eta",
    "edit_threshold": "Edit threshold",
    "corrector": "Corrector",
}
MOVES: Mapping[str, float] = {
    "threshold": 0.05,
    "factor": 0.1,
    "entropy_bound": 0.1,
    "eta": 0.05,
    "edit_threshold": 0.05,
    "corrector": 0.05,
}  # what a number moves by


def fields_of(rule: Rule, remasking: Remasking = "cap") -> tuple[str, ...]:
    """The fields that a rule reads beside ``order`` and ``block``; conf has no eta.

    Those of the loop phase are not among them: they are asked for where there is room.
    """
    unread = {*LOOP_FIELDS, *(["eta"] if remasking == "conf" else [])}
    return tuple(name for name in RULE_FIELDS[rule] if name not in unread)


def reads_order(rule: Rule) -> bool:
    """Whether the order of unmasking matters to a rule."""
    return rule in READS_ORDER
