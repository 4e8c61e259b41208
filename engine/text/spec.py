"""What may be asked of the text models: texts to unmask, texts to corrupt. No torch."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
)

from cache.errors import InvalidInput
from engine.chain.axis_values import shown, shown_number
from engine.chain.specs import Change, Forkable, ModelName, Seed, Spec, Steps, Words, changes_of
from engine.text.steering import (
    Controls,
    Guidance,
    Interval,
    Strength,
    check_guidance,
    guidance_at,
)

MASK = "[MASK]"
# how tokenizers may write their own mask; which of it is one, the model's folder says (fitting)
OWN_MASK = re.compile(r"<\|?mask\|?>|\[mask\]", re.IGNORECASE)
LOOSE_TOP_K = 5  # what a greedy text draws from once it is continued at random
Order = Literal["confidence", "margin", "entropy", "random", "left-to-right"]
ScheduleName = Literal["linear", "cosine", "geometric"]
Rule = Literal["quota", "ancestral", "threshold", "factor", "entropy-bound", "remask", "edit"]
Remasking = Literal["cap", "rescale", "conf"]
KernelName = Literal["absorbing", "uniform"]
MODEL_OF: dict[str, str] = {"absorbing": "builtin-bert", "uniform": "builtin-uniform"}
Coupling = Literal["nested", "independent"]
Temperature = Annotated[float, Field(ge=0.01, le=10.0, strict=False)]
TopK = Annotated[int, Field(ge=1, le=100_000)]
TopP = Annotated[float, Field(gt=0.0, le=1.0, strict=False)]
Threshold = Annotated[float, Field(gt=0.0, le=1.0, strict=False)]
Factor = Annotated[float, Field(ge=0.01, le=100.0, strict=False)]
EntropyBound = Annotated[float, Field(ge=0.0, le=100.0, strict=False)]  # nats
Block = Annotated[int, Field(ge=1, le=510)]
Eta = Annotated[float, Field(ge=0.0, le=1.0, strict=False)]
Time = Annotated[float, Field(ge=0.0, le=1.0, strict=False)]  # 1: all noise, 0: the text
Share = Annotated[float, Field(ge=0.0, le=1.0, strict=False)]
Kept = Annotated[float, Field(gt=0.0, lt=1.0, strict=False)]
ALWAYS_DRAWS: frozenset[Rule] = frozenset(("ancestral", "remask"))
TAKES_BACK: frozenset[Rule] = frozenset(("remask", "edit"))  # what was written may change
READS_ORDER: frozenset[Rule] = frozenset(("quota", "entropy-bound"))
# fields that came after the first stores: left out of what is stored where they are as before
LATER = (
    *("rule", "schedule", "threshold", "factor", "entropy_bound", "remasking", "eta", "block"),
    *("edit_threshold", "t_on", "t_off", "alpha_on"),
    *("kernel", "corrector", "guidance", "guidance_interval", "controls", "control_strength"),
)


def _writes(value: Any) -> Any:
    if not isinstance(value, tuple | list):
        raise InvalidInput(f"write must be a list of positions and words, got {shown(value)}")
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
            raise InvalidInput(
                f"write must be pairs of a position 0 to 509 and a word, got {shown(item)}"
            )
    if len({position for position, _ in listed}) < len(listed):
        raise InvalidInput("write must name each position once")
    return tuple(sorted(listed))


class TextChange(Change):
    """A fork of a text run; ``write`` puts words, or [MASK], at positions after step ``at``.

    ``masks_left`` says how many positions are masked once that is written: the length of the
    chain depends on it. ``engine.experiments.forks.fork`` counts it.
    """

    temperature: Temperature = 1.0
    top_k: TopK | None = None
    top_p: TopP | None = None
    order: Order = "confidence"
    rule: Rule = "quota"
    schedule: ScheduleName = "linear"
    threshold: Threshold = 0.9
    factor: Factor = 1.0
    entropy_bound: EntropyBound = 0.1
    remasking: Remasking = "conf"
    eta: Eta = 0.1
    t_on: Time | None = None
    t_off: Time = 0.05
    alpha_on: Kept = 0.9
    edit_threshold: Threshold = 0.9
    block: Block | None = None
    corrector: Share = 0.0
    guidance: Guidance = 0.0
    guidance_interval: Interval = None
    controls: Controls = ()
    control_strength: Strength = 4.0
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
    distribution). The ``rule`` says what a step reveals and takes back (``engine.text.rules``):
    by default max(1, floor(m / (steps - s))) of m masks at step s, the classic MaskGIT-style
    recipe on an absorbing chain (D3PM, arXiv:2107.03006). The rules ``ancestral`` and ``remask``
    draw always, from the full distribution unless it is cut. Each rule reads its own fields:
    ``schedule`` (quota, ancestral, remask), ``order`` (quota, entropy-bound), ``threshold``,
    ``factor``, ``entropy_bound`` (nats), ``remasking`` and ``eta`` (remask; cap and rescale),
    ``t_on``, ``t_off`` and ``alpha_on`` (remask's loop phase; without ``t_on`` there is none),
    ``threshold`` and ``edit_threshold`` (edit); the others do nothing. ``block`` keeps any of
    them to so many positions at a time, from left to right. ``steps`` is the most there can be: a
    rule that may be done sooner leaves the rest without a model call.

    ``kernel`` uniform (D3PM with uniform noise): from random words, every one redrawn at every
    step by the posterior; no rule, ``schedule`` is that of its noise, ``corrector`` the share of
    each step that redraws from the marginal instead (``engine.text.uniform``).

    ``guidance`` w, one scale or one for each step, ``guidance_interval`` its first and last step:
    logits (1 + w) l - w l_u, where l_u are those without the given words (classifier-free guidance
    of text, Nie et al. 2024, 2410.18514; 0 is without it). ``controls`` as ``must:sea`` add
    ``control_strength`` times an energy to the logits (``engine.text.controls``).
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
    rule: Rule = "quota"
    schedule: ScheduleName = "linear"
    threshold: Threshold = 0.9
    factor: Factor = 1.0
    entropy_bound: EntropyBound = 0.1
    remasking: Remasking = "conf"
    eta: Eta = 0.1
    t_on: Time | None = None
    t_off: Time = 0.05
    alpha_on: Kept = 0.9
    edit_threshold: Threshold = 0.9
    block: Block | None = None
    kernel: KernelName = "absorbing"
    corrector: Share = 0.0
    guidance: Guidance = 0.0
    guidance_interval: Interval = None
    controls: Controls = ()
    control_strength: Strength = 4.0
    seed: Seed = 0
    suppress_special: bool = True
    exact: bool = False
    changes: Annotated[tuple[TextChange, ...], changes_of(TextChange)] = ()

    def model_post_init(self, _: Any) -> None:
        if (self.length is None) == (self.template is None):
            raise InvalidInput("give either length or template, not both and not neither")
        if self.template is not None and not (
            MASK in self.template or OWN_MASK.search(self.template)
        ):
            got = shown(self.template)
            raise InvalidInput(f"template must contain at least one {MASK}, got {got}")
        if self.t_on is not None and self.t_on <= self.t_off:
            raise InvalidInput(
                f"t_on must be above t_off, which is {shown_number(self.t_off)}, "
                f"got {shown_number(self.t_on)}: time runs from 1 to 0"
            )
        if self.t_on is not None and self.rule == "remask" and self.remasking == "conf":
            raise InvalidInput(
                "t_on needs remasking cap or rescale: conf only takes back while alpha stands still"
            )
        check_guidance(self.guidance, self.guidance_interval, self.steps)
        if self.kernel == "uniform":
            self._check_uniform()
        if self.changes:
            self.at_step(self.changes[-1].at + 1)  # raises what the changes would make wrong

    def _check_uniform(self) -> None:
        """Whether nothing is asked for that a kernel without masks does not have."""
        if self.rule != "quota" or self.block is not None:
            asked = f"rule {self.rule}" if self.rule != "quota" else f"block {self.block}"
            raise InvalidInput(
                f"kernel uniform has no masks, so no rule and no block: leave them out, got {asked}"
            )
        if self.guided:
            raise InvalidInput(
                "guidance must be 0 with kernel uniform: it masks the template's words"
            )

    @property
    def guided(self) -> bool:
        """Whether any step is."""
        return any(self.guidance_at(index) > 0 for index in range(1, self.steps + 1))

    def guidance_at(self, index: int) -> float:
        """The guidance scale of step ``index`` (from 1)."""
        return guidance_at(self.guidance, self.guidance_interval, index)

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
        drawn = self.top_k is not None or self.top_p is not None or self.always_draws
        return drawn or (self.order == "random" and self.rule in READS_ORDER)

    @property
    def always_draws(self) -> bool:
        """Whether its tokens are drawn even when neither top-k nor top-p is given."""
        return self.rule in ALWAYS_DRAWS or self.kernel == "uniform"

    @property
    def steered(self) -> bool:
        """Whether any step's proposals are not the model's own."""
        return bool(self.controls) or self.guided

    @property
    def counted(self) -> bool:
        """Whether what each step reveals follows from how many positions are masked."""
        return self.rule == "quota" and self.block is None and self.kernel == "absorbing"

    @property
    def always_counted(self) -> bool:
        """Whether it is ``counted`` at every step, whatever was changed on the way."""
        return all(self.at_step(at + 1).counted for at in (0, *(c.at for c in self.changes)))

    def facts(self) -> dict[str, Any]:
        """The spec as plain JSON values; later fields are there where they are not as before."""
        fields = type(self).model_fields
        return {
            name: value
            for name, value in super().facts().items()
            if name not in LATER or getattr(self, name) != fields[name].default
        }

    def loosened(self) -> dict[str, Any]:
        """What must change for later steps to draw anything: a greedy text is drawn from top-k."""
        return {} if self.stochastic else {"top_k": LOOSE_TOP_K}


class CorruptionSpec(Spec):
    """One text to corrupt towards [MASK], or random words, by the forward process of D3PM.

    ``nested`` is a true chain: what is masked stays masked, and of the ``uniform`` kernel each
    level redraws some words of the one before; ``independent`` draws every level afresh from its
    marginal.
    """

    kind: Literal["corruption"] = "corruption"
    model: ModelName = "builtin-bert"
    text: Words
    schedule: ScheduleName = "linear"
    coupling: Coupling = "nested"
    steps: Steps = 10
    seed: Seed = 0
    kernel: KernelName = "absorbing"

    def facts(self) -> dict[str, Any]:
        """The spec as plain JSON values; the kernel where it is not the one that was first."""
        facts = super().facts()
        if self.kernel == "absorbing":
            del facts["kernel"]
        return facts
