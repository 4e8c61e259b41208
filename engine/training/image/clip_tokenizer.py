"""CLIP's tokenizer with a small vocabulary of its own, learnt from the captions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"
POSITIONS = 77
WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def learn_tokenizer(texts: Iterable[str], folder: Path, *, vocabulary: int = 1400) -> CLIPTokenizer:
    """Learn byte-level BPE merges, write vocab.json and merges.txt, and return the tokenizer.

    The order of the ids is CLIP's: bytes, bytes at a word's end, merges, start, end. Any text
    tokenizes; words that the captions do not have fall into pieces down to single bytes.
    """
    merges = _merges(texts, vocabulary)
    bytes_ = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*bytes_, *(byte + "</w>" for byte in bytes_), *("".join(pair) for pair in merges)]
    vocab = {piece: k for k, piece in enumerate(dict.fromkeys([*pieces, START, END]))}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n")
    tokenizer = CLIPTokenizer(
        vocab=vocab,
        merges=list(merges),  # type: ignore[arg-type] # pairs, as the backend wants them
        model_max_length=POSITIONS,
        do_lower_case=True,
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def _merges(texts: Iterable[str], vocabulary: int) -> list[tuple[str, str]]:
    model = Tokenizer(BPE(continuing_subword_prefix="", end_of_word_suffix="</w>"))
    model.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    model.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=[],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    model.train_from_iterator(texts, trainer)
    learnt = json.loads(model.to_str())["model"]["merges"]
    return [(first, second) for first, second in learnt]
