"""A WordPiece tokenizer as BERT has it, read from a folder without transformers. No torch.

Built from a folder as transformers' ``BertTokenizer`` builds itself: the vocabulary of
tokenizer.json, else the lines of vocab.txt; the rest from tokenizer_config.json.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

from cache.errors import InvalidInput, ModelDamaged
from engine.models.architectures import TOKENS_OF_BERT
from engine.models.text_tokenizer import TextTokenizer, by_id, content
from engine.models.weight_files import read_json

# tokenizers that split as BertTokenizer does, and names that say nothing of how they split
SAME = frozenset(
    {
        *("Bert", "DistilBert", "Electra", "MobileBert", "ConvBert", "SqueezeBert", "LayoutLM"),
        *("Lxmert", "Funnel", "PreTrained", "RetriBert", "Basic"),
    }
)


def read_word_pieces(folder: Path, defaults: Mapping[str, str] = TOKENS_OF_BERT) -> TextTokenizer:
    """The tokenizer of a folder; ``defaults`` are special tokens that its config does not name.

    Raises InvalidInput for one that does not split as a BERT's does, ModelDamaged when there is
    none or its files cannot be read.
    """
    try:
        return _built(folder, defaults)
    except (InvalidInput, ModelDamaged):
        raise
    except Exception as error:  # what tokenizers raises is a bare Exception
        raise ModelDamaged(f"the tokenizer in {folder} cannot be read: {error}") from error


def _built(folder: Path, defaults: Mapping[str, str]) -> TextTokenizer:
    config = _settings(folder, also=() if defaults is TOKENS_OF_BERT else ("MPNet",))
    vocabulary = _vocabulary(folder)
    named = {role: content(config.get(role, token)) for role, token in defaults.items()}
    tokens = {role: token for role, token in named.items() if token is not None}
    unknown = tokens.get("unk_token", TOKENS_OF_BERT["unk_token"])
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True,
        handle_chinese_chars=config.get("tokenize_chinese_chars", True),
        strip_accents=config.get("strip_accents"),
        lowercase=config.get("do_lower_case", not read_cased(folder)),
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    added = _added(folder, config)
    tokenizer.add_tokens(added)
    # after those: a token that is in both is a special one
    extra = config.get("extra_special_tokens") or config.get("additional_special_tokens") or []
    wanted = [*tokens.values(), *(content(t) for t in (extra if isinstance(extra, list) else []))]
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in wanted if t])
    ids = tokenizer.get_vocab(with_added_tokens=True)
    # one that is only added here is no row that the model was trained on
    own = vocabulary.keys() | {token.content for token in added}
    roles = {role: ids[token] for role, token in tokens.items() if token in own}
    return TextTokenizer(by_id(ids), roles, tokens, tokenizer)


def only_capitals(vocabulary: Iterable[str]) -> bool:
    """Whether all letters of a vocabulary are capitals, as those of proteins are.

    transformers lowers every text where a folder does not say otherwise; of these no word would
    be left, so they are read as they are.
    """
    letters = "".join(p for p in vocabulary if not (p.startswith("[") and p.endswith("]")))
    return letters.isupper()


def read_cased(folder: Path) -> bool:
    """Whether a folder does not say how it is read, and its vocabulary has ``only_capitals``."""
    settings = folder / "tokenizer_config.json"
    said = (folder / "tokenizer.json").exists() or (
        settings.exists() and "do_lower_case" in read_json(settings)
    )
    return not said and only_capitals(_vocabulary(folder))


def _settings(folder: Path, *, also: tuple[str, ...]) -> dict[str, Any]:
    path = folder / "tokenizer_config.json"
    config = read_json(path) if path.exists() else {}
    name = str(config.get("tokenizer_class") or "BertTokenizer")
    known = name.removesuffix("Fast").removesuffix("Tokenizer")
    if known not in (*SAME, *also) and name != "TokenizersBackend":
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
            for piece, token in read_json(folder / "added_tokens.json").items():
                added[int(token)] = AddedToken(piece)
        if (folder / "tokenizer.json").exists():
            for facts in read_json(folder / "tokenizer.json").get("added_tokens") or []:
                added[int(facts["id"])] = AddedToken(
                    **{k: v for k, v in facts.items() if k != "id"}
                )
    return [added[token] for token in sorted(added)]
