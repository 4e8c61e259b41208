"""Prompts in CLIP's space: what the store knows of a set of them, and the tables of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cache.errors import PayloadError
from cache.store import Store
from dashboard.data.embeddings import ClipModel
from dashboard.data.shelf import shelf_of
from engine.chain import manifests
from engine.chain.malformed import read_as
from engine.chain.records import Floats, Manifest
from engine.embed import keys as embed_keys
from engine.embed import stored as embed_stored
from engine.embed.lost_words import same_to_the_model
from engine.embed.records import TokenEmbeddings
from engine.embed.spec import EmbedSpec
from engine.image.lost_words import cut_of_prompt, unlearned
from engine.metrics.similarity import cosine_table, token_alignment
from engine.models.registry import find_model

LISTED = 100  # stored sets that can be opened
NEAR_EQUAL = 0.95  # a cosine above which two prompts are one and the same to a CLIP
START, END = "<|startoftext|>", "<|endoftext|>"
START_SHOWN, END_SHOWN = "⟨start⟩", "⟨end⟩"

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """One prompt as a CLIP has it; ``unknown`` are the words that CLIP never saw."""

    text: str
    vector: Floats  # [dimension], the end token's state, projected, unit length
    tokens: TokenEmbeddings
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PromptSet:
    """What is known of some prompts and pictures under one CLIP, in the order asked for."""

    clip: ClipModel
    prompts: tuple[Prompt, ...]
    pictures: Mapping[str, Floats]  # [dimension] each, by digest
    logit_scale: float | None
    run: str | None  # the stored set of exactly these; None: they were embedded in other sets
    missing: int  # prompts and pictures that are not embedded yet

    def cosines(self) -> Table:
        """[prompt, prompt] cosines."""
        vectors = np.stack([prompt.vector for prompt in self.prompts])
        return cosine_table(vectors, vectors)

    def picture_cosines(self) -> Table:
        """[prompt, picture] cosines."""
        vectors = np.stack([prompt.vector for prompt in self.prompts])
        return cosine_table(vectors, np.stack(list(self.pictures.values())))

    def token_cosines(self, first: int, second: int) -> Table:
        """[token, token] cosines of two prompts' token states."""
        states = [self.prompts[i].tokens.states for i in (first, second)]
        return token_alignment(*states)


def parse_prompts(text: str) -> tuple[str, ...]:
    """The prompts of a text, one a line, each once, blank lines left out."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def lost_of_prompts(clip: ClipModel, texts: Sequence[str]) -> list[str]:
    """What of some prompts a CLIP that is here cuts off, or cannot tell apart."""
    model = find_model(clip.name)
    lines = [line for text in texts for line in cut_of_prompt(model, text)]
    return lines + same_to_the_model(model, texts)


def stored_sets(store: Store) -> list[Manifest]:
    """The newest embed runs that have prompts."""
    sets = (m for m in shelf_of(store).manifests(store, "embed") if m.spec["texts"])
    return list(islice(sets, LISTED))


def set_line(manifest: Manifest) -> str:
    """A stored set in a line."""
    texts, pictures = manifest.spec["texts"], len(manifest.spec["pictures"])
    more = f" and {len(texts) - 1} more" if len(texts) > 1 else ""
    seen = f", {pictures} picture{'' if pictures == 1 else 's'}" if pictures else ""
    model = manifest.model.rsplit("/", 1)[-1]
    return f"{manifest.run[:6]}  {str(texts[0])[:60]}{more}{seen}  ({model})"


def prompt_set(store: Store, spec: EmbedSpec, clip: ClipModel) -> PromptSet:
    """Everything the store has of a spec: the set itself, or what other sets left of its parts.

    Raises PayloadDamaged.
    """
    chain = embed_keys.embed_chain(spec, clip.fingerprint)
    whole = all(store.present([manifests.run_key(chain.run), chain.step_keys[0]]))
    if whole:
        run = embed_stored.load_embed_run(store, chain.run)
        rows = zip(run.texts, run.text_embeddings, run.token_embeddings, strict=True)
        prompts = [_prompt(clip, *row) for row in rows]
        pictures = dict(zip(run.pictures, run.picture_embeddings, strict=True))
        return PromptSet(clip, tuple(prompts), pictures, run.logit_scale, chain.run, 0)
    prompts = list(_remembered_prompts(store, spec, clip))
    pictures = dict(_remembered_pictures(store, spec, clip))
    missing = len(spec.texts) + len(spec.pictures) - len(prompts) - len(pictures)
    scale = _logit_scale(store, clip.fingerprint)
    return PromptSet(clip, tuple(prompts), pictures, scale, None, missing)


def near_equal(embedded: PromptSet) -> list[tuple[int, int, float]]:
    """The pairs of prompts that are all but one vector though words unknown to the CLIP differ."""
    cosines = embedded.cosines()
    pairs = combinations(range(len(embedded.prompts)), 2)
    return [
        (i, j, float(cosines[i, j]))
        for i, j in pairs
        if cosines[i, j] > NEAR_EQUAL
        and set(embedded.prompts[i].unknown) != set(embedded.prompts[j].unknown)
    ]


def prompt_table(embedded: PromptSet) -> pd.DataFrame:
    """One row a prompt: its number, its tokens as the CLIP reads them, the words unknown to it."""
    return pd.DataFrame(
        {
            "number": range(1, len(embedded.prompts) + 1),
            "prompt": [prompt.text for prompt in embedded.prompts],
            "tokens": [" ".join(shown_tokens(prompt.tokens.tokens)) for prompt in embedded.prompts],
            "unknown": [", ".join(prompt.unknown) for prompt in embedded.prompts],
        }
    )


def cosine_rows(embedded: PromptSet) -> pd.DataFrame:
    """One row a pair of prompts: the cosine of their vectors."""
    cosines, prompts = embedded.cosines(), embedded.prompts
    return pd.DataFrame(
        {"first": a.text, "second": b.text, "cosine": cosines[i, j]}
        for i, a in enumerate(prompts)
        for j, b in enumerate(prompts)
    )


def token_rows(embedded: PromptSet, first: int, second: int) -> pd.DataFrame:
    """One row a pair of tokens of two prompts: the cosine of their states."""
    cosines = embedded.token_cosines(first, second)
    tokens = [shown_tokens(embedded.prompts[i].tokens.tokens) for i in (first, second)]
    return pd.DataFrame(
        {"first_place": i, "first": a, "second_place": j, "second": b, "cosine": cosines[i, j]}
        for i, a in enumerate(tokens[0])
        for j, b in enumerate(tokens[1])
    )


def picture_rows(embedded: PromptSet, shares: Table | None) -> pd.DataFrame:
    """One row a prompt and picture: the cosine and, where there is one, the softmax's share."""
    cosines = embedded.picture_cosines()
    return pd.DataFrame(
        {
            "prompt": prompt.text,
            "picture": digest,
            "cosine": cosines[i, j],
            "share": np.nan if shares is None else shares[i, j],
        }
        for i, prompt in enumerate(embedded.prompts)
        for j, digest in enumerate(embedded.pictures)
    )


def shown_tokens(tokens: Sequence[str]) -> list[str]:
    """Tokens as a person reads them: ``sun-`` where a word goes on, bytes of no letter in hex."""
    return [_shown(token) for token in tokens]


def _shown(token: str) -> str:
    if token in (START, END):
        return START_SHOWN if token == START else END_SHOWN
    ends = token.endswith("</w>")
    letters = token.removesuffix("</w>")
    raw = bytes(BYTES[letter] for letter in letters if letter in BYTES)
    whole = len(raw) == len(letters)
    try:
        text = raw.decode() if whole else letters
    except UnicodeDecodeError:
        text = raw.hex()
    return text if ends else f"{text}-"


def _byte_letters() -> dict[str, int]:
    """The letters that byte-level BPE writes bytes with (Radford et al. 2019), back to bytes."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    named = {chr(byte): byte for byte in plain}
    return named | {chr(256 + place): byte for place, byte in enumerate(others)}


BYTES = _byte_letters()


def _prompt(clip: ClipModel, text: str, vector: Floats, tokens: TokenEmbeddings) -> Prompt:
    # only a CLIP that is here has its list of words beside it
    unknown = unlearned(find_model(clip.name), text) if clip.here else []
    return Prompt(text, vector, tokens, tuple(unknown))


def _remembered_prompts(store: Store, spec: EmbedSpec, clip: ClipModel) -> Iterator[Prompt]:
    for text in spec.texts:
        key = embed_keys.embedding_key(clip.fingerprint, {"text": text})
        payload = store.find(key)
        if payload is not None:
            with read_as(key):
                tokens = TokenEmbeddings(tuple(payload.meta["tokens"]), payload.arrays["states"])
                prompt = _prompt(clip, text, payload.arrays["pooled"], tokens)
            yield prompt


def _remembered_pictures(
    store: Store, spec: EmbedSpec, clip: ClipModel
) -> Iterator[tuple[str, Floats]]:
    for digest in spec.pictures:
        payload = store.find(embed_keys.embedding_key(clip.fingerprint, {"picture": digest}))
        if payload is not None:
            yield digest, payload.arrays["pooled"]


def _logit_scale(store: Store, fingerprint: str) -> float | None:
    """A CLIP's own factor, as any of its stored sets says it."""
    for manifest in shelf_of(store).manifests(store, "embed"):
        if manifest.fingerprint != fingerprint:
            continue
        with suppress(PayloadError), read_as(manifest.step_keys[0]):  # another set says it, too
            payload = store.find(manifest.step_keys[0])
            if payload is not None:
                return float(payload.meta["logit_scale"])
    return None
