"""What the keys of text runs and of forward processes are made of. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from cache.errors import InvalidInput
from engine.chain.keys import Chain, Facts, chain_of
from engine.text.noise_schedule import NoiseSchedule
from engine.text.spec import READS_ORDER, CorruptionSpec, Rule, ScheduleName, TextSpec

Written = tuple[tuple[int, str], ...]  # (position, word)
RULE_FIELDS: Mapping[Rule, tuple[str, ...]] = {  # beside order, which was there before
    "quota": ("schedule",),
    "ancestral": ("schedule",),
    "threshold": ("threshold",),
    "factor": ("factor",),
    "entropy-bound": ("entropy_bound",),
    "remask": ("schedule", "remasking", "eta", "t_on", "t_off", "alpha_on"),
    "edit": ("threshold", "edit_threshold"),
}

LOOP_FIELDS = ("t_on", "t_off", "alpha_on")  # there where remasking has its loop phase


def text_chain(spec: TextSpec, fingerprint: str) -> Chain:
    """The chain of a text run; as long as the steps that will really be taken."""
    return chain_of("text", spec.facts(), text_facts(spec, fingerprint))


def text_facts(spec: TextSpec, fingerprint: str) -> list[Facts]:
    """What each key of a text run is made of: the start, then every step."""
    start = {"model": fingerprint, "start": spec.start, "exact": spec.exact, "dtype": "float32"}
    if spec.kernel == "uniform":
        start |= {"kernel": spec.kernel, "seed": spec.seed}  # it starts from noise
    all_facts = [start]
    for index, in_force, written in text_steps(spec):
        facts = text_step_facts(in_force, index)
        all_facts.append(facts | {"write": written} if written else facts)
    return all_facts


def text_steps(spec: TextSpec) -> Iterator[tuple[int, TextSpec, Written]]:
    """Every step (from 1) of a text run: its index, the spec in force, what is written before it.

    Raises InvalidInput for a change after the last step, or one that leaves nothing to do.
    """
    # None: only the steps themselves can tell, or nothing ever is masked
    masks: int | None = None if spec.kernel == "uniform" else spec.mask_count
    index = 1
    changes = {change.at: change for change in spec.changes}
    while True:
        change = changes.pop(index - 1, None)
        if change is not None and change.masks_left is not None and spec.kernel != "uniform":
            masks = change.masks_left
        in_force = spec.at_step(index)
        if masks == 0 or index > in_force.steps:
            break
        yield index, in_force, change.write if change is not None else ()
        if masks is not None:
            masks = masks - quota(in_force, masks, index) if in_force.counted else None
        index += 1
    if changes:
        raise InvalidInput(f"a change must be made at step 0 to {index - 2}, got {min(changes)}")
    if change is not None:
        many = "no step is left" if masks is None else f"{masks} masks but no step is left"
        left = "nothing is masked" if masks == 0 else many
        raise InvalidInput(
            f"after step {change.at} {left}: change an earlier step"
            + (", put a mask back, or give more steps" if masks == 0 else " or give more steps")
        )


def text_step_facts(spec: TextSpec, index: int) -> dict[str, Any]:
    """What step ``index`` (from 1) depends on beside the state before it."""
    return {
        "steps_left": spec.steps - index + 1,
        "temperature": spec.temperature,
        "top_k": spec.top_k,
        "top_p": spec.top_p,
        "order": spec.order if reads_order(spec) else None,
        "suppress_special": spec.suppress_special,
        "seed": spec.seed if spec.stochastic else None,
        **(_uniform_facts if spec.kernel == "uniform" else _rule_facts)(spec, index),
        **_steering_facts(spec, index),
    }


def reads_order(spec: TextSpec) -> bool:
    """Whether the order of unmasking matters."""
    return spec.rule in READS_ORDER and spec.kernel == "absorbing"


def _steering_facts(spec: TextSpec, index: int) -> dict[str, Any]:
    """What steers a step; nothing where nothing does."""
    facts: dict[str, Any] = {}
    if spec.guidance_at(index) > 0:
        facts["guidance"] = spec.guidance_at(index)
    if spec.controls:
        facts |= {"controls": list(spec.controls), "control_strength": spec.control_strength}
    return facts


def _uniform_facts(spec: TextSpec, index: int) -> dict[str, Any]:
    """What a step back of the uniform kernel reads: where it is, and how it gets there."""
    facts = {"kernel": spec.kernel, "schedule": spec.schedule, "index": index}
    return facts | ({"corrector": spec.corrector} if spec.corrector else {})


def _rule_facts(spec: TextSpec, index: int) -> dict[str, Any]:
    """What a step's rule reads; nothing for the quota that was there before there were rules."""
    facts: dict[str, Any] = {name: getattr(spec, name) for name in fields_read(spec)}
    if spec.rule == "quota" and spec.schedule == "linear":
        facts = {}
    if spec.rule != "quota":
        facts["rule"] = spec.rule
    if spec.block is not None:
        facts["block"] = spec.block
    return facts | {"index": index} if facts else facts


def fields_read(spec: TextSpec) -> tuple[str, ...]:
    """The fields that a spec's rule reads: conf has no eta, no loop phase none of its own."""
    unread: tuple[str, ...] = ()
    if spec.rule == "remask":
        unread = ("eta",) * (spec.remasking == "conf") + LOOP_FIELDS * (spec.t_on is None)
    return tuple(name for name in RULE_FIELDS[spec.rule] if name not in unread)


def quota(spec: TextSpec, masks: int, index: int) -> int:
    """How many of ``masks`` masked positions step ``index`` (from 1) reveals under ``quota``."""
    return share(spec.schedule, masks, index, spec.steps, spec.mask_count)


def share(schedule: ScheduleName, masks: int, step: int, steps: int, at_start: int) -> int:
    """How many of ``masks`` masked positions step ``step`` of ``steps`` reveals, at least one.

    Linear: floor(m / (steps - s)) at step s from 0, an even share of what is left. Other
    schedules: what leaves ceil(gamma(step / steps) M) of the M that were masked at the start
    (MaskGIT, Chang et al. 2022, 2202.04200, algorithm of section 3.2; cosine is its
    gamma(r) = cos(pi r / 2)). The last step reveals the rest.
    """
    if masks == 0:
        return 0
    if schedule == "linear":
        return reveal_counts(masks, steps - step + 1)[0]
    gamma = NoiseSchedule(schedule).mask_probability(1 - step / steps) if step < steps else 0.0
    left = math.ceil(gamma * at_start - 1e-9)  # cos(pi / 3) is a little more than a half
    return min(masks, max(1, masks - left))


def reveal_counts(masks: int, steps: int) -> list[int]:
    """How many positions each step reveals: max(1, floor(m / (steps - s))) until none is left."""
    counts = []
    for step in range(steps):
        if masks == 0:
            break
        counts.append(max(1, masks // (steps - step)))
        masks -= counts[-1]
    return counts


def corruption_chain(spec: CorruptionSpec, fingerprint: str) -> Chain:
    """The chain of a forward process: level k depends on the draw and on k / steps."""
    return chain_of("corruption", spec.facts(), corruption_facts(spec, fingerprint))


def corruption_facts(spec: CorruptionSpec, fingerprint: str) -> list[Facts]:
    """What each key of a forward process is made of: the start, then every level."""
    schedule = NoiseSchedule(spec.schedule)
    facts: Facts = {"coupling": spec.coupling, "seed": spec.seed, "steps": spec.steps}
    if spec.kernel == "uniform":
        facts |= {"kernel": spec.kernel}
    levels = [
        facts | {"level": n, "mask_probability": schedule.mask_probability(n / spec.steps)}
        for n in range(1, spec.steps + 1)
    ]
    return [{"model": fingerprint, "text": spec.text}, *levels]
