"""The model cards of the built-in CLIP and Stable Diffusion, with the measured numbers in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.training.image import autoencoder, clip, unet
from engine.training.image.poster_cards import write_poster_cards

MADE = """\
Made with the functions behind `python -m engine train clip --profile cpu` and `python -m engine
train image --profile cpu`, on one thread of a 2-core x86-64 machine (AVX-512, fp32) whose other
core was busy. Measured there with `python -m engine train evaluate image`."""

DATA = """\
Data: the landscape world alone, rendered by `engine/training/landscape*.py` with numpy (seven
places, four times of day, weather, aurora, moon, boats, bridges, four styles), captions drawn anew
from each scene's description (`landscape_captions.py`). No photograph, no downloaded picture or
text and no pretrained weight went in.
Licence of weights and data: Apache-2.0, as the project."""


def write_cards(clip_folder: Path, image_folder: Path, numbers: Mapping[str, Any]) -> None:
    """Write MODEL_CARD.md into both folders, as the world of the numbers wants it."""
    if numbers.get("world") == "poster":
        write_poster_cards(clip_folder, image_folder, numbers)
        return
    (clip_folder / "MODEL_CARD.md").write_text(clip_card(numbers))
    (image_folder / "MODEL_CARD.md").write_text(image_card(numbers))


def clip_card(numbers: Mapping[str, Any]) -> str:
    """The card of the built-in CLIP."""
    recipe, retrieval = clip.RECIPES["cpu"], numbers["retrieval"]
    similar = "\n".join(
        f"| {text} | {value:.2f} |" for text, value in numbers["text_similarity"].items()
    )
    return f"""\
# Built-in CLIP

A small `CLIPModel` of pictures and captions of the landscape world: a vision transformer
(patch {recipe.patch} at {recipe.size} px, width {recipe.vision_width}, {recipe.vision_layers}
layers), a causal text transformer (width {recipe.text_width}, {recipe.text_layers} layers, 77
positions), vectors of {recipe.projection}, and a byte-level BPE vocabulary learnt from the
captions. Its text tower is the text encoder of the built-in Stable Diffusion.

{DATA}

## Recipe
{recipe.steps} steps of {recipe.batch} pairs, symmetric contrastive loss, AdamW at
{recipe.learning_rate:g} with a cosine, average of the weights {recipe.ema_decay};
{recipe.unrelated} texts about other things in every batch fit no picture
(`unrelated_texts.py`), so that texts from outside the world lie apart. 20 minutes.
{MADE}

## Measured on fresh renderings
A caption may leave out what its picture shows, so several pictures of a batch can fit it: even a
perfect reader stays below 1.

| retrieval at 1 among {retrieval["batch"]} | |
|---|---|
| caption to picture | {retrieval["text_to_image"]:.2f} |
| picture to caption | {retrieval["image_to_text"]:.2f} |

Cosine with "A beautiful sunset over the ocean":

| text | cosine |
|---|---|
{similar}

## Limits
It knows some 180 words (`known_words.txt`). Any text tokenizes, but a text without any known word
lands in one corner of the space, near every other such text. It knows nothing of real photographs:
its scores compare renderings and generated landscapes with captions, and nothing else.
"""


def image_card(numbers: Mapping[str, Any]) -> str:
    """The card of the built-in Stable Diffusion."""
    codec, denoiser = autoencoder.RECIPES["cpu"], unet.RECIPES["cpu"]
    held = numbers["autoencoder"]
    guidance = "\n".join(
        f"| {row['guidance']:g} | {row['clip_score']:.3f} | {row['prompt_found']:.2f} "
        f"| {row['diversity']:.3f} |"
        for row in numbers["guidance"]
    )
    seconds = "\n".join(
        f"| {threads} | {value:.2f} s |" for threads, value in numbers["seconds_25_steps"].items()
    )
    real = numbers["renderings"]
    return f"""\
# Built-in Stable Diffusion

A small latent diffusion model in the format of Stable Diffusion 1.5: loads with
`StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)` and draws landscapes of
64 x 64 pixels. No safety checker: it has only ever seen rendered landscapes.

{DATA}

## Recipe
| part | what | trained |
|---|---|---|
| `vae` | `AutoencoderKL`, {codec.channels}, {codec.latent_channels} latent channels at a quarter \
of the side, unit latents (scaling factor 1) | {codec.crop_steps} steps of {codec.crop_batch} \
crops of {codec.crop} px, {codec.whole_steps} of {codec.whole_batch} whole pictures; 10 minutes |
| `text_encoder`, `tokenizer` | the text tower of the built-in CLIP, frozen | see its card |
| `unet` | `UNet2DConditionModel`, {denoiser.channels}, cross-attention in the lower levels, noise \
prediction, Min-SNR weights | {denoiser.steps} steps of {denoiser.batch} latents \
({denoiser.steps * denoiser.batch} samples of {denoiser.shards * denoiser.shard_count} pictures), \
AdamW at {denoiser.learning_rate:g} with a cosine, averaged; about three \
hours on one thread of a machine shared with other work |
| `scheduler` | DDIM, scaled-linear betas as Stable Diffusion 1.5 | - |

A tenth of the prompts was empty, for classifier-free guidance.
{MADE}

Some settings were changed while they ran, to fit the time there was: the autoencoder's length and
the weights of its loss at step 615; the U-Net's length (first 1700) at steps 200, 393, 1150 (where
its cosine had ended and began anew), 1450, 1950 and 5000 (anew both times); its loss got Min-SNR
weights at step 604. A new run of the recipe has the final values from its start. Longer training
makes it better: raise `steps` in `unet.py` and go on with `--resume`.

## Measured
Autoencoder, {held["pictures"]} fresh renderings: PSNR {held["psnr_db"]:.1f} dB, SSIM
{held["ssim"]:.3f} (`reconstructions.webp`: original and reconstruction in turn).

Guidance trades diversity for fidelity: {numbers["seeds"]} seeds of 8 prompts, 25 DDIM steps. CLIP
score is the mean cosine of picture and prompt under the built-in CLIP; "found" is the share of
pictures nearer to their own prompt than to the seven others; diversity is the mean cosine distance
between pictures of one prompt.

| guidance | CLIP score | found | diversity |
|---|---|---|---|
{guidance}

For comparison, {real["pictures"]} fresh renderings with their own captions have a CLIP score of
{real["mean"]:.3f} (median {real["median"]:.3f}). Beyond that a higher score says only that
pictures please this CLIP more, and high scales add contrast rather than fidelity.

One guided picture, 25 steps:

| threads | time |
|---|---|
{seconds}

`samples.webp`: the 8 prompts (rows) by seeds 0 to 3, unselected, at guidance 1, 4 and 7.5:
{_prompts()}

## Limits
The U-Net was trained briefly: seas, lakes, deserts and light come out well; cities, mountains and
forests are still vague shapes in the right colours, and guidance far above 4 saturates them. The
autoencoder is soft: stars, windows and the lines of sketches smear. Some 180 known words
(`known_words.txt`); others are read as bytes and mostly ignored. Counting, positions and several
attributes at once are hit and miss.
"""


def _prompts() -> str:
    from engine.training.image.train import SHEET_PROMPTS

    return "\n".join(f"{k}. {prompt}" for k, prompt in enumerate(SHEET_PROMPTS, start=1))
