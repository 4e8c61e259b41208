"""Where samplers meet the store: what is there is read, the rest is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from cache.errors import Cancelled, InvalidInput, StepscopeError, StoreError
from cache.payload import Payload
from cache.store import Store
from engine.chains import OnStep, ignore, stored_prefix, walk
from engine.image_specs import DecodeSpec, EmbedSpec, ImageSpec
from engine.models.registry import FoundModel
from engine.models.text_folder import text_facts
from engine.plans import AnySpec, Plan, keep_manifest, plan, waves
from engine.specs import CorruptionSpec, Spec, TextSpec
from engine.vocabularies import keep_vocabulary, stored_as

SpecKind = TypeVar("SpecKind", bound=Spec)


@dataclass(frozen=True, slots=True)
class Computed:
    """The runs of a request, in its order, and what they cost.

    ``model_calls`` counts states the model was run on, not batches; a step that several runs of
    the request share is counted once.
    """

    runs: tuple[str, ...]
    model_calls: int
    steps_computed: int
    steps_cached: int


class Walker(Protocol):
    """A loaded model that can start chains and take their steps (see ``engine.chains.walk``)."""

    @property
    def model_calls(self) -> int:
        """What it cost so far."""
        ...

    def start(self, which: int) -> Payload: ...

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]: ...


def compute_surviving(
    store: Store, specs: Sequence[AnySpec], on_step: OnStep = ignore
) -> tuple[Computed, dict[int, StepscopeError]]:
    """``compute``, where a run that fails does not stop the rest; the errors by place.

    All go abreast first. When one fails, those that are left are taken one by one: what was
    stored is found again. The cost is then that of the second way only. Cancelling still stops
    everything. Raises StoreError.
    """
    try:
        return compute(store, specs, on_step), {}
    except (Cancelled, StoreError):
        raise
    except StepscopeError as error:
        if len(specs) == 1:
            return Computed((), 0, 0, 0), {0: error}
    failed: dict[int, StepscopeError] = {}
    done: list[Computed] = []
    for place, spec in enumerate(specs):
        try:
            done.append(compute(store, [spec], partial(_told_as, on_step, place)))
        except (Cancelled, StoreError):
            raise
        except StepscopeError as error:
            failed[place] = error
    runs = tuple(run for one in done for run in one.runs)
    calls, computed, cached = (
        sum(getattr(one, name) for one in done)
        for name in ("model_calls", "steps_computed", "steps_cached")
    )
    return Computed(runs, calls, computed, cached), failed


def _told_as(on_step: OnStep, place: int, _which: int, index: int) -> None:
    on_step(place, index)


def compute(store: Store, specs: Sequence[AnySpec], on_step: OnStep = ignore) -> Computed:
    """Make sure every run is wholly in the store; only missing steps are computed.

    ``on_step(which spec, step index)`` hears of every step once it is stored, the cached ones
    too, and may raise (``Cancelled``) to stop. A run is listed in the store from its first
    step on. Raises InvalidInput, ModelMissing, ModelDamaged, StoreError; what was stored stays.
    """
    plans = [plan(spec) for spec in specs]
    calls = computed = cached = 0
    for group in waves(plans):
        walker: Walker = _walker(store, {i: plans[i] for i in group})
        for i in group:
            keep_manifest(store, plans[i])
        chains = {i: plans[i].chain for i in group}
        walked = walk(store, chains, start=walker.start, take=walker.take, on_step=on_step)
        calls += walker.model_calls
        computed, cached = computed + walked.computed, cached + walked.cached
    return Computed(tuple(p.chain.run for p in plans), calls, computed, cached)


def _walker(store: Store, plans: Mapping[int, Plan]) -> Walker:
    found = next(iter(plans.values())).found
    if all(stored_prefix(store, p.chain) == len(p.chain.step_keys) for p in plans.values()):
        if isinstance(next(iter(plans.values())).spec, TextSpec | CorruptionSpec):
            _own_vocabulary(store, found)
        return AllStored()
    return loaded_walker(store, found, plans)


def _own_vocabulary(store: Store, found: FoundModel) -> None:
    """Runs that are stored are read with their model's vocabulary: the model's own, mended here."""
    facts = text_facts(found)
    mask_id = facts.words.roles["mask_token"]
    if stored_as(store, found.fingerprint, facts.words.pieces, mask_id):
        return
    from engine.models.loading import load_tokenizer
    from engine.text.denoiser import pieces_of

    tokenizer = load_tokenizer(found)
    pieces = pieces_of(tokenizer, facts.rows)
    keep_vocabulary(store, found.fingerprint, pieces, int(tokenizer.mask_token_id))


def loaded_walker(store: Store, found: FoundModel, plans: Mapping[int, Plan]) -> Walker:
    """The walker of some plans of one kind and model, which is loaded for it."""
    # here, not above: a request that the store can answer never imports torch
    from engine.clip import EmbedWalker
    from engine.image.pictures import DecodeWalker
    from engine.image.walkers import ImageWalker
    from engine.text.walkers import CorruptionWalker, TextWalker

    if texts := _specs_of(plans, TextSpec):
        return TextWalker(store, found, texts)
    if images := _specs_of(plans, ImageSpec):
        return ImageWalker(store, found, images, {i: p.chain for i, p in plans.items()})
    if embeds := _specs_of(plans, EmbedSpec):
        return EmbedWalker(store, found, embeds)
    if decodes := _specs_of(plans, DecodeSpec):
        return DecodeWalker(store, found, decodes)
    return CorruptionWalker(store, found, _specs_of(plans, CorruptionSpec))


def _specs_of(plans: Mapping[int, Plan], kind: type[SpecKind]) -> dict[int, SpecKind]:
    return {i: p.spec for i, p in plans.items() if isinstance(p.spec, kind)}


@dataclass
class AllStored:
    """The walker of chains that are wholly stored: it has nothing to do and loads nothing."""

    model_calls: int = 0

    def start(self, which: int) -> Payload:
        """Never asked: the start is stored."""
        raise InvalidInput(f"chain {which} lost its start while it was read; try again")

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]:
        """Never asked: every step is stored."""
        raise InvalidInput(f"chains {list(which)} lost steps while they were read; try again")
