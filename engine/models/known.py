"""What is known of a text model before it is run: from its files, without loading it. No torch."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engine.models.architectures import ARCHITECTURES
from engine.models.registry import FoundModel
from engine.models.text_checks import tensors_of
from engine.models.text_folder import model_type, text_facts

CARDS = ("README.md", "MODEL_CARD.md")
MOST_CARD = 200_000  # characters of a card that are read
FRONT = re.compile(r"\A---\s*\n(.*?)\n---", re.DOTALL)
IN_FRONT = re.compile(r"^licen[cs]e:\s*['\"]?([^'\"\n#]{1,60})", re.MULTILINE)
IN_TEXT = re.compile(r"(?i:licen[cs]e)[^\n:]{0,40}:\s*\**\s*([A-Z][\w.+-]{1,30})")
OWN = "Apache-2.0"  # of what Stepscope ships


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A text model as the picker shows it."""

    architecture: str  # the class of transformers
    parameters: int  # weights in its files, those of heads that are not used included
    pieces: int  # of the vocabulary
    mask: str  # as its tokenizer writes it
    longest: int  # content tokens of the longest text
    licence: str  # "" where no card says one
    stored_as: str  # the type of most of its weights: F32, BF16

    def sentence(self) -> str:
        """All of it in a line."""
        parts = [
            self.architecture,
            f"{rounded(self.parameters)} parameters",
            f"{self.pieces:,} tokens",
            f"mask {self.mask}",
            f"texts of up to {self.longest:,} tokens",
            f"licence {self.licence}" if self.licence else "no licence in its card",
        ]
        return ", ".join(parts)


@lru_cache(maxsize=16)
def known_of(model: FoundModel) -> KnownModel:
    """What the files of a text model say. Raises InvalidInput, ModelDamaged as ``text_facts``."""
    facts, architecture = text_facts(model), ARCHITECTURES[model_type(model)]
    tensors = tensors_of(model.folder)
    counts: dict[str, int] = {}
    for tensor in tensors.values():
        counts[tensor.dtype] = counts.get(tensor.dtype, 0) + math.prod(tensor.shape)
    return KnownModel(
        architecture=architecture.name,
        parameters=sum(counts.values()),
        pieces=sum(map(bool, facts.words.pieces)),
        mask=facts.words.tokens["mask_token"],
        longest=facts.positions - 2,
        licence=licence_of(model.folder) or (OWN if model.builtin else ""),
        stored_as=max(counts, key=lambda name: counts[name]),
    )


def licence_of(folder: Path) -> str:
    """The licence that a model's card names; "" where it names none."""
    for text in _cards(folder):
        front = FRONT.match(text)
        found = IN_FRONT.search(front.group(1)) if front else None
        found = found or IN_TEXT.search(text)
        if found:
            return found.group(1).strip()
    return ""


def rounded(count: int) -> str:
    """A number of parameters as people say it: 110 M, 1.3 B."""
    for unit, factor in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return str(count)


def _cards(folder: Path) -> Iterator[str]:
    for name in CARDS:
        path = folder / name
        try:
            if path.is_file():
                with path.open(encoding="utf-8", errors="replace") as file:
                    yield file.read(MOST_CARD)
        except OSError:
            continue
