"""A BERT's tokenizer without its model: pieces by id, and which words it reads as [UNK]. No torch.

Built from a folder as transformers' ``BertTokenizer`` builds itself: the vocabulary of
tokenizer.json, else the lines of vocab.txt; the rest from tokenizer_config.json. What is computed
goes through transformers' own; this is what can be told before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

from cache.errors import InvalidInput, ModelDamaged
from engine.models.weight_files import read_json

ROLES = ("unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
DEFAULTS = dict(zip(ROLES, ("[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"), strict=True))
MASK = "[MASK]"
# tokenizers that split as BertTokenizer does, and names that say nothing of how they split
SAME = frozenset(
    {
        *("Bert", "DistilBert", "Electra", "MobileBert", "ConvBert", "SqueezeBert", "LayoutLM"),
        *("Lxmert", "Funnel", "PreTrained", "RetriBert", "Basic"),
    }
)


@dataclass(frozen=True)
class WordPieces:
    """The tokenizer of a BERT folder."""

    pieces: tuple[str, ...]  # by token id; "" for an id that has none
    roles: Mapping[str, int]  # unk_token, sep_token, ... to ids; only those there are
    tokens: Mapping[str, str]  # the same to pieces
    tokenizer: Tokenizer

    def encode(self, text: str) -> list[int]:
        """The content token ids of a text in which [MASK] stands for the tokenizer's mask."""
        return list(self.tokenizer.encode(self.own(text), add_special_tokens=False).ids)

    def lost(self, text: str) -> list[str]:
        """The parts of a text that are read as [UNK], in order, each once."""
        own, unknown = self.own(text), self.roles.get("unk_token")
        encoding = self.tokenizer.encode(own, add_special_tokens=False)
        spans = zip(encoding.ids, encoding.offsets, strict=True)
        parts = [own[first:last] for token, (first, last) in spans if token == unknown]
        return [part for part in dict.fromkeys(parts) if part != self.tokens.get("unk_token")]

    def own(self, text: str) -> str:
        """A text with the tokenizer's own mask where it says [MASK]."""
        return text.replace(MASK, self.tokens.get("mask_token", MASK))


def read_word_pieces(folder: Path) -> WordPieces:
    """The tokenizer of a folder.

    Raises InvalidInput for one that does not split as a BERT's does, ModelDamaged when there is
    none or its files cannot be read.
    """
    try:
        return _built(folder)
    except (InvalidInput, ModelDamaged):
        raise
    except Exception as error:  # what tokenizers raises is a bare Exception
        raise ModelDamaged(f"the tokenizer in {folder} cannot be read: {error}") from error


def _built(folder: Path) -> WordPieces:
    config = _settings(folder)
    vocabulary = _vocabulary(folder)
    named = {role: _content(config.get(role, DEFAULTS[role])) for role in ROLES}
    tokens = {role: token for role, token in named.items() if token is not None}
    unknown = tokens.get("unk_token", DEFAULTS["unk_token"])
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=config.get("tokenize_chinese_chars", True),
        strip_accents=config.get("strip_accents"),
        lowercase=config.get("do_lower_case", True),
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    added = _added(folder, config)
    tokenizer.add_tokens(added)
    # after those: a token that is in both is a special one
    extra = config.get("extra_special_tokens") or config.get("additional_special_tokens") or []
    wanted = [*tokens.values(), *(_content(t) for t in (extra if isinstance(extra, list) else []))]
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in wanted if t])
    ids = tokenizer.get_vocab(with_added_tokens=True)
    pieces = [""] * (max(ids.values(), default=-1) + 1)
    for piece, token in ids.items():
        pieces[token] = piece
    # one that is only added here is no row that the model was trained on
    own = vocabulary.keys() | {token.content for token in added}
    roles = {role: ids[token] for role, token in tokens.items() if token in own}
    return WordPieces(tuple(pieces), roles, tokens, tokenizer)


def _settings(folder: Path) -> dict[str, Any]:
    path = folder / "tokenizer_config.json"
    config = read_json(path) if path.exists() else {}
    name = str(config.get("tokenizer_class") or "BertTokenizer")
    known = name.removesuffix("Fast").removesuffix("Tokenizer")
    if known not in SAME and name != "TokenizersBackend":
        raise InvalidInput(f"the tokenizer in {folder} is a {name}; text models need BertTokenizer")
    extra = folder / "special_tokens_map.json"
    if "added_tokens_decoder" not in config and extra.exists():
        config |= read_json(extra)
    return config


def _vocabulary(folder: Path) -> dict[str, int]:
    listed, lines = folder / "tokenizer.json", folder / "vocab.txt"
    if listed.exists():
        model: Any = read_json(listed).get("model")
        kind = model.get("type", "WordPiece") if isinstance(model, dict) else None
        if kind != "WordPiece":
            raise InvalidInput(
                f"the tokenizer in {listed} is of kind {kind}; text models need WordPiece"
            )
        vocabulary = model["vocab"]
        if isinstance(vocabulary, list):
            return {p[0] if isinstance(p, list) else p: i for i, p in enumerate(vocabulary)}
        return {str(piece): int(token) for piece, token in vocabulary.items()}
    if not lines.exists():
        raise ModelDamaged(f"{folder} has no tokenizer: neither tokenizer.json nor vocab.txt")
    return dict(models.WordPiece.read_file(str(lines)))


def _added(folder: Path, config: Mapping[str, Any]) -> list[AddedToken]:
    """The tokens beside the vocabulary, by their ids."""
    added: dict[int, AddedToken] = {}
    for token, facts in (config.get("added_tokens_decoder") or {}).items():
        added[int(token)] = AddedToken(**facts)
    if "added_tokens_decoder" not in config:
        if (folder / "added_tokens.json").exists():
            for content, token in read_json(folder / "added_tokens.json").items():
                added[int(token)] = AddedToken(content)
        if (folder / "tokenizer.json").exists():
            for facts in read_json(folder / "tokenizer.json").get("added_tokens") or []:
                added[int(facts["id"])] = AddedToken(
                    **{k: v for k, v in facts.items() if k != "id"}
                )
    return [added[token] for token in sorted(added)]


def _content(token: Any) -> str | None:
    if isinstance(token, Mapping):
        token = token.get("content")
    return None if token is None else str(token)
