"""A capsule's vocabularies against the models that are here. No torch.

A vocabulary is kept under its model's fingerprint, and every text of that model is read with it.
Where the model is here its own words are known, and nobody else's are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tokenizers import Tokenizer

from cache.capsule import Capsule
from cache.errors import CapsuleRefused, ModelDamaged, ModelMissing
from cache.store import Store
from engine.chain import manifests
from engine.chain.malformed import read_as
from engine.chain.records import Manifest
from engine.models.registry import FoundModel, find_model, listed_models
from engine.requests.kinds import KINDS
from engine.text.vocabularies import vocabulary_of


def check_vocabularies(store: Store, capsule: Capsule, chosen: Sequence[Manifest]) -> None:
    """Raises CapsuleRefused for a vocabulary that is not its model's, where that is here.

    Here are the listed models, and folders that runs of the store were made with.
    """
    wanted = {m.fingerprint: m.shared_keys[0] for m in chosen if KINDS[m.kind].worded}
    if not wanted:
        return
    for model in _here(store, wanted):
        key = wanted[model.fingerprint]
        with read_as(key):
            pieces, mask_id = vocabulary_of(capsule.payload(key))
        own = _pieces(model.folder)
        same = all(token < len(pieces) and pieces[token] == piece for piece, token in own.items())
        if not same or own.get("[MASK]", mask_id) != mask_id:
            entry = key.replace(":", "/") + ".safetensors"
            reason = f"is not the vocabulary of its model, which is here as {model.name}"
            raise CapsuleRefused(entry, reason)


def _here(store: Store, fingerprints: dict[str, str]) -> Iterator[FoundModel]:
    names = [each.name for each in listed_models() if each.fingerprint in fingerprints]
    names += [m.model for m in manifests.listed(store) if m.fingerprint in fingerprints]
    for name in dict.fromkeys(names):
        try:
            model = find_model(name)
        except (ModelMissing, ModelDamaged, OSError):
            continue
        if model.fingerprint in fingerprints:  # the folder may hold another model by now
            yield model


def _pieces(folder: Path) -> dict[str, int]:
    """The pieces of a BERT folder to their ids; {} where its files do not tell."""
    try:
        if (folder / "tokenizer.json").exists():
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            return dict(tokenizer.get_vocab(with_added_tokens=True))
        lines = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    except Exception:  # what tokenizers raises is a bare Exception
        return {}
    return {piece: token for token, piece in enumerate(lines)}
