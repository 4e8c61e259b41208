"""The image sampler as ``engine.chain.chains.walk`` wants it: payloads before to payloads after."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cache.errors import InvalidInput, NonFiniteLatents
from cache.payload import Payload
from cache.store import Store
from engine.chain.keys import Chain
from engine.image import pictures
from engine.image import stored as image_stored
from engine.image.accelerators import DeepCache, merged_tokens
from engine.image.conditioning import Conditioner
from engine.image.families.family import Row
from engine.image.keys import first_evaluation, image_turns, last_whole_pass
from engine.image.loading import load_image_denoiser
from engine.image.memory import RowBudget
from engine.image.records import ImageStep
from engine.image.sampler import ImageRunner, start_step
from engine.image.schedulers import (
    build_scheduler,
    is_channels_last,
    memory_of,
    noise_level,
    pack,
    recall,
    relaid,
    try_scheduler,
    unit_scale,
    unpack,
)
from engine.image.spec import ImageSpec
from engine.models.device import best_device
from engine.models.provenance import provenance
from engine.models.registry import FoundModel
from engine.models.seeding import generator_at
from engine.models.tuning import chosen_tuning


class ImageWalker:
    """Takes the steps of several image specs of one model, one precision and one accelerator."""

    def __init__(
        self,
        store: Store,
        model: FoundModel,
        specs: Mapping[int, ImageSpec],
        chains: Mapping[int, Chain],
    ) -> None:
        self.store, self.specs, self.chains = store, specs, chains
        first = next(iter(specs.values()))
        self.accelerator = first.accelerator
        if "compile" in chosen_tuning() and self.accelerator != "none":
            raise InvalidInput(f"{self.accelerator} cannot patch a compiled model; unset compile")
        self.model = load_image_denoiser(model, best_device(), first.precision)
        self.deep = DeepCache(self.model.pipe)
        self.conditioner = Conditioner(store, self.model)
        pixels = max(self._latent_pixels(spec) for spec in specs.values())
        self.model.budget = RowBudget.of_device(self.model.device, pixels, self.model.dtype)
        self.calls_before = self.model.model_calls
        self.prototypes: dict[tuple[str, int, int], Any] = {}
        self.tried: set[int] = set()
        self.fitted = False
        self.turns = {i: image_turns(spec) for i, spec in specs.items()}
        for i in specs:
            self._check(i)  # bad input is refused before anything is stored

    @property
    def model_calls(self) -> int:
        """The samples the U-Net was run on for this walker."""
        return self.model.model_calls - self.calls_before

    def start(self, which: int) -> Payload:
        """The payload of step 0: the initial latents, as diffusers' pipelines prepare them."""
        spec = self.specs[which]
        generator = torch.Generator().manual_seed(spec.seed)
        skipped = first_evaluation(spec)
        scheduler = recall(self._prototype(spec, skipped), spec.sampler, {})
        if spec.init_image is None:
            latents = self._draw(spec, generator) * scheduler.init_noise_sigma
        else:
            clean = self._draw_encoded(spec, generator)
            noise = self._draw(spec, generator)
            begin = scheduler.timesteps[skipped : skipped + 1]
            latents = scheduler.add_noise(clean, noise, begin)
        step = start_step(latents, scale=unit_scale(scheduler, spec.sampler, skipped))
        return image_stored.image_payload(
            step,
            memory=_memory(scheduler, spec, latents, at_start=True),
            # always: whether a later step draws is not in the key of the start
            generator_state=generator.get_state().numpy(),
            provenance=self._provenance("start"),
        )

    def take(
        self, which: Sequence[int], before: Sequence[Payload]
    ) -> Iterator[tuple[int, Payload]]:
        """The next step of each chain, each as soon as it is there.

        Those that are not ``exact`` share U-Net calls; a batch that does not fit is halved.
        """
        runners = [self._runner(i, p) for i, p in zip(which, before, strict=True)]
        with merged_tokens(self.model.pipe) if self.accelerator == "tome" else nullcontext():
            for sliced in (False, True):
                self.model.slice_attention(sliced)
                group = [k for k, r in enumerate(runners) if r.spec.attention_slicing == sliced]
                together = [k for k in group if not self._alone(runners[k].spec)]
                alone = [k for k in group if self._alone(runners[k].spec)]
                for places in [*self._batches(runners, together), *([k] for k in alone)]:
                    yield from self._take_some(which, runners, places)

    def _alone(self, spec: ImageSpec) -> bool:
        return spec.exact or self.accelerator == "deepcache"

    def _batches(self, runners: Sequence[ImageRunner], places: list[int]) -> list[list[int]]:
        """Places whose rows fit in about one call; what starts from one state stays together.

        So equal rows are always in one batch, and how many samples are computed does not depend
        on the memory of the machine.
        """
        ordered = sorted(places, key=lambda k: (tuple(runners[k].latents.shape), runners[k].state))
        size = max(1, self.model.budget.rows // 2)
        batches: list[list[int]] = []
        for k in ordered:
            last = runners[batches[-1][-1]] if batches else None
            if last is not None and (
                last.state == runners[k].state
                or (len(batches[-1]) < size and last.latents.shape == runners[k].latents.shape)
            ):
                batches[-1].append(k)
            else:
                batches.append([k])
        return batches

    def _take_some(
        self, which: Sequence[int], runners: Sequence[ImageRunner], places: list[int]
    ) -> Iterator[tuple[int, Payload]]:
        started = time.perf_counter()
        rows = [self._rows(runners[k]) for k in places]
        flat = [row for each in rows for row in each]
        alone = self._alone(runners[places[0]].spec)
        if self.accelerator == "deepcache":
            answers = iter(self._predict_deeply(which[places[0]], runners[places[0]], flat))
        else:
            answers = iter(self.model.predict_exactly(flat) if alone else self.model.predict(flat))
        seconds = (time.perf_counter() - started) / len(places)
        layout = "exact" if alone else f"batch of {len(flat)}"
        failed: NonFiniteLatents | None = None
        done: list[tuple[int, ImageStep]] = []
        for k, each in zip(places, rows, strict=True):
            predictions = [next(answers) for _ in each]
            try:
                done.append((k, runners[k].advance(predictions, seconds)))
            except NonFiniteLatents as error:
                failed = failed or error
        self._decode_results(which, runners, done)
        for k, step in done:
            yield k, self._payload(step, runners[k], layout)
        if failed is not None:
            raise failed

    def _predict_deeply(self, which: int, runner: ImageRunner, rows: list[Row]) -> list[Tensor]:
        """DeepCache's answer; the whole pass it leans on is made again where it is not at hand."""
        index = runner.next_index
        whole = last_whole_pass(runner.spec, index)
        if whole == index:
            return self.deep.whole(which, index, lambda: self.model.predict_exactly(rows))
        if not self.deep.has(which, whole):
            earlier = self.store.get(self.chains[which].step_keys[whole - 1])
            again = self._rows(self._runner(which, earlier))
            self.deep.whole(which, whole, lambda: self.model.predict_exactly(again))
        return self.deep.shallow(which, lambda: self.model.predict_exactly(rows))

    def _rows(self, runner: ImageRunner) -> list[Row]:
        facts, guidance = self.model.facts, runner.guidance
        condition, negative = self.conditioner.prompt(runner.spec), None
        if facts.calls_unconditionally(guidance):
            negative = self.conditioner.negative(runner.spec)
        return runner.rows(condition, negative, embedded=facts.embedded_guidance(guidance))

    def _decode_results(
        self,
        which: Sequence[int],
        runners: Sequence[ImageRunner],
        done: Sequence[tuple[int, ImageStep]],
    ) -> None:
        """Decode what is finished: the picture is there before the step that says it is done."""
        step_keys = {k: self.chains[which[k]].step_keys for k, _ in done}
        ended = [(k, step) for k, step in done if runners[k].next_index == len(step_keys[k])]
        if ended:
            latents = [runners[k].latents for k, _ in ended]
            keys = [step_keys[k][-1] for k, _ in ended]
            pictures.decode_and_keep(self.store, self.model, keys, latents, "latents")
            pictures.keep_last_predictions(self.store, self.model, keys, [s for _, s in ended])
            if not self.fitted:  # the map is checked once a walker
                pictures.fit_preview_once(self.store, self.model, keys, latents)
                self.fitted = True

    def _runner(self, which: int, before: Payload) -> ImageRunner:
        """The run after a stored step, as its spec wants it from there on."""
        index = int(before.meta["index"])
        turn, was = self.turns[which][index], self.specs[which].at_step(index)
        device, spec = str(self.model.device), turn.spec
        memory = unpack(before.arrays, before.meta["memory"]["scheduler"], device)
        latents = torch.from_numpy(before.arrays["latents"].copy())[None].to(device)
        prototype = self._prototype(spec, turn.skipped)
        if was.sampler != spec.sampler:  # another takes over: it knows only the latents
            memory = {}
            scale = unit_scale(prototype, spec.sampler, turn.skipped)
            latents = latents * (float(before.meta["latents_scale"]) / scale)
        generator = None
        if spec.stochastic:
            state = before.arrays.get("generator_state") if was.seed == spec.seed else None
            generator = generator_at(spec.seed, index + 1 if index else 0, state)
        return ImageRunner(
            spec=spec,
            latents=relaid(latents, before.meta["memory"]["channels_last"]),
            scheduler=recall(prototype, spec.sampler, memory),
            generator=generator,
            next_index=index + 1,
            evaluation=turn.evaluation,
            state=f"{self.chains[which].step_keys[index]} {spec.sampler} {turn.evaluation}",
        )

    def _check(self, which: int) -> None:
        """Raise InvalidInput where a sampler takes over at a noise level that is not its own."""
        turns = self.turns[which]
        spec, skipped = self.specs[which], first_evaluation(self.specs[which])
        before, evaluation = self._prototype(spec, skipped), skipped + 1
        self._try(spec.sampler, before, evaluation)
        for index, turn in enumerate(turns, start=1):
            scheduler = self._prototype(turn.spec, turn.skipped)
            if scheduler is not before:
                self._try(turn.spec.sampler, scheduler, turn.evaluation)
                wanted = noise_level(before, evaluation)[0]
                level = noise_level(scheduler, turn.evaluation)[0]
                if not math.isclose(wanted, level, rel_tol=1e-3):
                    raise InvalidInput(
                        f"sampler {turn.spec.sampler} cannot take over after step {index - 1}: its "
                        f"noise level there is sigma {level:.3g}, the run's is {wanted:.3g}"
                    )
            before, evaluation = scheduler, turn.evaluation + 1

    def _try(self, sampler: str, scheduler: Any, evaluation: int) -> None:
        """One step of zeros for each scheduler of this walker: bad configs are refused by then."""
        if id(scheduler) not in self.tried:
            channels = self.model.family.latent_channels
            try_scheduler(scheduler, sampler, evaluation=evaluation, channels=channels)
            self.tried.add(id(scheduler))

    def _payload(self, step: ImageStep, runner: ImageRunner, layout: str) -> Payload:
        state = None if runner.generator is None else runner.generator.get_state().numpy()
        return image_stored.image_payload(
            step,
            memory=_memory(runner.scheduler, runner.spec, runner.latents),
            generator_state=state,
            provenance=self._provenance(layout),
        )

    def _provenance(self, layout: str) -> dict[str, object]:
        origin = provenance(str(self.model.device), self.model.precision) | {"layout": layout}
        origin["prediction_type"] = self.model.facts.scheduler.get("prediction_type", "epsilon")
        if self.accelerator != "none":
            origin["approximated_by"] = self.accelerator
        if self.model.tuning:
            origin["tuned"] = sorted(self.model.tuning)
        if self.model.budget.halvings:
            origin["halved_for_memory"] = self.model.budget.halvings
        return origin

    def _prototype(self, spec: ImageSpec, skipped: int) -> Any:
        name = (spec.sampler, spec.steps, skipped)
        if name not in self.prototypes:
            self.prototypes[name] = build_scheduler(
                spec.sampler,
                self.model.facts.scheduler,
                spec.steps,
                skipped=skipped,
                device=str(self.model.device),
            )
        return self.prototypes[name]

    def _latent_pixels(self, spec: ImageSpec) -> int:
        return (spec.width or 0) * (spec.height or 0) // self.model.facts.vae_scale**2

    def _draw(self, spec: ImageSpec, generator: torch.Generator) -> Tensor:
        # on the CPU, whatever the device: a seed means the same noise everywhere
        if spec.width is None or spec.height is None:
            raise InvalidInput("width and height must be known before a run starts")
        shape = self.model.family.latents_shape(spec.width, spec.height)
        return torch.randn(shape, generator=generator, dtype=self.model.dtype).to(self.model.device)

    def _draw_encoded(self, spec: ImageSpec, generator: torch.Generator) -> Tensor:
        from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution

        family, encoded = self.model.family, self.conditioner.encoded(spec)
        if encoded.shape[1] == family.latent_channels:  # AutoencoderTiny: no distribution
            return family.latents_of(encoded.to(self.model.dtype))
        sample = DiagonalGaussianDistribution(encoded).sample(generator).to(self.model.dtype)
        return family.latents_of(sample)


def _memory(
    scheduler: Any, spec: ImageSpec, latents: Tensor, *, at_start: bool = False
) -> tuple[Mapping[str, np.ndarray], Mapping[str, Any]]:
    """What going on needs beside the latents: the scheduler's memory, and how the latents lie."""
    arrays, layout = pack({} if at_start else memory_of(scheduler, spec.sampler))
    return arrays, {"scheduler": layout, "channels_last": is_channels_last(latents)}
