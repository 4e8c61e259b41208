"""From trained parts to the folders that ship: pipelines, fp16 files, manifests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from diffusers import StableDiffusionPipeline
from transformers import CLIPImageProcessor, CLIPModel, CLIPTextModel, CLIPTokenizer

from engine.models.manifest import made_of, write_manifest
from engine.training.image.autoencoder import Autoencoder
from engine.training.image.clip_tokenizer import POSITIONS
from engine.training.image.denoising_loss import Unet, noise_scheduler
from engine.training.staging import staged
from engine.training.worlds import world_of

BUILTIN = Path(__file__).parents[2] / "models" / "builtin"
CLIP_FOLDER = BUILTIN / "clip"
LOCAL_FACTS = ("_name_or_path", "is_local", "local_files_only")
IMAGE_FOLDER = BUILTIN / "stable-diffusion"


def shipped_world(folder: Path) -> str:
    """The world that a shipped model was trained on; the first ones did not say, and are of one."""
    return str(made_of(folder).get("world", "landscape"))


def text_encoder_of(model: CLIPModel) -> CLIPTextModel:
    """The text tower of a CLIP as the model that Stable Diffusion expects."""
    config: Any = model.config.text_config
    encoder: Any = CLIPTextModel(config)
    encoder.load_state_dict(model.text_model.state_dict())
    return cast(CLIPTextModel, encoder.eval())


def image_processor(size: int) -> CLIPImageProcessor:
    """Pictures to pixel values in [-1, 1], at the side that the vision tower takes."""
    return CLIPImageProcessor(
        size={"shortest_edge": size},
        crop_size={"height": size, "width": size},
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )


def pipeline_of(
    autoencoder: Autoencoder,
    unet: Unet,
    text_encoder: CLIPTextModel,
    tokenizer: CLIPTokenizer,
    *,
    prediction: str = "epsilon",
) -> Any:
    """The parts as a Stable Diffusion pipeline without a safety checker, silent."""
    pipeline: Any = StableDiffusionPipeline(
        vae=autoencoder,
        unet=unet,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        scheduler=noise_scheduler(prediction),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def ship_clip(
    model: CLIPModel,
    tokenizer: CLIPTokenizer,
    folder: Path = CLIP_FOLDER,
    *,
    world: str = "landscape",
    made: Mapping[str, Any] | None = None,
) -> str:
    """Write CLIP as fp16 with tokenizer and preprocessor; the fingerprint of the folder.

    ``made`` is what the manifest says of the training beside its world.
    """
    half: Any = CLIPModel(model.config)
    vision: Any = model.config.vision_config
    half.load_state_dict(model.state_dict())
    with staged(folder, mark="manifest.json") as written:
        half.to(dtype=torch.float16).save_pretrained(written)
        tokenizer.save_pretrained(written)
        _plain_vocabulary(tokenizer, written)
        image_processor(vision.image_size).save_pretrained(written)
        (written / "known_words.txt").write_text("\n".join(world_of(world).known_words()) + "\n")
        _tidied(written)
        return write_manifest(written, "builtin-clip", "clip", {"world": world, **(made or {})})


def ship_pipeline(
    pipeline: Any,
    folder: Path = IMAGE_FOLDER,
    *,
    world: str = "landscape",
    made: Mapping[str, Any] | None = None,
) -> str:
    """Write the pipeline as fp16; the fingerprint of the folder. The card, if any, stays."""
    # what training or sampling asked of the tokenizer last is no part of the model
    pipeline.tokenizer.backend_tokenizer.no_padding()
    pipeline.tokenizer.backend_tokenizer.no_truncation()
    with staged(folder, mark="manifest.json") as written:
        pipeline.save_pretrained(written)
        for part in ("vae", "unet", "text_encoder"):
            model = getattr(pipeline, part)
            half = type(model).from_pretrained(written / part, local_files_only=True)
            half.to(dtype=torch.float16).save_pretrained(written / part)
        _plain_vocabulary(pipeline.tokenizer, written / "tokenizer")
        (written / "known_words.txt").write_text("\n".join(world_of(world).known_words()) + "\n")
        _tidied(written)
        return write_manifest(written, "builtin-sd", "image", {"world": world, **(made or {})})


def _tidied(folder: Path) -> None:
    """Make the weights readable for everybody and take out where they happened to lie."""
    for path in folder.rglob("*.safetensors"):
        path.chmod(0o644)
    for path in (*folder.rglob("*config.json"), *folder.rglob("model_index.json")):
        config = json.loads(path.read_text())
        kept = {name: value for name, value in config.items() if name not in LOCAL_FACTS}
        path.write_text(json.dumps(kept, indent=2) + "\n")


def _plain_vocabulary(tokenizer: CLIPTokenizer, folder: Path) -> None:
    """vocab.json and merges.txt beside tokenizer.json, for tools that read the older files."""
    tokenizer.backend_tokenizer.model.save(str(folder))
    assert tokenizer.model_max_length == POSITIONS
