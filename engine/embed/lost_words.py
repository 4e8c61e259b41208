"""What of some prompts is lost in their embeddings, and which of them are the same. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from engine.embed.spec import EmbedSpec
from engine.image.lost_words import lost_of_prompt, quoted, reading_of
from engine.models.registry import FoundModel


def lost_of_embed(model: FoundModel, spec: EmbedSpec) -> list[str]:
    """A sentence for everything of the texts that the model will not hear, or not tell apart."""
    lines = [line for text in dict.fromkeys(spec.texts) for line in lost_of_prompt(model, text)]
    return lines + same_to_the_model(model, spec.texts)


def same_to_the_model(model: FoundModel, texts: Sequence[str]) -> list[str]:
    """A sentence for every set of different texts that are the same tokens to the model."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for text in dict.fromkeys(texts):
        if (reading := reading_of(model, text)) is not None:
            alike.setdefault(reading.read, []).append(text)
    lines = []
    for same in (group for group in alike.values() if len(group) > 1):
        cut = any(reading.cut for text in same if (reading := reading_of(model, text)))
        why = "they differ only in what is cut off" if cut else "they are the same tokens"
        names = ", ".join(quoted(text) for text in same[:4])
        lines.append(f"{model.name} cannot tell {len(same)} prompts apart, {why}: {names}")
    return lines
