"""What of a request a model will not hear: told on every path, computed or cached. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cache.errors import StepscopeError
from engine.chain.specs import Spec
from engine.embed.spec import EmbedSpec
from engine.image.keys import image_turns, position_of
from engine.image.prompt_tokens import Reading, prompt_tokenizer
from engine.image.spec import ImageSpec
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import FoundModel, find_model, never_saw, unknown_words
from engine.models.scheduler_config import settings_told


def lost_lines(specs: Iterable[Spec]) -> list[str]:
    """A sentence for each thing that some specs ask for in vain; [] where all is heard.

    What is wrong with a model is not told here: planning says it.
    """
    lines: dict[str, None] = {}
    models: dict[str, FoundModel | None] = {}
    seen: set[tuple[object, ...]] = set()
    for spec in specs:
        if not isinstance(spec, ImageSpec | EmbedSpec) or _heard(spec) in seen:
            continue
        seen.add(_heard(spec))
        if spec.model not in models:
            models[spec.model] = _found(spec.model)
        found = models[spec.model]
        if found is None:
            continue
        if isinstance(spec, ImageSpec):
            lines |= dict.fromkeys(_lost_of_image(found, spec))
        else:
            lines |= dict.fromkeys(_lost_of_embed(found, spec))
    return list(lines)


def _heard(spec: ImageSpec | EmbedSpec) -> tuple[object, ...]:
    """What of a spec decides what is lost: seeds and sizes do not."""
    if isinstance(spec, EmbedSpec):
        return spec.model, spec.texts
    names = ("model", "prompt", "negative_prompt", "guidance", "guidance_interval", "sampler")
    return (*(getattr(spec, name) for name in names), spec.steps, spec.changes)


def lost_of_text(found: FoundModel, text: str) -> list[str]:
    """What of one prompt is cut off, has no token, or was never learned."""
    lines = cut_of_text(found, text)
    if unknown := unlearned(found, text):
        lines.append(never_saw(found.name, unknown))
    return lines


def cut_of_text(found: FoundModel, text: str) -> list[str]:
    """What of one prompt is cut off, or has no token."""
    reading = _reading(found, text)
    lines = []
    if reading is not None and reading.cut:
        lines.append(
            f"{found.name} reads the first {reading.room} of {reading.tokens} tokens of "
            f"{_quoted(text)}; cut off: {reading.cut}"
        )
    if reading is not None and reading.unknown:
        lines.append(
            f"{found.name} has no token for {', '.join(reading.unknown)} in {_quoted(text)}: "
            "they are lost"
        )
    return lines


def unlearned(found: FoundModel, text: str) -> list[str]:
    """The words of a text that the model reads but never saw in training, each once."""
    reading = _reading(found, text)
    read = text if reading is None else reading.kept
    return list(dict.fromkeys(unknown_words(found, read)))


def same_to_the_model(found: FoundModel, texts: Sequence[str]) -> list[str]:
    """A sentence for every set of different texts that are the same tokens to the model."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for text in dict.fromkeys(texts):
        if (reading := _reading(found, text)) is not None:
            alike.setdefault(reading.read, []).append(text)
    lines = []
    for same in (group for group in alike.values() if len(group) > 1):
        cut = any(reading.cut for text in same if (reading := _reading(found, text)))
        why = "they differ only in what is cut off" if cut else "they are the same tokens"
        names = ", ".join(_quoted(text) for text in same[:4])
        lines.append(f"{found.name} cannot tell {len(same)} prompts apart, {why}: {names}")
    return lines


def _lost_of_image(found: FoundModel, spec: ImageSpec) -> list[str]:
    try:
        facts = pipeline_facts(found)
        turns = image_turns(spec)
    except StepscopeError:
        return []
    lines: list[str] = []
    for text in dict.fromkeys(turn.spec.prompt for turn in turns):
        lines += lost_of_text(found, text)
    for negative in dict.fromkeys(t.spec.negative_prompt for t in turns if t.spec.negative_prompt):
        guided = any(
            turn.spec.guidance_at(position_of(turn.spec.sampler, turn.evaluation)) > 1
            for turn in turns
            if turn.spec.negative_prompt == negative
        )
        if facts.embeds_guidance:
            lines.append(
                f"the negative prompt {_quoted(negative)} has no effect: {found.name} takes the "
                "guidance scale as an input and makes no unconditional call"
            )
        elif not guided:
            lines.append(
                f"the negative prompt {_quoted(negative)} has no effect: guidance is 1 at every "
                "step, which makes no unconditional call"
            )
        else:
            lines += lost_of_text(found, negative)
    for sampler in dict.fromkeys(turn.spec.sampler for turn in turns):
        if (told := settings_told(facts.scheduler, sampler)) is not None:
            lines.append(told)
    return [*lines, *facts.left_out]


def _lost_of_embed(found: FoundModel, spec: EmbedSpec) -> list[str]:
    lines = [line for text in dict.fromkeys(spec.texts) for line in lost_of_text(found, text)]
    return lines + same_to_the_model(found, spec.texts)


def _reading(found: FoundModel, text: str) -> Reading | None:
    tokenizer = prompt_tokenizer(found)
    return None if tokenizer is None else tokenizer.read(text)


def _found(name: str) -> FoundModel | None:
    try:
        return find_model(name)
    except StepscopeError:
        return None


def _quoted(text: str) -> str:
    """A prompt by its first words, in one line."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else line[:57] + "...")
