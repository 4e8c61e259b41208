"""Folders of pipelines with a U-Net, by rules that their families set. No torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from cache.errors import InvalidInput, ModelDamaged
from engine.models.component_files import (
    check_quantisation,
    check_tokenizer,
    check_weights,
)
from engine.models.families.facts import PipelineFacts
from engine.models.registry import FoundModel
from engine.models.scheduler_config import Config, SamplerName, changed_samplers, check_scheduler
from engine.models.weight_files import read_json

UNETS = ("UNet2DConditionModel",)
# class: latent channels where its config does not say; ConsistencyDecoderVAE draws noise of its own
AUTOENCODERS = {
    "AutoencoderKL": 4,
    "AutoencoderTiny": 4,
    "AsymmetricAutoencoderKL": 4,
    "VQModel": 3,
}
SAMPLERS: tuple[SamplerName, ...] = get_args(SamplerName)
NO_STATISTICS = (
    "the autoencoder of {} has latents_mean and latents_std; Stable Diffusion's pipeline leaves "
    "them out, and so is it here"
)


@dataclass(frozen=True, slots=True)
class UNetRules:
    """What is particular to a family of pipelines with a U-Net."""

    family: str
    components: tuple[str, ...]  # with weights, as model_index.json names them
    tokenizers: tuple[str, ...]
    usual_side: int  # latents, where the U-Net's config does not say
    time_ids: int = 0  # numbers added to the timestep: sizes and crops
    encodes_negative_apart: bool = False
    applies_latent_statistics: bool = False  # latents_mean and latents_std of its autoencoder
    corrects_old_sizes: bool = False  # to 64 latents, as written by diffusers before 0.9
    scheduler_defaults: Config = field(default_factory=dict)
    scheduler_corrections: Config = field(default_factory=dict)  # whatever the JSON says
    no_text_encoder: str = ""  # what a folder without one probably is

    def corrected_config(self, raw: Mapping[str, Any]) -> Config:
        """A scheduler's config as the loaded pipeline has it."""
        return self.scheduler_defaults | dict(raw) | self.scheduler_corrections


def unet_facts(model: FoundModel, index: Mapping[str, Any], rules: UNetRules) -> PipelineFacts:
    """The facts of a folder whose model_index.json is ``index``.

    Raises InvalidInput for a pipeline that cannot be computed here, ModelDamaged when its files
    cannot be read or are not whole.
    """
    components = _components(model, index, rules)
    unet, vae = _checked_configs(model, [name for name, *_ in components], rules)
    raw = read_json(model.folder / "scheduler" / "scheduler_config.json")
    _check_schedulers(model.name, index, raw)
    scheduler, scale = rules.corrected_config(raw), _vae_scale(vae)
    height, width = _sample_size(model, unet, rules)
    picked = [(name, check_weights(model.folder / name)) for name, *_ in components]
    statistics = None not in (vae.get("latents_mean"), vae.get("latents_std"))
    applied = statistics and rules.applies_latent_statistics
    return PipelineFacts(
        family=rules.family,
        width=width * scale,
        height=height * scale,
        vae_scale=scale,
        scheduler=scheduler,
        embeds_guidance=unet.get("time_cond_proj_dim") is not None,
        encodes_negative_apart=rules.encodes_negative_apart,
        latent_statistics=applied,
        components=components,
        variants=tuple((name, variant) for name, variant in picked if variant),
        corrected=SAMPLERS if applied else changed_samplers(raw, scheduler, SAMPLERS),
        left_out=(NO_STATISTICS.format(model.name),) if statistics and not applied else (),
    )


def _checked_configs(
    model: FoundModel, names: list[str], rules: UNetRules
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The configs of U-Net and autoencoder, once all components are such as can be computed."""
    configs = {name: read_json(model.folder / name / "config.json") for name in names}
    for name, config in configs.items():
        check_quantisation(model.folder / name / "config.json", config)
    unet, vae = configs["unet"], configs["vae"]
    _check_unet(model.name, unet, rules)
    _check_channels(model.name, unet, vae)
    if rules.time_ids:
        _check_time_ids(model.name, unet, configs["text_encoder_2"], rules.time_ids)
    for name in rules.tokenizers:
        check_tokenizer(model.folder / name)
    return unet, vae


def _components(
    model: FoundModel, index: Mapping[str, Any], rules: UNetRules
) -> tuple[tuple[str, str, str], ...]:
    """(name, library, class) of every part with weights that the pipeline's index names."""
    parts = []
    for name in rules.components:
        entry = index.get(name)
        if not isinstance(entry, list) or len(entry) != 2 or not all(entry):
            lacks = f"model {model.name!r} has no {name} in its model_index.json"
            if name == "text_encoder" and rules.no_text_encoder:
                lacks += f": {rules.no_text_encoder}"
            raise InvalidInput(lacks)
        library, kind = map(str, entry)
        wanted = "transformers" if name.startswith("text") else "diffusers"
        if library != wanted:
            raise InvalidInput(
                f"{name} of model {model.name!r} must be a class of {wanted}, got {library}.{kind}"
            )
        known = {"unet": UNETS, "vae": tuple(AUTOENCODERS)}.get(name)
        if known and kind not in known:
            raise InvalidInput(
                f"{name} of model {model.name!r} must be {' or '.join(known)}, got {kind}"
            )
        parts.append((name, library, kind))
    return tuple(parts)


def _check_schedulers(model: str, index: Mapping[str, Any], raw: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a scheduler that is not supported, as its config or the index says."""
    entry = index.get("scheduler")
    named = entry[1] if isinstance(entry, list) and len(entry) == 2 else raw.get("_class_name")
    for kind in dict.fromkeys((raw.get("_class_name", named), named)):
        check_scheduler(model, dict(raw) | {"_class_name": kind})


def _check_unet(model: str, unet: Mapping[str, Any], rules: UNetRules) -> None:
    """Raise InvalidInput for a U-Net that wants more than latents, a time and a prompt."""
    classes = unet.get("class_embed_type") or unet.get("num_class_embeds")
    if classes is not None:
        raise InvalidInput(f"the U-Net of model {model!r} wants class labels ({classes}): not here")
    added, wanted = unet.get("addition_embed_type"), "text_time" if rules.time_ids else None
    if added != wanted:
        raise InvalidInput(
            f"addition_embed_type of the U-Net of model {model!r} must be {wanted}, got {added!r}"
        )
    hidden = unet.get("encoder_hid_dim_type")
    if hidden not in (None, "text_proj"):
        raise InvalidInput(
            f"encoder_hid_dim_type of the U-Net of model {model!r} is {hidden!r}: not supported yet"
        )
    blocks = [*(unet.get("down_block_types") or ["CrossAttn"]), *(unet.get("up_block_types") or [])]
    middle = unet.get("mid_block_type", "UNetMidBlock2DCrossAttn")
    if not any("CrossAttn" in str(name) for name in [*blocks, middle]):
        raise InvalidInput(
            f"the U-Net of model {model!r} has no cross attention: no prompt would reach it"
        )


def _check_channels(model: str, unet: Mapping[str, Any], vae: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a U-Net that sees or gives more than the latents it denoises."""
    takes, gives = unet.get("in_channels", 4), unet.get("out_channels", 4)
    latent = vae.get("latent_channels", AUTOENCODERS.get(str(vae.get("_class_name")), 4))
    if takes != latent:
        hint = {9: " (inpainting)", 8: " (edits a picture)", 5: " (with depth)"}.get(takes, "")
        raise InvalidInput(
            f"the U-Net of model {model!r} takes {takes} channels{hint} and its autoencoder's "
            f"latents have {latent}: such models are not supported yet"
        )
    if gives != takes:
        raise InvalidInput(
            f"the U-Net of model {model!r} gives {gives} channels for {takes} of latents: models "
            "that learn their variance are not supported yet"
        )


def _check_time_ids(
    model: str, unet: Mapping[str, Any], text: Mapping[str, Any], count: int
) -> None:
    given, width = unet.get("projection_class_embeddings_input_dim"), text.get("projection_dim")
    each = unet.get("addition_time_embed_dim")
    if not (isinstance(given, int) and isinstance(width, int) and isinstance(each, int)):
        return
    if given != count * each + width:
        ids = (given - width) / each
        raise InvalidInput(
            f"the U-Net of model {model!r} takes {ids:g} time ids, not {count}: SDXL refiners "
            "are not supported yet"
        )


def _vae_scale(vae: Mapping[str, Any]) -> int:
    """Pixels a latent, each way: diffusers counts the blocks that its pipeline sees."""
    for name in ("block_out_channels", "decoder_block_out_channels", "up_block_out_channels"):
        blocks = vae.get(name)
        if isinstance(blocks, list) and blocks:
            return int(2 ** (len(blocks) - 1))
    if vae.get("_class_name") == "AutoencoderTiny":
        return 8  # four blocks, where its config does not say
    return 1


def _sample_size(model: FoundModel, unet: Mapping[str, Any], rules: UNetRules) -> tuple[int, int]:
    """(height, width) in latents that the model was made for."""
    size = unet.get("sample_size") or rules.usual_side
    sides = size if isinstance(size, list) else [size, size]
    if len(sides) != 2 or not all(type(side) is int and side > 0 for side in sides):
        path = model.folder / "unet" / "config.json"
        raise ModelDamaged(f"{path}: sample_size must be one or two sides, got {size!r}")
    small = isinstance(size, int) and size < 64
    if rules.corrects_old_sizes and small and _is_before_0_9(unet):
        return 64, 64  # the pipeline's constructor corrects what old tools wrote
    return sides[0], sides[1]


def _is_before_0_9(config: Mapping[str, Any]) -> bool:
    parts = re.findall(r"\d+", str(config.get("_diffusers_version", "")))
    return len(parts) >= 2 and (int(parts[0]), int(parts[1])) < (0, 9)
