"""What the keys of text runs and of forward processes are made of. No torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cache.errors import InvalidInput
from engine.chain.keys import Chain, Facts, chain_of
from engine.text.noise_schedule import NoiseSchedule
from engine.text.spec import CorruptionSpec, TextSpec

Written = tuple[tuple[int, str], ...]  # (position, word)


def text_chain(spec: TextSpec, fingerprint: str) -> Chain:
    """The chain of a text run; as long as the steps that will really be taken."""
    return chain_of("text", spec.facts(), text_facts(spec, fingerprint))


def text_facts(spec: TextSpec, fingerprint: str) -> list[Facts]:
    """What each key of a text run is made of: the start, then every step."""
    start = {"model": fingerprint, "start": spec.start, "exact": spec.exact, "dtype": "float32"}
    all_facts = [start]
    for index, in_force, written in text_steps(spec):
        facts = text_step_facts(in_force, index)
        all_facts.append(facts | {"write": written} if written else facts)
    return all_facts


def text_steps(spec: TextSpec) -> Iterator[tuple[int, TextSpec, Written]]:
    """Every step (from 1) of a text run: its index, the spec in force, what is written before it.

    Raises InvalidInput for a change after the last step, or one that leaves nothing to do.
    """
    masks, index = spec.mask_count, 1
    changes = {change.at: change for change in spec.changes}
    while True:
        change = changes.pop(index - 1, None)
        if change is not None and change.masks_left is not None:
            masks = change.masks_left
        in_force = spec.at_step(index)
        if masks == 0 or index > in_force.steps:
            break
        yield index, in_force, change.write if change is not None else ()
        masks -= reveal_counts(masks, in_force.steps - index + 1)[0]
        index += 1
    if changes:
        raise InvalidInput(f"a change must be made at step 0 to {index - 2}, got {min(changes)}")
    if change is not None:
        left = "nothing is masked" if masks == 0 else f"{masks} masks but no step is left"
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
        "order": spec.order,
        "suppress_special": spec.suppress_special,
        "seed": spec.seed if spec.stochastic else None,
    }


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
    facts = {"coupling": spec.coupling, "seed": spec.seed, "steps": spec.steps}
    levels = [
        facts | {"level": n, "mask_probability": schedule.mask_probability(n / spec.steps)}
        for n in range(1, spec.steps + 1)
    ]
    return [{"model": fingerprint, "text": spec.text}, *levels]
