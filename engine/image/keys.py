"""The chain of keys of an image run, and which model evaluation each of its steps is. No torch.

One step of the chain is one evaluation of the U-Net and the scheduler's answer to it: what
diffusers' ``callback_on_step_end`` sees. Most samplers take one evaluation for each step asked
for; Heun takes two for all but the last, PNDM one more to warm up. ``position`` says which step
of the schedule, from 1, an evaluation belongs to. Numeric timesteps are not in the keys: sampler,
steps and the model's fingerprint (its scheduler config included) determine them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cache import keys
from cache.errors import InvalidInput
from engine.chain.keys import Chain, Facts, chain_of
from engine.image.spec import DecodeSpec, ImageSpec, Shown

DEEPCACHE_INTERVAL = 3  # evaluations from one whole pass of the U-Net to the next


def evaluations(sampler: str, steps: int) -> int:
    """How many times a sampler evaluates the model over a whole schedule."""
    if sampler == "heun":
        return 2 * steps - 1
    if sampler == "pndm" and steps > 1:
        return steps + 1
    return steps


def position_of(sampler: str, evaluation: int) -> int:
    """The step of the schedule, from 1, that an evaluation (from 1) belongs to."""
    if sampler == "heun":
        return (evaluation + 1) // 2
    if sampler == "pndm":
        return max(1, evaluation - 1)
    return evaluation


def first_evaluation(spec: ImageSpec) -> int:
    """How many evaluations of the schedule an init image skips (2 a step for Heun)."""
    return spec.skipped_steps * (2 if spec.sampler == "heun" else 1)


def image_chain(spec: ImageSpec, fingerprint: str) -> Chain:
    """The chain of an image run. ``spec`` must be resolved: width and height known."""
    return chain_of("image", spec.facts(), image_facts(spec, fingerprint))


def image_facts(spec: ImageSpec, fingerprint: str) -> list[Facts]:
    """What each key of an image run is made of: the start, then every step."""
    start = image_start_facts(spec, fingerprint)
    return [start, *(image_step_facts(spec, turn) for turn in image_turns(spec))]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one step of an image run is: the spec in force, and which evaluation of its sampler."""

    spec: ImageSpec
    evaluation: int  # from 1, in the sampler's own schedule
    skipped: int  # evaluations of that schedule before the sampler's first here


def image_turns(spec: ImageSpec) -> list[Turn]:
    """Every step of an image run, in order.

    Raises InvalidInput for a change after the last step, or in the middle of a sampler's step.
    """
    turns: list[Turn] = []
    skipped = first_evaluation(spec)
    in_force, evaluation = spec.at_step(1), skipped + 1
    if in_force.sampler != spec.sampler:
        skipped, evaluation = _taken_over(spec, in_force, skipped)
    while evaluation <= evaluations(in_force.sampler, spec.steps):
        turns.append(Turn(in_force, evaluation, skipped))
        after = spec.at_step(len(turns) + 1)
        evaluation += 1
        if after.sampler != in_force.sampler:
            skipped, evaluation = _taken_over(in_force, after, evaluation - 1)
        in_force = after
    if spec.changes and spec.changes[-1].at >= len(turns):
        last = len(turns) - 1
        raise InvalidInput(f"a change must be at step 0 to {last}, got {spec.changes[-1].at}")
    return turns


def _taken_over(before: ImageSpec, after: ImageSpec, evaluation: int) -> tuple[int, int]:
    """(skipped, evaluation) of a sampler that goes on after an evaluation of another's."""
    if not _ends_a_step(before.sampler, evaluation, before.steps):
        raise InvalidInput(
            f"sampler cannot change in the middle of a step of {before.sampler}: it takes two "
            "evaluations; choose the step before or after"
        )
    done = position_of(before.sampler, evaluation) if evaluation else 0
    skipped = 2 * done if after.sampler == "heun" else done
    return skipped, skipped + 1


def _ends_a_step(sampler: str, evaluation: int, steps: int) -> bool:
    """Whether an evaluation (0: the start) is the last one of a step of the schedule."""
    if evaluation in (0, evaluations(sampler, steps)):
        return True
    return position_of(sampler, evaluation + 1) > position_of(sampler, evaluation)


def whole_steps(spec: ImageSpec) -> list[int]:
    """After which steps of a run, 0 for the start, another sampler could take over.

    All but the last, except in the middle of a step of Heun's or of PNDM's warm-up.
    """
    turns = image_turns(spec)
    ended = [
        i
        for i, turn in enumerate(turns[:-1], start=1)
        if _ends_a_step(turn.spec.sampler, turn.evaluation, spec.steps)
    ]
    return [0, *ended]


def image_start_facts(spec: ImageSpec, fingerprint: str) -> dict[str, Any]:
    """What the initial latents and every step depend on.

    The sampler and the number of steps are here because they scale the initial noise.
    """
    init = {"image": spec.init_image, "skipped": spec.skipped_steps} if spec.init_image else None
    corrected = {"corrected": True} if spec.sampler in spec.corrected else {}
    return {
        "model": fingerprint,
        "prompt": spec.prompt,
        "seed": spec.seed,
        "width": spec.width,
        "height": spec.height,
        "sampler": spec.sampler,
        "steps": spec.steps,
        "init": init,
        "precision": spec.precision,
        "exact": spec.exact,
        "attention_slicing": spec.attention_slicing,
        "accelerator": spec.accelerator,
        **corrected,
    }


def image_step_facts(spec: ImageSpec, turn: Turn) -> dict[str, Any]:
    """What one step depends on beside the state before it.

    What the start of the chain says already is named only where a change made it another.
    """
    now = turn.spec
    guidance = now.guidance_at(position_of(now.sampler, turn.evaluation))
    facts: dict[str, Any] = {
        "evaluation": turn.evaluation,
        "guidance": guidance,
        "negative_prompt": now.negative_prompt if guidance > 1 else None,
        "eta": now.eta,
    }
    for name in ("prompt", "sampler"):
        if getattr(now, name) != getattr(spec, name):
            facts[name] = getattr(now, name)
    if "sampler" in facts and now.sampler in spec.corrected:
        facts["corrected"] = True
    if now.stochastic and now.seed != spec.seed:
        facts["noise_seed"] = now.seed
    return facts


def last_whole_pass(spec: ImageSpec, index: int) -> int:
    """The step at or before ``index`` (from 1) at which DeepCache runs the whole U-Net.

    Every third one, and wherever guidance begins or ends: the features of one batch do not fit
    the other.
    """
    while not _is_whole(spec, index):
        index -= 1
    return index


def _is_whole(spec: ImageSpec, index: int) -> bool:
    if (index - 1) % DEEPCACHE_INTERVAL == 0:
        return True
    guided = [_guidance(spec, i) > 1 for i in (index - 1, index)]
    return guided[0] != guided[1]


def _guidance(spec: ImageSpec, index: int) -> float:
    return spec.guidance_at(position_of(spec.sampler, first_evaluation(spec) + index))


def decode_chain(spec: DecodeSpec, _fingerprint: str = "") -> Chain:
    """The keys of some steps' pictures, as a chain, so that they are asked for like any run."""
    pictures = tuple(decode_key(f"step:{step}", spec.shows) for step in spec.steps)
    return Chain(run=keys.key("run", {"kind": "decode", "spec": spec.facts()}), step_keys=pictures)


def decode_facts(spec: DecodeSpec, fingerprint: str) -> list[Facts]:
    """What the keys of some pictures are made of: the step, and what of it is shown."""
    return [{"model": fingerprint, "step": step, "shows": spec.shows} for step in spec.steps]


def decode_shared(spec: DecodeSpec, _fingerprint: str, _chain: Chain) -> tuple[str, ...]:
    """What pictures need beside themselves: the steps that they show."""
    return tuple(f"step:{step}" for step in spec.steps)


def decode_key(step_key: str, shows: Shown) -> str:
    """Where the autoencoder's picture of a step is stored."""
    return "decode:" + keys.key("decode", {"step": step_key, "shows": shows})


def preview_key(fingerprint: str) -> str:
    """Where a model's latent-to-RGB matrix is stored."""
    return "preview:" + keys.key("preview", {"model": fingerprint})


def prompt_key(fingerprint: str, prompt: str, negative: bool, precision: str) -> str:
    """Where a prompt's embedding is stored."""
    facts = {"model": fingerprint, "prompt": prompt, "negative": negative, "precision": precision}
    return "prompt:" + keys.key("prompt", facts)


def encoded_key(fingerprint: str, picture: str, width: int, height: int, precision: str) -> str:
    """Where the autoencoder's encoding of an init image is stored."""
    facts = {"model": fingerprint, "picture": picture, "width": width, "height": height}
    return "encoded:" + keys.key("encoded", facts | {"precision": precision})


def picture_key(digest: str) -> str:
    """Where a picture that was put in is stored."""
    return f"picture:{digest}"
