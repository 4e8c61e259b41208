"""The kinds of runs: one row says all that the rest of the house needs to know of one. No torch.

To add a kind: its own folder (specs, keys, records, the stored form, a walker), a row here, and
the pages that opt in. What needs torch is named, not imported, so that planning, listing and
showing runs never load it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cache.payload import Payload
from cache.store import Store
from engine.chain.costs import Budget, Calls, NoCalls
from engine.chain.keys import Chain, Facts, steps_of
from engine.chain.records import Manifest
from engine.chain.specs import Change, Spec
from engine.embed import costs as embed_costs
from engine.embed import keys as embed_keys
from engine.embed.documents import embed_document
from engine.embed.fitting import fit_embed
from engine.embed.lost_words import lost_of_embed
from engine.embed.payload_checks import check_embeddings
from engine.embed.spec import EmbedSpec
from engine.embed.stored import load_embed_run
from engine.image import costs as image_costs
from engine.image import keys as image_keys
from engine.image import stored as image_stored
from engine.image.documents import image_document
from engine.image.fitting import check_size_known, fit_decode, fit_image
from engine.image.lost_words import heard_of_image, lost_of_image
from engine.image.payload_checks import check_image
from engine.image.spec import DecodeSpec, ImageChange, ImageSpec
from engine.judge import costs as judge_costs
from engine.judge import keys as judge_keys
from engine.judge.fitting import fit_judge
from engine.judge.spec import JudgeSpec
from engine.metrics.likeness import Table, latent_likeness, token_likeness
from engine.models.registry import FoundModel
from engine.text import costs as text_costs
from engine.text import keys as text_keys
from engine.text import stored as text_stored
from engine.text.documents import corruption_document, text_document
from engine.text.fitting import fit_corruption, fit_text
from engine.text.payload_checks import check_corruption, check_text
from engine.text.spec import CorruptionSpec, TextChange, TextSpec
from engine.text.warnings import lost_of_text

S = TypeVar("S", bound=Spec)
Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Continued(Generic[S]):
    """How a run is gone on with by other draws, and how alike what comes of it is."""

    after: Callable[[S, int], Sequence[int]]  # of a spec and its steps: after which it may be
    loosened: Callable[[S], dict[str, Any]]  # what must change for later steps to draw
    # of a run and the keys that continuations after a step end with: by measure, the run first
    likeness: Callable[[Store, Manifest, int, Sequence[str]], dict[str, Table]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[S]):
    """What a kind of run is.

    ``walker`` and ``mend`` are named as ``module:name``: a class of (store, model, specs by
    place, chains by place), and a function of (store, model) that mends what stored runs are
    read with.
    """

    # what is asked
    spec: type[S]
    fit: Callable[[S, FoundModel], S]  # checked against its model's folder, completed from it
    settings: tuple[str, ...] = ()  # one walker serves runs that agree in these
    change: type[Change] | None = None  # what a fork may change; None: it cannot be forked
    check_stored: Callable[[S], None] = lambda _spec: None  # beyond its own rules; ValueError
    lost: Callable[[FoundModel, S], list[str]] = lambda _model, _spec: []  # asked for in vain
    heard: Callable[[S], Hashable] = lambda _spec: None  # what of it decides what is lost
    continued: Continued[S] | None = None  # None: nothing is drawn while it goes on
    # its chain of keys
    chain: Callable[[S, str], Chain]
    facts: Callable[[S, str], list[Facts]]  # what each key is made of
    shared: Callable[[S, str, Chain], Keys]  # needed beside the steps, to read it or to travel
    work: Callable[[S, str, Chain], Keys] = steps_of  # what is in the store is its progress
    # what it leaves behind
    document: Callable[[Store, str], dict[str, Any]] = lambda _store, _run: {}
    check_step: Callable[[Payload, Mapping[str, Any], int], tuple[int, ...]] = (
        lambda _payload, _spec, _index: ()
    )
    is_run: bool = True  # False: a request for what belongs to other runs; it is not listed
    worded: bool = False  # its steps are token ids, read with the vocabulary of its model
    pictured: bool = False  # its steps are latents, which an autoencoder shows as pictures
    # what it costs
    size: Callable[[S], int]
    budget: Budget
    calls: Callable[[Mapping[int, S], Mapping[int, Chain], FoundModel], Calls] = (
        lambda _specs, _chains, _model: NoCalls()
    )
    step_size: Callable[[Mapping[str, Any]], float] | None = None  # None: its steps are not timed
    needs_model: bool = True  # False: its steps take no time to speak of
    # how it is computed
    walker: str
    mend: str | None = None

    def new_walker(
        self,
        store: Store,
        model: FoundModel,
        specs: Mapping[int, S],
        chains: Mapping[int, Chain],
    ) -> Any:
        """The walker of some runs of one model, which is loaded for it."""
        return named(self.walker)(store, model, specs, chains)


def named(name: str) -> Any:
    """What ``module:name`` is, imported now."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


KINDS: dict[str, Kind[Any]] = {
    "text": Kind(
        spec=TextSpec,
        fit=fit_text,
        change=TextChange,
        lost=lambda model, spec: lost_of_text(model, spec.template or ""),
        heard=lambda spec: spec.template,
        continued=Continued(lambda _spec, steps: range(steps), TextSpec.loosened, token_likeness),
        chain=text_keys.text_chain,
        facts=text_keys.text_facts,
        shared=text_stored.text_shared,
        document=lambda store, run: text_document(text_stored.load_text_run(store, run)),
        check_step=check_text,
        worded=True,
        size=text_costs.text_size,
        budget=text_costs.BUDGET,
        calls=lambda specs, chains, _model: text_costs.TextCalls(specs, chains),
        step_size=text_costs.step_size,
        walker="engine.text.walkers:TextWalker",
        mend="engine.text.mending:mend_vocabulary",
    ),
    "corruption": Kind(
        spec=CorruptionSpec,
        fit=fit_corruption,
        lost=lambda model, spec: lost_of_text(model, spec.text),
        heard=lambda spec: spec.text,
        chain=text_keys.corruption_chain,
        facts=text_keys.corruption_facts,
        shared=text_stored.text_shared,
        document=lambda store, run: corruption_document(
            text_stored.load_corruption_run(store, run)
        ),
        check_step=check_corruption,
        worded=True,
        size=text_costs.corruption_size,
        budget=text_costs.BUDGET,
        needs_model=False,
        walker="engine.text.walkers:CorruptionWalker",
        mend="engine.text.mending:mend_vocabulary",
    ),
    "image": Kind(
        spec=ImageSpec,
        fit=fit_image,
        settings=("precision", "accelerator"),
        change=ImageChange,
        check_stored=check_size_known,
        lost=lost_of_image,
        heard=heard_of_image,
        continued=Continued(
            lambda spec, _steps: image_keys.whole_steps(spec), ImageSpec.loosened, latent_likeness
        ),
        chain=image_keys.image_chain,
        facts=image_keys.image_facts,
        shared=image_stored.shared_keys,
        document=lambda store, run: image_document(image_stored.load_image_run(store, run)),
        check_step=check_image,
        pictured=True,
        size=image_costs.image_size,
        budget=image_costs.BUDGET,
        calls=image_costs.ImageCalls,
        step_size=image_costs.step_size,
        walker="engine.image.walkers:ImageWalker",
    ),
    "embed": Kind(
        spec=EmbedSpec,
        fit=fit_embed,
        lost=lost_of_embed,
        heard=lambda spec: spec.texts,
        chain=embed_keys.embed_chain,
        facts=embed_keys.embed_facts,
        shared=embed_keys.embed_shared,
        work=embed_keys.embed_work,
        document=lambda store, run: embed_document(load_embed_run(store, run)),
        check_step=check_embeddings,
        size=embed_costs.embed_size,
        budget=embed_costs.BUDGET,
        walker="engine.embed.walker:EmbedWalker",
    ),
    "judge": Kind(
        spec=JudgeSpec,
        fit=fit_judge,
        chain=judge_keys.judge_chain,
        facts=judge_keys.judge_facts,
        shared=lambda _spec, _fingerprint, _chain: (),
        work=judge_keys.judge_work,
        is_run=False,
        size=judge_costs.judge_size,
        budget=judge_costs.BUDGET,
        walker="engine.judge.walker:JudgeWalker",
    ),
    "decode": Kind(
        spec=DecodeSpec,
        fit=fit_decode,
        settings=("precision",),
        chain=image_keys.decode_chain,
        facts=image_keys.decode_facts,
        shared=image_keys.decode_shared,
        work=lambda _spec, _fingerprint, chain: chain.step_keys,
        is_run=False,
        size=image_costs.decode_size,
        budget=image_costs.BUDGET,
        walker="engine.image.pictures:DecodeWalker",
    ),
}


def run_kinds() -> tuple[str, ...]:
    """The names of the kinds whose runs are listed."""
    return tuple(name for name, kind in KINDS.items() if kind.is_run)
