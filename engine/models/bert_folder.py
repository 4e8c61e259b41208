"""A folder of a BERT with a masked language model head, from its files alone. No torch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cache.errors import InvalidInput, ModelDamaged
from engine.models.architectures import ARCHITECTURES
from engine.models.model_files import CONFIG
from engine.models.registry import FoundModel
from engine.models.text_checks import (
    TextFacts,
    check_tensors,
    check_tokenizer,
    size_of,
    tensors_of,
)
from engine.models.weight_files import TensorFacts
from engine.models.word_pieces import read_word_pieces

SIZES = (
    *("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers"),
    *("max_position_embeddings", "type_vocab_size"),
)
DEFAULTS = dict(zip(SIZES, (30522, 768, 3072, 12, 512, 2), strict=True))
BERT = ARCHITECTURES["bert"]


def bert_facts(model: FoundModel, config: Mapping[str, Any]) -> TextFacts:
    """The facts of a BERT's folder and its config.

    Raises InvalidInput for a BERT that cannot be run here, ModelDamaged when something is missing
    from the folder or cannot be read.
    """
    position = config.get("position_embedding_type", "absolute")
    if position != "absolute":
        raise InvalidInput(f"model {model.name!r} has positions of type {position}: not supported")
    sizes = _sizes(model.folder / CONFIG, config)
    expected = dict(_expected(sizes, tied=config.get("tie_word_embeddings", True) is not False))
    there = _named_as_today(tensors_of(model.folder))
    check_tensors(model, config, there, expected, head="cls.", beside=BERT.harmless)
    words = read_word_pieces(model.folder)
    check_tokenizer(model.name, words.pieces, words.roles, words.tokens, sizes["vocab_size"])
    return TextFacts(sizes["vocab_size"], sizes["max_position_embeddings"], words)


def _sizes(path: Path, config: Mapping[str, Any]) -> dict[str, int]:
    sizes = {name: size_of(path, config, name, DEFAULTS[name]) for name in SIZES}
    if sizes["max_position_embeddings"] < 3:
        raise ModelDamaged(f"{path}: max_position_embeddings must be at least 3")
    return sizes


def _named_as_today(tensors: Mapping[str, TensorFacts]) -> dict[str, TensorFacts]:
    there = {_modern(name): facts for name, facts in tensors.items()}
    if not any(name.startswith("bert.") for name in there):
        there = {n if n.startswith("cls.") else f"bert.{n}": f for n, f in there.items()}
    if "cls.predictions.bias" not in there and "cls.predictions.decoder.bias" in there:
        there["cls.predictions.bias"] = there["cls.predictions.decoder.bias"]
    return there


def _modern(name: str) -> str:
    """A tensor's name as it is today; checkpoints of TensorFlow's days say gamma and beta."""
    return re.sub(r"\.gamma$", ".weight", re.sub(r"\.beta$", ".bias", name))


def _expected(sizes: Mapping[str, int], *, tied: bool) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The tensors of a BertForMaskedLM with their shapes."""
    rows, width, inner = (sizes[n] for n in ("vocab_size", "hidden_size", "intermediate_size"))
    embeddings = "bert.embeddings"
    yield f"{embeddings}.word_embeddings.weight", (rows, width)
    yield f"{embeddings}.position_embeddings.weight", (sizes["max_position_embeddings"], width)
    yield f"{embeddings}.token_type_embeddings.weight", (sizes["type_vocab_size"], width)
    yield from _norm(f"{embeddings}.LayerNorm", width)
    for number in range(sizes["num_hidden_layers"]):
        layer = f"bert.encoder.layer.{number}"
        for part in ("query", "key", "value"):
            yield from _linear(f"{layer}.attention.self.{part}", width, width)
        yield from _linear(f"{layer}.attention.output.dense", width, width)
        yield from _norm(f"{layer}.attention.output.LayerNorm", width)
        yield from _linear(f"{layer}.intermediate.dense", inner, width)
        yield from _linear(f"{layer}.output.dense", width, inner)
        yield from _norm(f"{layer}.output.LayerNorm", width)
    yield from _linear("cls.predictions.transform.dense", width, width)
    yield from _norm("cls.predictions.transform.LayerNorm", width)
    yield "cls.predictions.bias", (rows,)
    if not tied:
        yield "cls.predictions.decoder.weight", (rows, width)


def _linear(name: str, out: int, into: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (out, into)
    yield f"{name}.bias", (out,)


def _norm(name: str, width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)
