"""Tokenizers of text models that are no BERT's: byte-level, SentencePiece, amino acids. No torch.

They are read from the same files as transformers reads them. A SentencePiece file alone cannot
be: transformers would need the package sentencepiece for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

from cache.errors import InvalidInput, ModelDamaged
from engine.models.architectures import Architecture
from engine.models.text_tokenizer import TextTokenizer, by_id, content
from engine.models.weight_files import read_json
from engine.models.word_pieces import read_word_pieces

SETTINGS = "tokenizer_config.json"


def read_tokenizer(folder: Path, architecture: Architecture) -> TextTokenizer:
    """The tokenizer of a folder of that architecture.

    Raises InvalidInput for one that cannot be read without more packages, ModelDamaged when there
    is none or its files cannot be read.
    """
    try:
        return _built(folder, architecture)
    except (InvalidInput, ModelDamaged):
        raise
    except Exception as error:  # what tokenizers raises is a bare Exception
        raise ModelDamaged(f"the tokenizer in {folder} cannot be read: {error}") from error


def _built(folder: Path, architecture: Architecture) -> TextTokenizer:
    lines = folder / "vocab.txt"
    if lines.is_file() and architecture.split_at_pieces:
        return _finished(folder, architecture, _splitting(lines, architecture))
    if (folder / "tokenizer.json").is_file():
        if _is_word_pieces(folder / "tokenizer.json"):
            return read_word_pieces(folder, architecture.tokens)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return _finished(folder, architecture, tokenizer)
    if (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
        return _finished(folder, architecture, _byte_level(folder))
    if lines.is_file():
        return read_word_pieces(folder, architecture.tokens)
    if lone := sorted(folder.glob("*.model")):
        raise InvalidInput(
            f"the tokenizer in {folder} is only a SentencePiece file ({lone[0].name}): where the "
            "package sentencepiece is, transformers' AutoTokenizer.from_pretrained(FOLDER)"
            ".save_pretrained(FOLDER) writes the tokenizer.json that is read here"
        )
    raise ModelDamaged(
        f"{folder} has no tokenizer: neither tokenizer.json nor vocab.txt nor vocab.json with "
        "merges.txt"
    )


def _is_word_pieces(path: Path) -> bool:
    model = read_json(path).get("model")
    return isinstance(model, dict) and model.get("type", "WordPiece") == "WordPiece"


def _byte_level(folder: Path) -> Tokenizer:
    model = models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


def _splitting(path: Path, architecture: Architecture) -> Tokenizer:
    """A text is split at every piece of the vocabulary, with spaces or without."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    vocabulary = {piece: token for token, piece in enumerate(lines)}
    unknown = architecture.tokens["unk_token"]
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=unknown))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_tokens([AddedToken(piece, normalized=False) for piece in lines if piece])
    return tokenizer


def _finished(folder: Path, architecture: Architecture, tokenizer: Tokenizer) -> TextTokenizer:
    tokens = dict(_special_tokens(folder, architecture))
    own = tokenizer.get_vocab(with_added_tokens=True)
    # one that was added already has its own ways, as a mask that takes the space before it
    added = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    there = [token for token in tokens.values() if token in own and token not in added]
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in there])
    roles = {role: own[token] for role, token in tokens.items() if token in own}
    knows_unknown = getattr(tokenizer.model, "unk_token", True) is not None
    return TextTokenizer(by_id(own), roles, tokens, tokenizer, keeps_all=knows_unknown)


def _special_tokens(folder: Path, architecture: Architecture) -> Iterator[tuple[str, str]]:
    settings: Mapping[str, Any] = {}
    for name in ("special_tokens_map.json", SETTINGS):  # the latter has the last word
        if (folder / name).is_file():
            settings = {**settings, **read_json(folder / name)}
    for role, token in architecture.tokens.items():
        named = content(settings.get(role, token))
        if named is not None:
            yield role, named
