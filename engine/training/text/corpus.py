"""Texts as rows of token ids: vocabulary, rows grouped by length, batches by step number."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.training.text.world import TextWorld, tokenize

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = range(5)
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_MARKS = ".,?!'-:;()\""
LONGEST = 30  # words and marks
HELD_OUT_SEED = 1_000_003


def generate(seed: int, count: int) -> list[list[str]]:
    """Tokenized texts of the text world, none longer than LONGEST."""
    world = TextWorld(seed)
    return [tokenize(world.text())[:LONGEST] for _ in range(count)]


def vocabulary(texts: Sequence[Sequence[str]]) -> list[str]:
    """Specials, every word by falling frequency, then letters to spell any other word with."""
    counts = Counter(token for text in texts for token in text)
    words = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    pieces = [*SPECIAL, *words, *_LETTERS, *_MARKS, *(f"##{letter}" for letter in _LETTERS)]
    return list(dict.fromkeys(pieces))


def known_words(texts: Sequence[Sequence[str]]) -> list[str]:
    """The words seen in training, sorted."""
    return sorted({token for text in texts for token in text if token.isalpha()})


class LengthGrouped:
    """Rows of ids in one array a length, so that a batch needs no padding."""

    def __init__(self, texts: Sequence[Sequence[str]], vocab: Sequence[str]) -> None:
        ids = {token: index for index, token in enumerate(vocab)}
        rows: dict[int, list[list[int]]] = {}
        for text in texts:
            row = [CLS, *(ids.get(token, UNK) for token in text), SEP]
            rows.setdefault(len(row), []).append(row)
        self.groups = {length: np.array(group) for length, group in sorted(rows.items())}

    def batch(self, seed: int, step: int, size: int) -> np.ndarray:
        """Rows of one length, [row, position]: a function of the seed and the step alone."""
        rng = np.random.default_rng((seed, step))
        lengths = list(self.groups)
        # by the root of how many there are: long texts are rare, and harder
        share = np.sqrt([len(self.groups[length]) for length in lengths])
        group = self.groups[lengths[rng.choice(len(lengths), p=share / share.sum())]]
        rows: np.ndarray = group[rng.integers(len(group), size=size)]
        return rows


def held_out(training: Sequence[Sequence[str]], count: int) -> list[list[str]]:
    """Texts of the same world that the training set does not hold, each once."""
    seen = {tuple(text) for text in training}
    fresh: dict[tuple[str, ...], None] = {}
    world = TextWorld(HELD_OUT_SEED)
    while len(fresh) < count:
        text = tuple(tokenize(world.text())[:LONGEST])
        if text not in seen:
            fresh[text] = None
    return [list(text) for text in fresh]


def write_vocabulary(folder: Path, vocab: Sequence[str], words: Sequence[str]) -> None:
    """vocab.txt and known_words.txt, one entry a line, and the tokenizer's settings."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n")
    (folder / "known_words.txt").write_text("\n".join(words) + "\n")
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 64}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n")
