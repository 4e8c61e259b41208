"""The architectures of masked language models that are run here, and what differs between them.

All are transformers' own classes: code that comes with a model is never run. A row is by the
``model_type`` of the config; a test loads a tiny model of each. No torch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

TOKENS_OF_BERT = {
    "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}  # fmt: skip
TOKENS_OF_ROBERTA = {
    "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>", "cls_token": "<s>",
    "mask_token": "<mask>", "bos_token": "<s>", "eos_token": "</s>",
}  # fmt: skip
TOKENS_OF_ESM = {
    "unk_token": "<unk>", "pad_token": "<pad>", "cls_token": "<cls>", "mask_token": "<mask>",
    "eos_token": "<eos>",
}  # fmt: skip
# what a checkpoint of any of them may hold beside it: buffers, poolers, heads of other losses
HARMLESS = r".*\bposition_ids$|.*\btoken_type_ids$|.*\bpooler\.|.*rotary_embeddings\.inv_freq$"


@dataclass(frozen=True)
class Architecture:
    """What is to be known of a class of transformers to ask it for logits."""

    name: str  # the class
    base: str  # the attribute, and the prefix of tensors, of what makes hidden states
    head: tuple[str, ...]  # attributes that make logits of hidden states [m, width], in order
    head_tensors: tuple[str, ...]  # of which any stands for a head that a checkpoint has
    embeddings: str = "embeddings.word_embeddings.weight"  # in the base; [rows, width]
    tied: frozenset[str] = frozenset()  # made of other weights when a file has them not
    beside: str = r"(?!)"  # what a checkpoint may hold besides, HARMLESS apart
    positions: int = 512  # where a config does not say
    first_position: int | None = 0  # of a text; None: the one after the padding's id
    tokens: Mapping[str, str] = field(default_factory=lambda: TOKENS_OF_BERT)
    last: str = "sep_token"  # what stands after a text; before it is cls_token
    split_at_pieces: bool = False  # its tokenizer finds pieces anywhere, as ESM's does

    @property
    def harmless(self) -> re.Pattern[str]:
        """Tensors of a file that loading may leave alone."""
        return re.compile(f"{HARMLESS}|{self.beside}")

    @property
    def kind(self) -> str:
        """The class without what all have in common."""
        return self.name.removesuffix("ForMaskedLM")

    def longest(self, positions: int, padding: int | None) -> int:
        """The tokens of the longest text, what frames it included, of so many positions."""
        first = self.first_position
        if first is None:
            first = (1 if padding is None else padding) + 1
        return positions - first


def _roberta(name: str) -> Architecture:
    return Architecture(
        name,
        base="roberta",
        head=("lm_head",),
        head_tensors=("lm_head.dense.weight", "lm_head.layer_norm.weight"),
        tied=frozenset({"lm_head.decoder.weight", "lm_head.decoder.bias"}),
        beside=r"lm_head\.decoder\.",
        first_position=None,  # fairseq counts positions from the padding's id on
        tokens=TOKENS_OF_ROBERTA,
    )


def _deberta(name: str) -> Architecture:
    return Architecture(
        name,
        base="deberta",
        head=("cls",),
        head_tensors=("cls.predictions.transform.dense.weight", "lm_predictions.lm_head.bias"),
        tied=frozenset({"cls.predictions.decoder.weight", "cls.predictions.decoder.bias"}),
        # of its other loss; and absolute positions, which configs may say it does not add
        beside=r"mask_predictions\.|cls\.predictions\.decoder\.|.*\bposition_embeddings\.",
    )


ARCHITECTURES: Mapping[str, Architecture] = {
    "bert": Architecture(
        "BertForMaskedLM",
        base="bert",
        head=("cls",),
        head_tensors=("cls.predictions.transform.dense.weight",),
        tied=frozenset({"cls.predictions.decoder.weight", "cls.predictions.decoder.bias"}),
        # heads of other losses: of the next sentence, AntiBERTy's of species and chain
        beside=r"cls\.(?!predictions\.)|cls\.predictions\.(decoder\.(weight|bias)|bias)$",
    ),
    "distilbert": Architecture(
        "DistilBertForMaskedLM",
        base="distilbert",
        head=("vocab_transform", "activation", "vocab_layer_norm", "vocab_projector"),
        head_tensors=("vocab_transform.weight", "vocab_layer_norm.weight"),
        tied=frozenset({"vocab_projector.weight"}),
    ),
    "roberta": _roberta("RobertaForMaskedLM"),
    "xlm-roberta": _roberta("XLMRobertaForMaskedLM"),
    "camembert": _roberta("CamembertForMaskedLM"),
    "albert": Architecture(
        "AlbertForMaskedLM",
        base="albert",
        head=("predictions",),
        head_tensors=("predictions.dense.weight", "predictions.LayerNorm.weight"),
        tied=frozenset({"predictions.decoder.weight", "predictions.decoder.bias"}),
        beside=r"sop_classifier\.|predictions\.decoder\.",
        tokens=TOKENS_OF_BERT | {"unk_token": "<unk>", "pad_token": "<pad>"},
    ),
    "electra": Architecture(
        "ElectraForMaskedLM",  # its generator; a discriminator writes nothing
        base="electra",
        head=("generator_predictions", "generator_lm_head"),
        head_tensors=("generator_predictions.dense.weight",),
        tied=frozenset({"generator_lm_head.weight"}),
    ),
    "deberta": _deberta("DebertaForMaskedLM"),
    "deberta-v2": _deberta("DebertaV2ForMaskedLM"),  # v3, too
    "mpnet": Architecture(
        "MPNetForMaskedLM",
        base="mpnet",
        head=("lm_head",),
        head_tensors=("lm_head.dense.weight", "lm_head.layer_norm.weight"),
        tied=frozenset({"lm_head.decoder.weight", "lm_head.decoder.bias"}),
        beside=r"lm_head\.decoder\.",
        first_position=2,  # of its class, whatever its padding is
        tokens=TOKENS_OF_ROBERTA | {"unk_token": "[UNK]"},
    ),
    "modernbert": Architecture(
        "ModernBertForMaskedLM",
        base="model",
        head=("head", "decoder"),
        head_tensors=("head.dense.weight",),
        embeddings="embeddings.tok_embeddings.weight",
        positions=8192,
        tied=frozenset({"decoder.weight"}),
    ),
    "esm": Architecture(
        "EsmForMaskedLM",
        base="esm",
        head=("lm_head",),
        head_tensors=("lm_head.dense.weight", "lm_head.layer_norm.weight"),
        tied=frozenset({"lm_head.decoder.weight"}),
        # trained along for contacts; and absolute positions beside rotary ones
        beside=r"(esm\.)?contact_head\.|.*\bposition_embeddings\.",
        positions=1026,
        first_position=None,
        tokens=TOKENS_OF_ESM,
        last="eos_token",
        split_at_pieces=True,
    ),
}
