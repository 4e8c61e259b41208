"""A model is checked once, before anything is stored; what is wrong is one line that names it."""

import json
import shutil

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from cache.errors import InvalidInput, ModelDamaged, StepscopeError
from engine.embed.spec import EmbedSpec
from engine.image import stored as image_stored
from engine.image.spec import ImageSpec
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import find_model
from engine.requests.computing import compute
from tests.engine.image.conftest import run_pipeline

UNET = "unet/diffusion_pytorch_model.safetensors"
TEXT = "text_encoder/model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"


def copied(source, folder):
    shutil.copytree(source, folder)
    return folder


def edit(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def rewrite(path, change):
    weights = load_file(path)
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})


def spoiled(weights):
    name = sorted(weights)[0]
    weights[name] = weights[name].clone()
    weights[name].view(-1)[0] = float("nan")


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        (UNET, lambda w: w.pop("conv_in.weight"), "unet .* lacks the weights conv_in.weight"),
        (TEXT, lambda w: w.pop(sorted(w)[0]), "text_encoder .* lacks"),
        (VAE, lambda w: w.pop("decoder.conv_out.bias"), "vae .* lacks"),
        (UNET, spoiled, "unet .* not finite"),
        (TEXT, spoiled, "text_encoder .* not finite"),
        (UNET, lambda w: w.update(more=torch.zeros(2)), "no part of its config"),
    ],
)
def test_weights_that_are_not_the_architectures_are_refused(
    store, tiny_sd, tmp_path, part, change, message
):
    folder = copied(tiny_sd, tmp_path / "m")
    rewrite(folder / part, change)
    with pytest.raises(ModelDamaged, match=message):
        compute(store, [ImageSpec(model=str(folder), prompt="a", steps=1)])
    assert not list(store.scan("step:"))


@pytest.mark.parametrize(
    ("where", "change", "message"),
    [
        ("unet", {"in_channels": 9}, r"9 channels \(inpainting\)"),
        ("unet", {"out_channels": 8}, "gives 8 channels"),
        ("unet", {"num_class_embeds": 10}, "class labels"),
        ("unet", {"addition_embed_type": "text"}, "addition_embed_type"),
        ("unet", {"quantization_config": {"quant_method": "quanto"}}, r"quantised \(quanto\)"),
        ("vae", {"latent_channels": 8}, "latents have 8"),
    ],
)
def test_what_is_not_supported_is_refused_without_loading(
    tiny_sd, tmp_path, where, change, message
):
    folder = copied(tiny_sd, tmp_path / "m")
    edit(folder / where / "config.json", **change)
    with pytest.raises(InvalidInput, match=message):
        pipeline_facts(find_model(str(folder)))


def test_a_refiner_is_refused_by_name(tiny_sdxl, tmp_path):
    folder = copied(tiny_sdxl, tmp_path / "m")
    edit(folder / "unet/config.json", projection_class_embeddings_input_dim=5 * 8 + 32)
    with pytest.raises(InvalidInput, match=r"5 time ids.*refiners"):
        pipeline_facts(find_model(str(folder)))
    edit(folder / "model_index.json", text_encoder=[None, None])
    with pytest.raises(InvalidInput, match="refiners"):
        pipeline_facts(find_model(str(folder)))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (TEXT, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (VAE, b"", "0 bytes"),
        (UNET, b"\xff" * 100, "cut off"),
        (UNET, (2).to_bytes(8, "little") + b"{}" + b"more", "not as long"),
        ("unet/config.json", b"{nope", "cannot be read"),
        ("scheduler/scheduler_config.json", b"[1]", "not a JSON object"),
        ("tokenizer/tokenizer.json", b"", "cannot be read"),
    ],
)
def test_files_that_are_not_whole_are_named_without_loading(
    tiny_sd, tmp_path, name, content, message
):
    folder = copied(tiny_sd, tmp_path / "m")
    (folder / name).write_bytes(content)
    with pytest.raises(ModelDamaged, match=message) as caught:
        pipeline_facts(find_model(str(folder)))
    assert name in str(caught.value)


def test_a_tokenizer_without_words_is_refused(tiny_sd, tmp_path):
    folder = copied(tiny_sd, tmp_path / "m")
    for path in (folder / "tokenizer").iterdir():
        path.unlink()
    with pytest.raises(ModelDamaged, match="no vocabulary"):
        pipeline_facts(find_model(str(folder)))


def test_half_weights_alone_are_widened_on_a_cpu(store, tiny_sd, tmp_path):
    folder = copied(tiny_sd, tmp_path / "m")
    for name in (UNET, TEXT, VAE):
        path = folder / name
        half = {k: v.half() if v.is_floating_point() else v for k, v in load_file(path).items()}
        path.unlink()
        half_path = path.with_name(path.name.replace(".safetensors", ".fp16.safetensors"))
        save_file(half, half_path, metadata={"format": "pt"})
    run = compute(store, [ImageSpec(model=str(folder), prompt="a", steps=1)]).runs[0]
    assert image_stored.load_image_run(store, run).steps[-1].latents.dtype == np.float32


def test_a_pipeline_is_no_clip_and_nothing_is_stored(store, tiny_sd):
    with pytest.raises(InvalidInput, match="image pipeline, not a CLIP"):
        compute(store, [EmbedSpec(model=tiny_sd, texts=("a",))])


def with_vae(source, folder, vae):
    copied(source, folder)
    shutil.rmtree(folder / "vae")
    vae.save_pretrained(folder / "vae")
    edit(folder / "model_index.json", vae=["diffusers", type(vae).__name__])
    return folder


def kl(**more):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return diffusers.AutoencoderKL(
            block_out_channels=(8, 16),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            norm_num_groups=8,
            sample_size=32,
            **more,
        )


def tiny_autoencoder():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return diffusers.AutoencoderTiny(
            encoder_block_out_channels=(8, 8),
            decoder_block_out_channels=(8, 8),
            num_encoder_blocks=(1, 1),
            num_decoder_blocks=(1, 1),
        )


def as_the_pipeline(store, pipe, spec, strength):
    """Whether a run from noise or a picture has the picture of diffusers' own pipeline."""
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    more = {}
    if strength is not None:
        digest = image_stored.keep_pixels(store, pixels)
        spec = spec.but(init_image=digest, strength=strength)
        more = {"image": Image.fromarray(pixels), "strength": strength}
    _, wanted = run_pipeline(pipe, spec, **more)
    run = image_stored.load_image_run(store, compute(store, [spec]).runs[0])
    found = image_stored.find_result(store, run.manifest)
    return np.array_equal(image_stored.picture_pixels(found.png), wanted)


@pytest.mark.parametrize("strength", [None, 0.6])
def test_an_autoencoders_mean_and_deviation_are_used(store, tiny_sdxl, tmp_path, strength):
    vae = kl(latents_mean=[0.5, -0.3, 0.1, 0.2], latents_std=[2.0, 1.5, 0.7, 3.0])
    folder = with_vae(tiny_sdxl, tmp_path / "m", vae)
    kind = "StableDiffusionXLPipeline" if strength is None else "StableDiffusionXLImg2ImgPipeline"
    pipe = getattr(diffusers, kind).from_pretrained(folder, add_watermarker=False)
    spec = ImageSpec(model=str(folder), prompt="a", steps=4, sampler="euler", exact=True)
    assert as_the_pipeline(store, pipe, spec, strength)


@pytest.mark.parametrize("strength", [None, 0.6])
def test_an_autoencoder_without_a_distribution_does_img2img(store, tiny_sd, tmp_path, strength):
    folder = with_vae(tiny_sd, tmp_path / "m", tiny_autoencoder())
    kind = "StableDiffusionPipeline" if strength is None else "StableDiffusionImg2ImgPipeline"
    pipe = getattr(diffusers, kind).from_pretrained(
        folder, safety_checker=None, requires_safety_checker=False
    )
    spec = ImageSpec(model=str(folder), prompt="a", steps=4, exact=True)
    assert as_the_pipeline(store, pipe, spec, strength)


def test_parts_that_do_not_fit_are_refused(store, tiny_sd, tmp_path):
    folder = copied(tiny_sd, tmp_path / "m")
    shutil.rmtree(folder / "tokenizer")
    shutil.copytree(find_model("builtin-sd").folder / "tokenizer", folder / "tokenizer")
    with pytest.raises(StepscopeError, match="do not belong together"):
        compute(store, [ImageSpec(model=str(folder), prompt="a", steps=1)])
