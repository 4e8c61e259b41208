"""Stored runs are read with their model's vocabulary: the model's own, put back where it is not."""

from __future__ import annotations

from cache.store import Store
from engine.models.registry import FoundModel
from engine.models.text_folder import text_facts
from engine.text.vocabularies import keep_vocabulary, stored_as


def mend_vocabulary(store: Store, model: FoundModel) -> None:
    """See to it that the store has the pieces of a model; loads its tokenizer where it has not."""
    facts = text_facts(model)
    mask_id = facts.words.roles["mask_token"]
    if stored_as(store, model.fingerprint, facts.words.pieces, mask_id):
        return
    # here, not above: a request that the store can answer never imports torch
    from engine.text.denoisers import pieces_of
    from engine.text.loading import load_tokenizer

    tokenizer = load_tokenizer(model)
    pieces = pieces_of(tokenizer, facts.rows)
    keep_vocabulary(store, model.fingerprint, pieces, int(tokenizer.mask_token_id))
