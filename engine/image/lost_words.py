"""What of a picture's prompts its model will not hear, before anything is computed. No torch."""

from __future__ import annotations

from cache.errors import StepscopeError
from engine.image.keys import image_turns, position_of
from engine.image.prompt_tokens import Reading, prompt_tokenizer
from engine.image.spec import ImageSpec
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import FoundModel, never_saw, unknown_words
from engine.models.scheduler_config import settings_sentence


def heard_of_image(spec: ImageSpec) -> tuple[object, ...]:
    """What of a spec decides what is lost: seeds and sizes do not."""
    names = ("model", "prompt", "negative_prompt", "guidance", "guidance_interval", "sampler")
    return (*(getattr(spec, name) for name in names), spec.steps, spec.changes)


def lost_of_image(model: FoundModel, spec: ImageSpec) -> list[str]:
    """A sentence for each thing that a spec asks for in vain, of its model and of its guidance."""
    try:
        facts = pipeline_facts(model)
        turns = image_turns(spec)
    except StepscopeError:
        return []  # planning says what is wrong with a model
    lines: list[str] = []
    for text in dict.fromkeys(turn.spec.prompt for turn in turns):
        lines += lost_of_prompt(model, text)
    for negative in dict.fromkeys(t.spec.negative_prompt for t in turns if t.spec.negative_prompt):
        guided = any(
            turn.spec.guidance_at(position_of(turn.spec.sampler, turn.evaluation)) > 1
            for turn in turns
            if turn.spec.negative_prompt == negative
        )
        if facts.embeds_guidance:
            lines.append(
                f"the negative prompt {quoted(negative)} has no effect: {model.name} takes the "
                "guidance scale as an input and makes no unconditional call"
            )
        elif not guided:
            lines.append(
                f"the negative prompt {quoted(negative)} has no effect: guidance is 1 at every "
                "step, which makes no unconditional call"
            )
        else:
            lines += lost_of_prompt(model, negative)
    for sampler in dict.fromkeys(turn.spec.sampler for turn in turns):
        if (unheard := settings_sentence(facts.scheduler, sampler)) is not None:
            lines.append(unheard)
    return [*lines, *facts.left_out]


def lost_of_prompt(model: FoundModel, text: str) -> list[str]:
    """What of one prompt is cut off, has no token, or was never learned."""
    lines = cut_of_prompt(model, text)
    if unknown := unlearned(model, text):
        lines.append(never_saw(model.name, unknown))
    return lines


def cut_of_prompt(model: FoundModel, text: str) -> list[str]:
    """What of one prompt is cut off, or has no token."""
    reading = reading_of(model, text)
    lines = []
    if reading is not None and reading.cut:
        lines.append(
            f"{model.name} reads the first {reading.room} of {reading.tokens} tokens of "
            f"{quoted(text)}; cut off: {reading.cut}"
        )
    if reading is not None and reading.unknown:
        lines.append(
            f"{model.name} has no token for {', '.join(reading.unknown)} in {quoted(text)}: "
            "they are lost"
        )
    return lines


def unlearned(model: FoundModel, text: str) -> list[str]:
    """The words of a text that the model reads but never saw in training, each once."""
    reading = reading_of(model, text)
    read = text if reading is None else reading.kept
    return list(dict.fromkeys(unknown_words(model, read)))


def reading_of(model: FoundModel, text: str) -> Reading | None:
    """A prompt as the model reads it; None where its tokenizer cannot be read here."""
    tokenizer = prompt_tokenizer(model)
    return None if tokenizer is None else tokenizer.read(text)


def quoted(text: str) -> str:
    """A prompt by its first words, in one line."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else line[:57] + "...")
