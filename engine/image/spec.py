"""What may be asked of the image models: pictures, and their decoding. No torch."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from cache.errors import InvalidInput
from engine.chain.axis_values import shown_number
from engine.chain.specs import Change, Forkable, ModelName, Seed, Spec, Steps, Words, changes_of
from engine.models.scheduler_config import SamplerName

DRAWING = ("ddpm", "euler-a", "dpm++-sde", "dpm++-sde-karras", "lcm")  # fresh noise at every step
DRAWS_ON = {  # the sampler that draws noise at the levels of one that does not
    "euler": "euler-a",
    "heun": "euler-a",
    "pndm": "euler-a",
    "dpm++": "dpm++-sde",
    "unipc": "dpm++-sde",
    "dpm++-karras": "dpm++-sde-karras",
}
LOOSE_ETA = 1.0  # what DDIM is continued with: as much fresh noise as DDPM
Precision = Literal["float32", "float16"]
Accelerator = Literal["none", "deepcache", "tome"]
Shown = Literal["latents", "predicted_x0"]
GUIDANCE_BOUNDS = (1.0, 50.0)
GUIDANCE_COMPARED = (1.0, 5.0, 7.5, 15.0)
STRENGTHS_COMPARED = (0.3, 0.5, 0.7, 0.9)
LCM_MOST_STEPS = 50
MOST_SCALE = 1e6  # anything above is told as no number at all
Side = Annotated[int, Field(ge=16, le=2048)]
MaybeWords = Annotated[str, Field(max_length=4000)]


def _scales(value: Any) -> Any:
    scales = value if isinstance(value, tuple) else (value,)
    for scale in scales:
        if (
            isinstance(scale, bool)
            or not isinstance(scale, int | float)
            or not abs(scale) <= MOST_SCALE  # nan, infinities, and integers beyond every float
        ):
            raise PydanticCustomError("scales", "a number 1 to 50, or one for each step")
    return value


def _two_steps(value: Any) -> Any:
    if value is None:
        return value
    if isinstance(value, tuple) and len(value) == 2 and all(type(step) is int for step in value):
        return value
    raise PydanticCustomError("steps", "two steps, the first and the last")


def _digest(value: Any) -> Any:
    if isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef"):
        return value
    raise PydanticCustomError("digest", "64 hexadecimal characters")


Scales = Annotated[float | tuple[float, ...], BeforeValidator(_scales)]
Interval = Annotated[tuple[int, int] | None, BeforeValidator(_two_steps)]
Digest = Annotated[str, BeforeValidator(_digest)]
Eta = Annotated[float, Field(ge=0.0, le=1.0, strict=False)]


class ImageChange(Change):
    """A fork of an image run. ``seed`` is that of the noise the later steps draw.

    A sampler can take over where its noise level is the one the run has come to.
    """

    prompt: Words = "-"
    negative_prompt: MaybeWords = ""
    seed: Seed = 0
    guidance: Scales = 7.5
    guidance_interval: Interval = None
    sampler: SamplerName = "ddim"
    eta: Eta = 0.0


class ImageSpec(Forkable):
    """One picture to denoise from a prompt, from noise or from an ``init_image`` in the store.

    ``guidance`` is one scale or one per step (1: the prompt alone, no unconditional call);
    ``guidance_interval`` (first step, last step) keeps it to a part of the steps
    (Kynkäänniemi et al. 2024, 2404.07724). ``eta`` is DDIM's share of fresh noise. Width and
    height default to the model's own. ``exact`` takes the run in a batch of one. ``init_image``
    is the digest of a picture kept with ``stored_images.keep_picture``; ``strength`` says how far
    it is noised (SDEdit, Meng et al. 2021, 2108.01073). ``corrected`` is not asked for: planning
    sets it to the samplers of the spec that an earlier version ran on a misread config of this
    model, so that their results then are not taken for the ones of now.
    """

    kind: Literal["image"] = "image"
    model: ModelName = "builtin-sd"
    prompt: Words
    negative_prompt: MaybeWords = ""
    seed: Seed = 0
    steps: Steps = 25
    guidance: Scales = 7.5
    guidance_interval: Interval = None
    sampler: SamplerName = "ddim"
    eta: Eta = 0.0
    width: Side | None = None
    height: Side | None = None
    init_image: Digest | None = None
    strength: Annotated[float, Field(gt=0.0, le=1.0, strict=False)] | None = None
    precision: Precision = "float32"
    exact: bool = False
    attention_slicing: bool = False
    accelerator: Accelerator = "none"
    corrected: tuple[SamplerName, ...] = ()
    changes: Annotated[tuple[ImageChange, ...], changes_of(ImageChange)] = ()

    def model_post_init(self, _: Any) -> None:
        for name in ("width", "height"):
            side = getattr(self, name)
            if side is not None and side % 8:
                raise InvalidInput(f"{name} must be a multiple of 8, got {side}")
        self._check_guidance()
        if self.eta and self.sampler != "ddim":
            raise InvalidInput(
                f"eta is for the sampler ddim, got {shown_number(self.eta)} with {self.sampler}"
            )
        if self.sampler == "lcm" and self.steps > LCM_MOST_STEPS:
            raise InvalidInput(f"steps must be 1 to {LCM_MOST_STEPS} with lcm, got {self.steps}")
        if (self.init_image is None) != (self.strength is None):
            raise InvalidInput("init_image and strength belong together: give both or neither")
        if self.strength is not None and int(self.steps * self.strength) < 1:
            least = least_strength(self.steps)
            raise InvalidInput(
                f"strength must be at least {least:g} for {self.steps} steps, got {self.strength}"
            )
        if self.changes:
            self._check_changes()

    def facts(self) -> dict[str, Any]:
        """The spec as plain JSON values; of what was corrected only what it uses, if anything."""
        facts = super().facts()
        used = {self.sampler, *(c.sampler for c in self.changes if "sampler" in c.fields)}
        facts["corrected"] = [name for name in self.corrected if name in used]
        if not facts["corrected"]:
            del facts["corrected"]
        return facts

    def guidance_at(self, position: int) -> float:
        """The guidance scale of the step at a schedule position (from 1)."""
        if self.guidance_interval is not None:
            first, last = self.guidance_interval
            if not first <= position <= last:
                return 1.0
        if isinstance(self.guidance, tuple):
            return self.guidance[position - 1]
        return self.guidance

    @property
    def skipped_steps(self) -> int:
        """How many steps an init image spares: diffusers' mapping of strength to a start."""
        if self.strength is None:
            return 0
        return self.steps - min(int(self.steps * self.strength), self.steps)

    @property
    def stochastic(self) -> bool:
        """Whether steps draw fresh noise (the start always does)."""
        return self.eta > 0 or self.sampler in DRAWING

    def loosened(self) -> dict[str, Any]:
        """What must change for later steps to draw anything; nothing where they draw already.

        DDIM is continued with fresh noise, other deterministic samplers by the one that draws on
        the same noise levels.
        """
        if self.stochastic:
            return {}
        return {"eta": LOOSE_ETA} if self.sampler == "ddim" else {"sampler": DRAWS_ON[self.sampler]}

    def _check_changes(self) -> None:
        if self.accelerator == "deepcache":
            raise InvalidInput("changes must be none with deepcache: its passes need earlier ones")
        for change in self.changes:
            before, after = self.at_step(change.at), self.at_step(change.at + 1)
            if after.sampler in ("pndm", "lcm") and after.sampler != before.sampler:
                raise InvalidInput(f"sampler {after.sampler} cannot take over a run from another")
            if after.seed != before.seed and not after.stochastic:
                raise InvalidInput(
                    f"seed must be left as it is: {after.sampler} with eta {after.eta:g} draws no "
                    "noise after the start; choose ddim with an eta above 0, ddpm, euler-a or "
                    "dpm++-sde"
                )

    def _check_guidance(self) -> None:
        low, high = GUIDANCE_BOUNDS
        scales = self.guidance if isinstance(self.guidance, tuple) else (self.guidance,)
        for scale in scales:
            if not low <= scale <= high:
                hint = " (1 is without guidance)" if scale < low else ""
                raise InvalidInput(
                    f"guidance must be {low:g} to {high:g}, got {shown_number(scale)}{hint}"
                )
        if isinstance(self.guidance, tuple) and len(self.guidance) != self.steps:
            raise InvalidInput(
                f"guidance must be one number or one for each of {self.steps} steps, "
                f"got {len(self.guidance)}"
            )
        if self.guidance_interval is not None:
            first, last = self.guidance_interval
            if not 1 <= first <= last <= self.steps:
                raise InvalidInput(
                    f"guidance_interval must be two steps of 1 to {self.steps}, got {first}, {last}"
                )


def least_strength(steps: int) -> float:
    """The least strength, to six digits, that leaves one of that many steps to take."""
    least = float(f"{1 / steps:.6g}")
    while int(steps * least) < 1:
        least = float(f"{least * (1 + 2e-6):.6g}")
    return least


class DecodeSpec(Spec):
    """Pictures of stored steps by the full autoencoder, each once. Leaves no run of its own.

    ``steps`` are the hashes of step keys; ``stored_images.decode_spec`` makes it from a run.
    """

    kind: Literal["decode"] = "decode"
    model: ModelName
    fingerprint: Digest
    precision: Precision = "float32"
    shows: Shown = "predicted_x0"
    steps: Annotated[tuple[Digest, ...], Field(min_length=1, max_length=1024)]

    def model_post_init(self, _: Any) -> None:
        if len(set(self.steps)) < len(self.steps):
            raise InvalidInput("steps must be different steps, got one twice")
