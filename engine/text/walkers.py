"""Text samplers as ``engine.chain.chains.walk`` wants them: payloads before to payloads after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch

from cache.errors import InvalidInput
from cache.payload import Payload
from cache.store import Store
from engine.chain.keys import Chain
from engine.chain.records import Floats, Ints
from engine.models.device import best_device
from engine.models.diffusion_file import noise_words
from engine.models.provenance import provenance
from engine.models.registry import FoundModel
from engine.text import stored as text_stored
from engine.text.corrupt import corrupt_at, redraw_at
from engine.text.denoisers import TextDenoiser
from engine.text.loading import load_denoiser
from engine.text.proposals import is_greedy
from engine.text.records import CorruptionStep, TextStep
from engine.text.runner import TextRunner
from engine.text.sampler import start_step, step_exact, step_together
from engine.text.spec import MASK, TAKES_BACK, CorruptionSpec, TextChange, TextSpec
from engine.text.steered import Steering

OF_WINDOWS = ("block", "steps", "rule")  # a fork that changes one of them begins a block anew


class TextWalker:
    """Takes the steps of several text specs of one model."""

    def __init__(
        self,
        store: Store,
        model: FoundModel,
        specs: Mapping[int, TextSpec],
        chains: Mapping[int, Chain],
    ) -> None:
        self.store, self.specs, self.chains = store, specs, chains
        self.denoiser = load_denoiser(model, best_device())
        self.calls_before = self.denoiser.model_calls
        self.steering = Steering(self.denoiser, model.name)
        self.noise = noise_words(model, len(self.denoiser.pieces))
        self.shared_keys = (_keep_vocabulary(store, self.denoiser),)
        for spec in specs.values():  # bad input is refused before anything is stored
            self._start_tokens(spec)
            later = (control for change in spec.changes for control in change.controls)
            for control in (*spec.controls, *later):
                self.steering.control(control)

    @property
    def model_calls(self) -> int:
        """The states the model was run on for this walker."""
        return self.denoiser.model_calls - self.calls_before

    def start(self, which: int) -> Payload:
        """The payload of step 0: the start tokens."""
        spec = self.specs[which].but(changes=())
        tokens, mask_id = self._start_tokens(spec), self.denoiser.mask_id
        if self.noise is None:
            return text_stored.text_payload(start_step(tokens), None, self._provenance("none"))
        runner = TextRunner.at_start(spec, tokens, mask_id, self.noise)
        step, state = start_step(runner.tokens), runner.generator_state()
        return text_stored.text_payload(step, state, self._provenance("none"))

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]:
        """The next step of each chain; those that are not ``exact`` share forwards."""
        runners = [self._runner(i, payload) for i, payload in zip(which, before, strict=True)]
        together = [k for k, runner in enumerate(runners) if not runner.spec.exact]
        if together:
            layout = f"batch of {len(together)}"
            steps = step_together(
                [runners[k] for k in together], self.denoiser, self.store, self.steering
            )
            for k, step in zip(together, steps, strict=True):
                yield k, self._payload(step, runners[k], layout)
        for k, runner in enumerate(runners):
            if runner.spec.exact:
                yield (
                    k,
                    self._payload(
                        step_exact(runner, self.denoiser, self.steering), runner, "exact"
                    ),
                )

    def _runner(self, which: int, before: Payload) -> TextRunner:
        spec, step = self.specs[which], text_stored.text_step(before)
        in_force, earlier = spec.at_step(step.index + 1), spec.at_step(step.index)
        going_on = in_force.seed == earlier.seed
        state = before.arrays.get("generator_state") if going_on else None
        runner = TextRunner.after(
            in_force,
            step,
            self.denoiser.mask_id,
            state,
            open_positions=self._open(spec, step.index),
            noise=self.noise,
        )
        if all(getattr(in_force, name) == getattr(earlier, name) for name in OF_WINDOWS):
            runner.window = step.window
        if in_force.rule in TAKES_BACK:
            runner.held = step.held if len(step.held) else self._held(which, step)
        change = next((c for c in spec.changes if c.at == step.index), None)
        if in_force.rule == "edit" and step.index and change is None:
            # its proposals are the same again where nothing is drawn
            runner.settled = is_greedy(in_force) and not len(step.revealed)
        if change is not None and change.write:
            runner.write(*self._written(change, runner.tokens))
        return runner

    def _open(self, spec: TextSpec, at: int) -> Ints:
        """The positions that nobody has given by step ``at``: masks of the start, less writes."""
        found = set(np.flatnonzero(self._start_tokens(spec) == self.denoiser.mask_id).tolist())
        for change in spec.changes:
            if change.at < at:
                for position, word in change.write:
                    (found.add if word == MASK else found.discard)(position)
        return np.array(sorted(found), np.int32)

    def _held(self, which: int, step: TextStep) -> Floats:
        """What a rule may take back of what another rule wrote: read from all its steps."""
        held = np.full(len(step.tokens), np.nan, np.float32)
        for key in self.chains[which].step_keys[1 : step.index + 1]:
            taken = text_stored.text_step(self.store.get(key))
            held[taken.written] = np.nan
            held[taken.revealed] = taken.confidence[np.searchsorted(taken.masked, taken.revealed)]
            held[taken.taken_back] = np.nan
        return held

    def _written(self, change: TextChange, tokens: Ints) -> tuple[Ints, Ints]:
        """The positions and token ids a fork writes. Raises InvalidInput."""
        ids, after = [], tokens.copy()
        for position, word in change.write:
            if position >= len(tokens):
                raise InvalidInput(f"write must be at 0 to {len(tokens) - 1}, got {position}")
            pieces = self.denoiser.pieces
            encoded = [pieces.index(word)] if word in pieces else self.denoiser.encode(word)
            if len(encoded) != 1:
                raise InvalidInput(
                    f"write must be one token a position; {word!r} is {len(encoded)}"
                )
            ids.append(int(encoded[0]))
            after[position] = ids[-1]
        masks = int((after == self.denoiser.mask_id).sum())
        if masks != change.masks_left:
            raise InvalidInput(f"masks_left must be {masks} here, got {change.masks_left}")
        positions = np.array([position for position, _ in change.write], np.int32)
        return positions, np.array(ids, np.int32)

    def _payload(self, step: TextStep, runner: TextRunner, layout: str) -> Payload:
        return text_stored.text_payload(step, runner.generator_state(), self._provenance(layout))

    def _provenance(self, layout: str) -> dict[str, object]:
        return provenance(str(self.denoiser.device), "float32") | {"layout": layout}

    def _start_tokens(self, spec: TextSpec) -> Ints:
        tokens = self.denoiser.encode(spec.start)
        masks = int((tokens == self.denoiser.mask_id).sum())
        if masks != spec.mask_count:
            own = self.denoiser.mask_token
            also = "" if own == MASK else f": {own} is this model's mask too, write {MASK}"
            raise InvalidInput(
                f"text has {spec.mask_count} {MASK} but encodes to {masks} masks{also}"
            )
        return tokens


class CorruptionWalker:
    """Takes the levels of several forward processes; needs the tokenizer, not the model."""

    model_calls = 0

    def __init__(
        self,
        store: Store,
        model: FoundModel,
        specs: Mapping[int, CorruptionSpec],
        _chains: Mapping[int, Chain],
    ) -> None:
        self.specs = specs
        self.denoiser = load_denoiser(model, torch.device("cpu"))
        self.noise = noise_words(model, len(self.denoiser.pieces))
        self.shared_keys = (_keep_vocabulary(store, self.denoiser),)
        self.tokens = {i: self.denoiser.encode(spec.text) for i, spec in specs.items()}

    def start(self, which: int) -> Payload:
        """The payload of level 0: the clean text."""
        return self._payload(which, 0)

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]:
        """The next level of each chain."""
        for k, (i, payload) in enumerate(zip(which, before, strict=True)):
            yield k, self._payload(i, int(payload.meta["index"]) + 1)

    def _payload(self, which: int, level: int) -> Payload:
        spec, tokens = self.specs[which], self.tokens[which]
        step: CorruptionStep = (
            corrupt_at(spec, tokens, level, mask_id=self.denoiser.mask_id)
            if self.noise is None
            else redraw_at(spec, tokens, level, noise=self.noise)
        )
        return text_stored.corruption_payload(step)


def _keep_vocabulary(store: Store, denoiser: TextDenoiser) -> str:
    return text_stored.keep_vocabulary(
        store, denoiser.fingerprint, denoiser.pieces, denoiser.mask_id
    )
