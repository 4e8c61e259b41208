"""Whether a folder is a text model that can be run, from its files alone. No torch.

Plans ask this, so that the command line and the pages refuse before anything is computed, and
whether or not it is stored already. ``engine.text.loading`` checks once more what was loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cache.errors import InvalidInput, ModelDamaged
from engine.models.model_files import CONFIG, INDEX, weight_paths
from engine.models.registry import FoundModel
from engine.models.weight_files import TensorFacts, read_json, tensor_facts
from engine.models.word_pieces import WordPieces, read_word_pieces

SIZES = (
    *("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers"),
    *("max_position_embeddings", "type_vocab_size"),
)
DEFAULTS = dict(zip(SIZES, (30522, 768, 3072, 12, 512, 2), strict=True))
FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
# what a checkpoint of a masked language model may hold beside it
BESIDE = re.compile(
    r"bert\.pooler\.|cls\.seq_relationship\.|.*\bposition_ids$|"
    r"cls\.predictions\.decoder\.(weight|bias)$|cls\.predictions\.bias$"
)


@dataclass(frozen=True)
class TextFacts:
    """What a text model's folder says of itself."""

    rows: int  # the tokens the model can write
    positions: int  # the longest text, [CLS] and [SEP] included
    words: WordPieces


@lru_cache(maxsize=16)
def text_facts(found: FoundModel) -> TextFacts:
    """The facts of a folder that can be run as a text model.

    Raises InvalidInput when it is another kind of model, ModelDamaged when something is missing
    from it or cannot be read.
    """
    folder = found.folder
    config = _masked_language_model(found)
    sizes = _sizes(folder / CONFIG, config)
    _check_tensors(found, config, sizes)
    words = read_word_pieces(folder)
    check_tokenizer(found.name, words.pieces, words.roles, words.tokens, sizes["vocab_size"])
    return TextFacts(sizes["vocab_size"], sizes["max_position_embeddings"], words)


def check_tokenizer(
    name: str,
    pieces: tuple[str, ...],
    roles: Mapping[str, int],
    tokens: Mapping[str, str],
    rows: int,
) -> None:
    """Raise ModelDamaged for a tokenizer that does not fit a model of so many rows."""
    if len(pieces) > rows:
        raise ModelDamaged(
            f"the tokenizer of {name} has {len(pieces)} pieces (the last is {pieces[-1]!r}), "
            f"its model only {rows}: they do not belong together"
        )
    for role in ("mask_token", "cls_token", "sep_token"):
        if role not in roles:
            missing = tokens.get(role, "none")
            raise ModelDamaged(f"the tokenizer of {name} has no {role} ({missing})")
    special = {role: roles[role] for role in ("mask_token", "cls_token", "sep_token")}
    if len(set(special.values())) < len(special):
        raise ModelDamaged(f"the tokenizer of {name} has one id for several of {special}")


def _masked_language_model(found: FoundModel) -> dict[str, Any]:
    """The config of a BERT. Raises InvalidInput, naming what else it is."""
    folder = found.folder
    if not (folder / CONFIG).exists() and (folder / INDEX).exists():
        raise InvalidInput(f"model {found.name!r} is a pipeline of images, not a text model")
    if (folder / "adapter_config.json").exists():
        raise InvalidInput(f"model {found.name!r} is an adapter of another model: merge them first")
    config = read_json(folder / CONFIG)
    kind = config.get("model_type", "bert")  # the first BERTs had none: their tensors decide
    if kind != "bert":
        raise InvalidInput(
            f"model {found.name!r} is a {kind}: {kind} is not supported yet as a text model; "
            "text models are BERT with a masked language model head (BertForMaskedLM)"
        )
    if config.get("quantization_config") is not None:
        raise InvalidInput(f"model {found.name!r} is quantised, which is not supported yet")
    if config.get("is_decoder"):
        raise InvalidInput(
            f"model {found.name!r} is a decoder (is_decoder in {CONFIG}): it sees no words to the "
            "right of a mask"
        )
    position = config.get("position_embedding_type", "absolute")
    if position != "absolute":
        raise InvalidInput(f"model {found.name!r} has positions of type {position}: not supported")
    return config


def _sizes(path: Path, config: Mapping[str, Any]) -> dict[str, int]:
    sizes = {name: config.get(name, DEFAULTS[name]) for name in SIZES}
    for name, value in sizes.items():
        if type(value) is not int or value < 1:
            raise ModelDamaged(f"{path}: {name} must be a whole number above 0, got {value!r}")
    if sizes["max_position_embeddings"] < 3:
        raise ModelDamaged(f"{path}: max_position_embeddings must be at least 3")
    return sizes


def _check_tensors(found: FoundModel, config: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
    there = {_modern(name): facts for name, facts in _tensors(found.folder).items()}
    if not any(name.startswith("bert.") for name in there):
        there = {n if n.startswith("cls.") else f"bert.{n}": f for n, f in there.items()}
    expected = dict(_expected(sizes, tied=config.get("tie_word_embeddings", True) is not False))
    if "cls.predictions.bias" not in there and "cls.predictions.decoder.bias" in there:
        there["cls.predictions.bias"] = there["cls.predictions.decoder.bias"]
    missing = [name for name in expected if name not in there]
    if missing:
        raise _not_all(found, config, missing)
    for name, shape in expected.items():
        if there[name].shape != shape:
            raise ModelDamaged(
                f"{found.folder}: {name} must be {_by(shape)} by {CONFIG}, "
                f"its weights are {_by(there[name].shape)}"
            )
        if there[name].dtype not in FLOATS:
            raise InvalidInput(
                f"model {found.name!r} keeps {name} as {there[name].dtype}: quantised weights "
                "are not supported yet"
            )
    if beside := unknown_tensors(there.keys() - expected.keys()):
        raise ModelDamaged(
            f"{found.folder} holds weights that {CONFIG} knows nothing of: {_some(beside)}"
        )


def unknown_tensors(names: Iterable[str]) -> list[str]:
    """Of tensors that a BertForMaskedLM has no use for, those that no checkpoint should hold."""
    return sorted(name for name in names if not BESIDE.match(name))


def _not_all(found: FoundModel, config: Mapping[str, Any], missing: list[str]) -> Exception:
    head = [name for name in missing if name.startswith("cls.")]
    if len(head) == len(missing):
        declared = config.get("architectures")
        what = f" (it is a {', '.join(map(str, declared))})" if isinstance(declared, list) else ""
        return InvalidInput(
            f"model {found.name!r} has no masked language model head{what}: "
            f"its weights lack {_some(head)}"
        )
    return ModelDamaged(f"{found.folder}: its weights lack {_some(missing)}")


def _tensors(folder: Path) -> dict[str, TensorFacts]:
    found: dict[str, TensorFacts] = {}
    for path in weight_paths(folder):
        if not path.is_file():
            raise ModelDamaged(f"{path} is missing: the index of weights names it")
        found |= tensor_facts(path)
    return found


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


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a number"


def _some(names: list[str]) -> str:
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")
