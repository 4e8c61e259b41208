"""What a Stable Diffusion folder says of itself in its JSON files. No torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

from cache.errors import InvalidInput, ModelDamaged
from engine.models.component_files import (
    check_quantisation,
    check_tokenizer,
    check_weights,
    read_json,
)
from engine.models.registry import FoundModel
from engine.models.scheduler_config import (
    SamplerName,
    changed_samplers,
    check_scheduler,
    corrected_config,
)

FAMILIES = {
    "StableDiffusionPipeline": "sd",
    "StableDiffusionImg2ImgPipeline": "sd",
    "LatentConsistencyModelPipeline": "sd",
    "StableDiffusionXLPipeline": "sdxl",
    "StableDiffusionXLImg2ImgPipeline": "sdxl",
}


UNETS = ("UNet2DConditionModel",)
# class: latent channels where its config does not say; ConsistencyDecoderVAE draws noise of its own
AUTOENCODERS = {
    "AutoencoderKL": 4,
    "AutoencoderTiny": 4,
    "AsymmetricAutoencoderKL": 4,
    "VQModel": 3,
}
COMPONENTS = ("text_encoder", "text_encoder_2", "unet", "vae")
TIME_IDS = 6  # of SDXL: original size, crop, target size; the refiner has five


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """What a pipeline's folder says of it, after the corrections of its class' constructor."""

    family: str  # sd or sdxl
    width: int  # pixels
    height: int  # pixels
    vae_scale: int  # pixels a latent, each way
    scheduler: dict[str, Any]  # the scheduler's config, as the loaded pipeline has it
    embeds_guidance: bool = False  # the scale is an input of the U-Net: one call a step
    components: tuple[tuple[str, str, str], ...] = ()  # (name, library, class) of what has weights
    variants: tuple[tuple[str, str], ...] = ()  # (component, "fp16") where there is nothing else
    corrected: tuple[SamplerName, ...] = ()  # whose results an earlier reading made otherwise


@lru_cache(maxsize=16)
def pipeline_facts(found: FoundModel) -> PipelineFacts:
    """The facts of a pipeline folder, which is looked through without loading anything.

    Raises InvalidInput when the model is no Stable Diffusion pipeline that can be computed here,
    ModelDamaged when its files cannot be read or are not whole.
    """
    index = _index(found)
    family = FAMILIES[str(index["_class_name"])]
    components = _components(found, index, family)
    configs = {name: read_json(found.folder / name / "config.json") for name, *_ in components}
    for name, config in configs.items():
        check_quantisation(found.folder / name / "config.json", config)
    unet, vae = configs["unet"], configs["vae"]
    _check_unet(found.name, unet, family)
    _check_channels(found.name, unet, vae)
    if family == "sdxl":
        _check_time_ids(found.name, unet, configs["text_encoder_2"])
    for name in ("tokenizer", "tokenizer_2")[: 1 if family == "sd" else 2]:
        check_tokenizer(found.folder / name)
    raw = read_json(found.folder / "scheduler" / "scheduler_config.json")
    _check_schedulers(found.name, index, raw)
    scale = _vae_scale(vae)
    height, width = _sample_size(found, unet, family)
    picked = [(name, check_weights(found.folder / name)) for name, *_ in components]
    return PipelineFacts(
        family=family,
        width=width * scale,
        height=height * scale,
        vae_scale=scale,
        scheduler=corrected_config(raw, family),
        embeds_guidance=unet.get("time_cond_proj_dim") is not None,
        components=components,
        variants=tuple((name, variant) for name, variant in picked if variant),
        corrected=_corrected(raw, vae, family),
    )


def _index(found: FoundModel) -> dict[str, Any]:
    path = found.folder / "model_index.json"
    if not path.exists():
        raise InvalidInput(
            f"model {found.name!r} is not an image model: it has no model_index.json"
        )
    index = read_json(path)
    name = index.get("_class_name")
    if not isinstance(name, str) or name not in FAMILIES:
        raise InvalidInput(
            f"model {found.name!r} is a {name}; image models are of {', '.join(FAMILIES)}"
        )
    return index


def _components(
    found: FoundModel, index: Mapping[str, Any], family: str
) -> tuple[tuple[str, str, str], ...]:
    """(name, library, class) of every part with weights that the pipeline's index names."""
    parts = []
    for name in COMPONENTS:
        if name == "text_encoder_2" and family == "sd":
            continue
        entry = index.get(name)
        if not isinstance(entry, list) or len(entry) != 2 or not all(entry):
            lacks = f"model {found.name!r} has no {name} in its model_index.json"
            if name == "text_encoder" and family == "sdxl":
                lacks += ": SDXL refiners are not supported yet"
            raise InvalidInput(lacks)
        library, kind = map(str, entry)
        wanted = "transformers" if name.startswith("text") else "diffusers"
        if library != wanted:
            raise InvalidInput(
                f"{name} of model {found.name!r} must be a class of {wanted}, got {library}.{kind}"
            )
        known = {"unet": UNETS, "vae": tuple(AUTOENCODERS)}.get(name)
        if known and kind not in known:
            raise InvalidInput(
                f"{name} of model {found.name!r} must be {' or '.join(known)}, got {kind}"
            )
        parts.append((name, library, kind))
    return tuple(parts)


def _check_schedulers(model: str, index: Mapping[str, Any], raw: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a scheduler that is not supported, as its config or the index says."""
    entry = index.get("scheduler")
    named = entry[1] if isinstance(entry, list) and len(entry) == 2 else raw.get("_class_name")
    for kind in dict.fromkeys((raw.get("_class_name", named), named)):
        check_scheduler(model, dict(raw) | {"_class_name": kind})


def _check_unet(model: str, unet: Mapping[str, Any], family: str) -> None:
    """Raise InvalidInput for a U-Net that wants more than latents, a time and a prompt."""
    classes = unet.get("class_embed_type") or unet.get("num_class_embeds")
    if classes is not None:
        raise InvalidInput(f"the U-Net of model {model!r} wants class labels ({classes}): not here")
    added, wanted = unet.get("addition_embed_type"), "text_time" if family == "sdxl" else None
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


def _check_time_ids(model: str, unet: Mapping[str, Any], text: Mapping[str, Any]) -> None:
    given, width = unet.get("projection_class_embeddings_input_dim"), text.get("projection_dim")
    each = unet.get("addition_time_embed_dim")
    if not (isinstance(given, int) and isinstance(width, int) and isinstance(each, int)):
        return
    if given != TIME_IDS * each + width:
        ids = (given - width) / each
        raise InvalidInput(
            f"the U-Net of model {model!r} takes {ids:g} time ids, not {TIME_IDS}: SDXL refiners "
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


def _sample_size(found: FoundModel, unet: Mapping[str, Any], family: str) -> tuple[int, int]:
    """(height, width) in latents that the model was made for."""
    size = unet.get("sample_size") or (128 if family == "sdxl" else 64)
    sides = size if isinstance(size, list) else [size, size]
    if len(sides) != 2 or not all(type(side) is int and side > 0 for side in sides):
        path = found.folder / "unet" / "config.json"
        raise ModelDamaged(f"{path}: sample_size must be one or two sides, got {size!r}")
    if family == "sd" and isinstance(size, int) and size < 64 and _is_before_0_9(unet):
        return 64, 64  # the pipeline's constructor corrects what old tools wrote
    return sides[0], sides[1]


def _is_before_0_9(config: Mapping[str, Any]) -> bool:
    parts = re.findall(r"\d+", str(config.get("_diffusers_version", "")))
    return len(parts) >= 2 and (int(parts[0]), int(parts[1])) < (0, 9)


def _corrected(
    raw: Mapping[str, Any], vae: Mapping[str, Any], family: str
) -> tuple[SamplerName, ...]:
    """The samplers whose results an earlier version of this program got otherwise."""
    names: tuple[SamplerName, ...] = get_args(SamplerName)
    if uses_latent_statistics(vae, family):
        return names
    changed = changed_samplers(raw, family, names)
    return tuple(name for name in names if name in changed)


def uses_latent_statistics(vae: Mapping[str, Any], family: str) -> bool:
    """Whether an autoencoder's latents have a mean and a deviation of their own, as its pipeline.

    SDXL's pipeline applies them; that of Stable Diffusion leaves them out, and so are they here.
    """
    mean, deviation = vae.get("latents_mean"), vae.get("latents_std")
    return family == "sdxl" and mean is not None and deviation is not None
