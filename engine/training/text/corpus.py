"""Texts as rows of token ids: vocabulary, rows grouped by length, batches by step number."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from engine.training.text.world import TextWorld, tokenize

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = range(5)
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_MARKS = ".,?!'-:;()\""
LONGEST = 30  # words and marks
PART = 10_000  # texts that one process makes in one go
MOST_WORKERS = 16  # a container may show more cores than it has
HELD_OUT_SEED = 1_000_003


def generate(seed: int, count: int, *, workers: int = 1) -> list[list[str]]:
    """Tokenized texts of the text world, none longer than LONGEST.

    They are made in parts that each have a seed of their own, so the number of processes that make
    them changes nothing.
    """
    parts = [
        (seed, part, min(PART, count - begin)) for part, begin in enumerate(range(0, count, PART))
    ]
    if workers == 1 or len(parts) == 1:
        made = [_part(part) for part in parts]
    else:
        # not forked: the threads of a process that has torch would be left behind
        with ProcessPoolExecutor(min(workers, len(parts)), mp_context=get_context("spawn")) as pool:
            made = list(pool.map(_part, parts))
    return [line.split(" ") for lines in made for line in lines.split("\n")]


def _part(part: tuple[int, int, int]) -> str:
    """One text a line, its tokens between blanks: as one string it is quick to hand over."""
    seed, number, count = part
    seeds = np.random.SeedSequence((seed, number)).generate_state(1, np.uint64)
    world = TextWorld(int(seeds[0]))
    return "\n".join(" ".join(tokenize(world.text())[:LONGEST]) for _ in range(count))


def workers_here() -> int:
    """How many processes this machine should make texts with."""
    return min(MOST_WORKERS, os.cpu_count() or 1)


def vocabulary(texts: Sequence[Sequence[str]]) -> list[str]:
    """Specials, every word by falling frequency, then letters to spell any other word with."""
    counts = Counter(token for text in texts for token in text)
    words = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    pieces = [*SPECIAL, *words, *_LETTERS, *_MARKS, *(f"##{letter}" for letter in _LETTERS)]
    return list(dict.fromkeys(pieces))


def word_count(texts: Sequence[Sequence[str]]) -> int:
    """How many words and marks the texts hold: they follow the specials in the vocabulary."""
    return len({token for text in texts for token in text} - set(SPECIAL))


def known_words(texts: Sequence[Sequence[str]]) -> list[str]:
    """The words seen in training, sorted."""
    return sorted({token for text in texts for token in text if token.isalnum()})


class LengthGrouped:
    """Rows of ids in one array a length, so that a batch needs no padding."""

    def __init__(self, texts: Sequence[Sequence[str]], vocab: Sequence[str]) -> None:
        ids = {token: index for index, token in enumerate(vocab)}
        rows: dict[int, list[list[int]]] = {}
        for text in texts:
            row = [CLS, *(ids.get(token, UNK) for token in text), SEP]
            rows.setdefault(len(row), []).append(row)
        self.groups = {length: np.array(group) for length, group in sorted(rows.items())}
        self._lengths = list(self.groups)
        # by the root of how many there are: long texts are rare, and harder
        share = np.sqrt([len(self.groups[length]) for length in self._lengths])
        self._shares = share / share.sum()

    def draw(self, seed: int, step: int, size: int) -> tuple[int, np.ndarray]:
        """A length and which rows of it, [row]: a function of the seed and the step alone."""
        rng = np.random.default_rng((seed, step))
        length = self._lengths[rng.choice(len(self._lengths), p=self._shares)]
        return length, rng.integers(len(self.groups[length]), size=size)

    def batch(self, seed: int, step: int, size: int) -> np.ndarray:
        """Rows of one length, [row, position]: a function of the seed and the step alone."""
        length, chosen = self.draw(seed, step, size)
        rows: np.ndarray = self.groups[length][chosen]
        return rows

    @property
    def mean_words(self) -> float:
        """Words and marks of a row that ``batch`` draws, on average."""
        return float((np.array(self._lengths) - 2) @ self._shares)


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
