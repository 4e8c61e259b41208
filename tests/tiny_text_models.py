"""Masked language models of random weights and their tokenizers, one of each architecture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors, trainers

from engine.models.architectures import ARCHITECTURES, TOKENS_OF_BERT, TOKENS_OF_ROBERTA

TEXTS = [
    "the sea is blue and the sky is dark.",
    "a bird sings by the old house, not in the city!",
    "the world was new: snow, rain, wind and fire.",
    "she runs over the hill under the moon and the stars",
] * 5
AMINO_ACIDS = "LAGVSERTIDPKQNFYMHWCXBUZO.-"
WIDTH = 32
SIZES = {
    "hidden_size": WIDTH, "intermediate_size": 64, "num_attention_heads": 2,
    "num_hidden_layers": 2, "max_position_embeddings": 48, "initializer_range": 0.4,
}  # fmt: skip


def save_tiny(kind: str, folder: Path) -> str:
    """The folder of a model of an architecture, by its ``model_type``."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = TOKENIZERS[kind](folder)
    tokenizer.save_pretrained(folder)
    name = ARCHITECTURES[kind].name
    config_class = getattr(transformers, name.replace("ForMaskedLM", "Config"))
    config = config_class(vocab_size=len(tokenizer), **SIZES | MORE.get(kind, {}) | _ids(tokenizer))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = getattr(transformers, name)(config)
        for weight in model.parameters():  # biases, too: a head that is left out shall show
            weight.data.add_(torch.randn_like(weight) * 0.05)
        model.save_pretrained(folder)
    return str(folder)


def _ids(tokenizer: Any) -> dict[str, int]:
    ids = {"pad_token_id": tokenizer.pad_token_id, "mask_token_id": tokenizer.mask_token_id}
    return {name: token for name, token in ids.items() if token is not None}


def _word_pieces(name: str, special: list[str]) -> Callable[[Path], Any]:
    def make(folder: Path) -> Any:
        words = sorted({word.strip(".,!:") for text in TEXTS for word in text.split()})
        lines = [*special, *words, *".,!:", "##s", "##ly", *"abcdefgh"]
        (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(lines)) + "\n")
        return getattr(transformers, name).from_pretrained(folder)

    return make


def _byte_level(name: str, tokens: dict[str, str]) -> Callable[[Path], Any]:
    def make(folder: Path) -> Any:
        tokenizer = _trained_bytes(sorted(set(tokens.values())))
        tokenizer.model.save(str(folder))
        return getattr(transformers, name).from_pretrained(folder)

    return make


def _trained_bytes(special: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer


def _as_modern_bert(folder: Path) -> Any:
    """A tokenizer.json alone; its mask takes the space before it, as ModernBERT's does."""
    special = list(TOKENS_OF_BERT.values())
    tokenizer = _trained_bytes(special)
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True, special=True)])
    first, last = (tokenizer.token_to_id(piece) for piece in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", first), ("[SEP]", last)]
    )
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **TOKENS_OF_BERT)


def _sentence_pieces(name: str, special: list[str]) -> Callable[[Path], Any]:
    def make(_folder: Path) -> Any:
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(vocab_size=90, show_progress=False, unk_token="<unk>")
        tokenizer.train_from_iterator(TEXTS, trainer)
        by_id = sorted(tokenizer.get_vocab(), key=tokenizer.token_to_id)
        learned = [(piece, -3.0 - i / 50) for i, piece in enumerate(by_id) if piece != "<unk>"]
        vocabulary = [(piece, 0.0) for piece in special] + learned
        return getattr(transformers, name)(vocab=vocabulary)

    return make


def _of_amino_acids(folder: Path) -> Any:
    lines = ["<cls>", "<pad>", "<eos>", "<unk>", *AMINO_ACIDS, "<null_1>", "<mask>"]
    (folder / "vocab.txt").write_text("\n".join(lines))
    return transformers.EsmTokenizer.from_pretrained(folder)


BERT_SPECIAL = list(TOKENS_OF_BERT.values())
ROBERTA_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
TOKENIZERS: dict[str, Callable[[Path], Any]] = {
    "bert": _word_pieces("BertTokenizer", BERT_SPECIAL),
    "distilbert": _word_pieces("DistilBertTokenizer", BERT_SPECIAL),
    "electra": _word_pieces("ElectraTokenizer", BERT_SPECIAL),
    "mpnet": _word_pieces("MPNetTokenizer", [*ROBERTA_SPECIAL, "[UNK]"]),
    "roberta": _byte_level("RobertaTokenizer", TOKENS_OF_ROBERTA),
    "deberta": _byte_level("DebertaTokenizer", TOKENS_OF_BERT),
    "modernbert": _as_modern_bert,
    "xlm-roberta": _sentence_pieces("XLMRobertaTokenizer", ROBERTA_SPECIAL),
    "camembert": _sentence_pieces("CamembertTokenizer", ROBERTA_SPECIAL),
    "albert": _sentence_pieces("AlbertTokenizer", ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]),
    "deberta-v2": _sentence_pieces(
        "DebertaV2Tokenizer", ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    ),
    "esm": _of_amino_acids,
}
MORE: dict[str, dict[str, Any]] = {
    "distilbert": {"dim": WIDTH, "hidden_dim": 64, "n_heads": 2, "n_layers": 2},
    "albert": {"embedding_size": 16},
    "electra": {"embedding_size": 16},
    "deberta": {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]},
    "deberta-v2": {"relative_attention": True, "position_biased_input": False},
    "modernbert": {
        "cls_token_id": 3, "sep_token_id": 1, "bos_token_id": 3, "eos_token_id": 1,
        "global_attn_every_n_layers": 2, "local_attention": 8,
    },
    "esm": {"position_embedding_type": "rotary", "token_dropout": True},
}  # fmt: skip
