"""How a model's own tokenizer reads a prompt: what is cut off, and what it has no token for.

No torch and no transformers: the tokenizer's files are read by the tokenizers library alone, so
that a page can tell before anything is computed, and a cached run is told of like a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tokenizers import BertWordPieceTokenizer, Regex, Tokenizer, models, normalizers, pre_tokenizers

from cache.errors import ModelDamaged
from engine.models.registry import FoundModel
from engine.models.weight_files import read_json

END = "<|endoftext|>"
START = "<|startoftext|>"
# as transformers' CLIPTokenizer splits words
CLIP_WORDS = (
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
)
USUAL_ROOM = 77
SPECIALS = 2  # a start and an end token around every prompt


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt as a text encoder reads it; ``tokens`` and ``room`` count its start and its end."""

    tokens: int
    room: int
    read: tuple[int, ...]  # the ids that are read, without start and end
    kept: str  # the text they stand for
    cut: str  # the text that is not read, from the beginning of a word; "" for none
    unknown: tuple[str, ...]  # words with parts that the vocabulary has no token for


@dataclass(frozen=True, slots=True)
class PromptTokenizer:
    """A text encoder's tokenizer, and how many tokens it reads."""

    tokenizer: Any
    room: int
    unknown_id: int | None

    def read(self, text: str) -> Reading:
        """What becomes of a prompt."""
        encoded = self.tokenizer.encode(text, add_special_tokens=False)
        ids, offsets = encoded.ids, encoded.offsets
        most = max(0, self.room - SPECIALS)
        at = len(text) if len(ids) <= most else _word_start(text, offsets[most][0])
        unknown = [
            _word_around(text, *place)
            for number, place in zip(ids[:most], offsets[:most], strict=True)
            if number == self.unknown_id and text[slice(*place)].strip() not in (END, "[UNK]")
        ]
        return Reading(
            tokens=len(ids) + SPECIALS,
            room=self.room,
            read=tuple(ids[:most]),
            kept=text[:at],
            cut=text[at:].strip(),
            unknown=tuple(dict.fromkeys(word for word in unknown if word)),
        )


@lru_cache(maxsize=16)
def prompt_tokenizer(model: FoundModel) -> PromptTokenizer | None:
    """The tokenizer of a CLIP's or a pipeline's folder; None for one that cannot be read here."""
    whole = (model.folder / "model_index.json").exists()
    folder = model.folder / "tokenizer" if whole else model.folder
    config = model.folder / "text_encoder" / "config.json" if whole else folder / "config.json"
    try:
        tokenizer, unknown = _tokenizer(folder)
        return PromptTokenizer(tokenizer, _room(folder, config), unknown)
    except ModelDamaged:
        return None
    except Exception:  # the library raises bare Exceptions; loading the model says what is wrong
        return None


def _tokenizer(folder: Path) -> tuple[Any, int | None]:
    if (folder / "tokenizer.json").exists():
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
    elif (folder / "merges.txt").exists():
        tokenizer = _clip_tokenizer(folder)
    else:
        config = _config(folder)
        lowercase = bool(config.get("do_lower_case", True))
        words = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=lowercase)
        return words, words.token_to_id("[UNK]")
    given = _config(folder).get("unk_token", END)
    name = given.get("content") if isinstance(given, dict) else given
    unknown = tokenizer.token_to_id(str(name))
    return tokenizer, tokenizer.token_to_id("[UNK]") if unknown is None else unknown


def _clip_tokenizer(folder: Path) -> Any:
    """A byte-level BPE of vocab.json and merges.txt, as transformers' CLIPTokenizer builds it."""
    bpe = models.BPE.from_file(
        str(folder / "vocab.json"),
        str(folder / "merges.txt"),
        end_of_word_suffix="</w>",
        unk_token=END,
    )
    tokenizer = Tokenizer(bpe)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CLIP_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.add_special_tokens([START, END])
    if (folder / "added_tokens.json").exists():
        added = read_json(folder / "added_tokens.json")
        tokenizer.add_tokens(sorted(added, key=lambda name: int(added[name])))
    return tokenizer


def _room(folder: Path, config: Path) -> int:
    """How many tokens are read: what the tokenizer says, within the encoder's positions."""
    said = _config(folder).get("model_max_length")
    encoder = read_json(config)
    positions = encoder.get("text_config", encoder).get("max_position_embeddings")
    known = [int(n) for n in (said, positions) if isinstance(n, int | float) and 0 < n < 1e9]
    return min(known, default=USUAL_ROOM)


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "tokenizer_config.json"
    return read_json(path) if path.exists() else {}


def _word_start(text: str, at: int) -> int:
    """Where the word begins that a place is in the middle of."""
    while 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum():
        at -= 1
    return at


def _word_around(text: str, start: int, end: int) -> str:
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end].strip().strip(".,!?;:'\"()[]")
