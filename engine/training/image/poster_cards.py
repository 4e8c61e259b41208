"""The model cards of built-in models of the poster world, from manifests and measured numbers."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.models.manifest import made_of
from engine.training.image.prompts_probed import FORGIVING

DATA = """\
Data: the poster world alone, rendered by `engine/training/poster/` with numpy and Pillow (seven
places, four times of day, weather, seasons, five styles, twenty-one kinds of things with colours,
counts and sides), captions drawn anew from each scene's description. No photograph, no downloaded
picture or text and no pretrained weight went in.
Licence of weights and data: Apache-2.0, as the project."""

ATTRIBUTES = {
    "together": "place, time and object together",
    FORGIVING: "time, where day and sunrise may be mixed up in ink",
}
MEASURED = """\
Measured with `python -m engine train evaluate image` on fresh renderings, which no training saw."""


def write_poster_cards(clip_folder: Path, image_folder: Path, numbers: Mapping[str, Any]) -> None:
    """Write MODEL_CARD.md into both folders."""
    reader, drawer = made_of(clip_folder), made_of(image_folder)
    cards = clip_card(numbers, reader, drawer), image_card(numbers, drawer)
    for folder, card in zip((clip_folder, image_folder), cards, strict=True):
        (folder / "MODEL_CARD.md").write_text(card)


def clip_card(
    numbers: Mapping[str, Any], made: Mapping[str, Any], image_made: Mapping[str, Any]
) -> str:
    """The card of the built-in CLIP, beside the image model that was made like that."""
    recipe, retrieval = made["clip"]["recipe"], numbers["retrieval"]
    judged = _rows(
        (
            name,
            *(f"{row[of]:.2f}" if of in row else "-" for of in ("right", "flying", "standing")),
            row["renderings"],
        )
        for name, row in numbers["judgement"].items()
    )
    similar = _rows((text, f"{value:.2f}") for text, value in numbers["text_similarity"].items())
    return f"""\
# Built-in CLIP

A small `CLIPModel` of pictures and captions of the poster world: a vision transformer
(patch {recipe["patch"]} at {recipe["size"]} px, width {recipe["vision_width"]}, \
{recipe["vision_layers"]} layers), a causal text transformer (width {recipe["text_width"]}, \
{recipe["text_layers"]} layers, 77 positions), vectors of {recipe["projection"]}, and a byte-level
BPE vocabulary learnt from the captions. {_tower(made["clip"], image_made["clip"])}

{DATA}

## Recipe
{_stages(made["clip"])}

The loss is symmetric and contrastive, the weights are averages. Texts about other things that fit
no picture (`unrelated_texts.py`) make texts from outside the world lie apart.

## Measured
{MEASURED}

A caption may leave out what its picture shows, so several pictures of a batch can fit it: even a
perfect reader stays below 1.

| retrieval at 1 among {retrieval["batch"]} | |
|---|---|
| caption to picture | {retrieval["text_to_image"]:.2f} |
| picture to caption | {retrieval["image_to_text"]:.2f} |

Judgement: each rendering with its right caption against the same caption with one attribute
changed, in one fixed wording ("a red balloon over the sea at sunset" and "a blue balloon over the
sea at sunset"). The share in which the right one scores higher, of all, where a balloon or a bird
is concerned, and where anything else is; guessing gets 0.50:

| changed | right | what flies | what stands | renderings |
|---|---|---|---|---|
{judged}

Cosine with "A beautiful sunset over the ocean":

| text | cosine |
|---|---|
{similar}

## Limits
Balloons and birds are the smallest things of its world: their sides and numbers are often mistaken.
It knows the words of its captions (`known_words.txt`). Any text tokenizes, but a text without any
known word lands in one corner of the space, near every other such text. It knows nothing of real
photographs: its scores compare renderings and generated posters with captions, and nothing else.
"""


def _tower(clip: Mapping[str, Any], encoder: Mapping[str, Any]) -> str:
    """Whether the image model reads with this CLIP's text tower."""
    if clip == encoder:
        return "Its text tower is the text encoder of\nthe built-in Stable Diffusion."
    return (
        "The built-in Stable Diffusion\nreads with the text tower that this CLIP had before its "
        "last training."
    )


def _stages(part: Mapping[str, Any]) -> str:
    """The trainings that one began with another's weights, the first one first."""
    recipe, before = part["recipe"], part.get("began_with")
    lines = [_stages(before)] if before else []
    wrong = recipe.get("changed")
    beside = (
        f", {wrong} more texts a picture that are wrong in one attribute (`changes.py`; hard "
        "negatives, arXiv:2210.01936)"
        if wrong
        else ""
    )
    lines.append(
        f"- Trained {trained(part)}: batches of {recipe['batch']} pairs and {recipe['unrelated']} "
        f"unrelated texts{beside}; AdamW at {recipe['learning_rate']:g}"
    )
    return "\n".join(lines)


def image_card(numbers: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    """The card of the built-in Stable Diffusion."""
    codec, denoiser, held = made["autoencoder"], made["unet"], numbers["autoencoder"]
    side = codec["recipe"]["size"] // 2 ** (len(codec["recipe"]["channels"]) - 1)
    return f"""\
# Built-in Stable Diffusion

A small latent diffusion model in the format of Stable Diffusion 1.5: loads with
`StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)` and draws posters of
{codec["recipe"]["size"]} x {codec["recipe"]["size"]} pixels. No safety checker: it has only ever \
seen rendered posters. It took the place
of a model of 64-pixel landscapes, which is at the git tag `builtin-models-1`.

{DATA}

## Recipe
| part | what | trained |
|---|---|---|
| `vae` | `AutoencoderKL`, {tuple(codec["recipe"]["channels"])}, latents of \
{codec["recipe"]["latent_channels"]} x {side} x {side}, of unit size (scaling factor 1), \
no discriminator | {trained(codec)} |
| `text_encoder`, `tokenizer` | the text tower of a CLIP of posters, frozen | \
{trained(made["clip"])} |
| `unet` | `UNet2DConditionModel`, {tuple(denoiser["recipe"]["channels"])}, \
cross-attention at both levels, \
{_prediction(denoiser["recipe"]["prediction"])}, Min-SNR weights | {trained(denoiser)}, batches \
of {denoiser["recipe"]["batch"]}, AdamW at {denoiser["recipe"]["learning_rate"]:g}, averaged |
| `scheduler` | DDIM, scaled-linear betas as Stable Diffusion 1.5 | - |

A share of {denoiser["recipe"]["prompt_dropout"]:g} of the prompts was empty, for classifier-free \
guidance. The U-Net had not stopped learning when its time was over.

## Measured
{MEASURED}

Autoencoder, {held["pictures"]} renderings: PSNR {held["psnr_db"]:.1f} dB, SSIM {held["ssim"]:.3f}
(`reconstructions.webp`: original and reconstruction in turn). The aim was 32 dB and 0.95.

{_prompts_section(numbers)}

The aim for place, time and object together was 0.90; the classifier itself finds them together in
{numbers["probes_on_renderings"]["together"]["right"]:.2f} of renderings.

{_guidance_section(numbers)}

One guided picture, 25 steps, on {os.cpu_count()} cores ({platform.machine()}):

| threads | time |
|---|---|
{_seconds(numbers["seconds_25_steps"])}

`samples.webp`: 8 prompts (rows 1 to 8) by seeds 0 to 3, unselected, at guidance 1, 4 and 7.5:
{_sheet_prompts()}

`prompts.webp`: the first {len(numbers["prompts"]["shown"])} of the {numbers["prompts"]["count"]} \
prompts that the classifier judged, one seed each, unselected, eight a row, listed at the end.

## Limits
Seen in the sheets: suns and moons are often misshapen, at guidance 7.5 a sunset may lose its sun, a
cloud may grow into it, an autumn forest may be a waterfall, cities at night are lit windows in a
haze, stars become dots, windows and woodcut lines are soft, two lighthouses may stand where one was
asked for. It hardly follows a side and often miscounts: the CLIP whose text tower it reads with
told sides in 0.52 and counts in 0.76 of the pairs that the built-in CLIP's card tells of.
It knows the words of its captions (`known_words.txt`); others are read as bytes and mostly ignored.
The tables say how often what a prompt names is drawn; what no caption of its world says (other
things, other places, photographs) it cannot draw.

## The prompts of prompts.webp
{_numbered(numbers["prompts"]["shown"])}
"""


def _prompts_section(numbers: Mapping[str, Any]) -> str:
    probed, real = numbers["prompts"], numbers["probes_on_renderings"]
    followed, probes = probed["followed"], probed["probes"]
    rows = _rows(
        (
            ATTRIBUTES.get(name, name),
            f"{row['right']:.3f}",
            row["asked"],
            f"{real[name]['right']:.3f}",
        )
        for name, row in followed.items()
        if row["asked"]
    )
    return f"""\
{probed["count"]} prompts of random scenes in one fixed wording, one seed each, 25 DDIM steps at
guidance {probed["guidance"]:g}: the share of pictures in which a classifier finds what the prompt
names; a thing has one of three sides, and there are one to three of it. The classifier
(`engine/training/image/probes.py`) was trained on {probes["pictures"]:,} renderings and never on a
generated picture; beside each share its own, asked the same way of
{numbers["probe_renderings"]:,} fresh renderings. An attribute of a thing counts as missed where the
classifier reads another one, also where the thing itself is missing.

| named in the prompt | found | prompts | found in renderings |
|---|---|---|---|
{rows}"""


def _guidance_section(numbers: Mapping[str, Any]) -> str:
    real = numbers["renderings"]
    rows = _rows(
        (f"{row['guidance']:g}", f"{row['clip_score']:.3f}", f"{row['prompt_found']:.2f}",
         f"{row['diversity']:.3f}")
        for row in numbers["guidance"]
    )  # fmt: skip
    shares = {**numbers["clipped"], "renderings": numbers["clipped_renderings"]}
    clipped = _rows((name, f"{100 * share:.2f} %") for name, share in shares.items())
    return f"""\
Guidance trades diversity for fidelity: {numbers["seeds"]} seeds of 8 prompts, 25 DDIM steps. CLIP
score is the mean cosine of picture and prompt under the built-in CLIP; "found" is the share of
pictures nearer to their own prompt than to the seven others; diversity is the mean cosine distance
between pictures of one prompt. That CLIP grew from the one whose text tower this model reads with:
no impartial judge, its score flatters the pictures.

| guidance | CLIP score | found | diversity |
|---|---|---|---|
{rows}

For comparison, {real["pictures"]} fresh renderings with their own captions have a CLIP score of
{real["mean"]:.3f} (median {real["median"]:.3f}). Beyond that a higher score says only that
pictures please this CLIP more.

Decoded values that lie beyond white or black and are clipped, channels counted, in those pictures
and in renderings that were encoded and decoded:

| pictures | clipped |
|---|---|
{clipped}"""


def trained(part: Mapping[str, Any]) -> str:
    """As in "one NVIDIA H100 80GB HBM3, 120 s, 12,000 steps, 3,072,000 samples"."""
    seconds = "" if part["seconds"] is None else f" in {part['seconds']:,.0f} s"
    return f"on {part['device']}{seconds}, {part['step']:,} steps, {part['samples_seen']:,} samples"


def _seconds(by_threads: Mapping[str, float]) -> str:
    return _rows((name.split()[0], f"{value:.2f} s") for name, value in by_threads.items())


def _prediction(name: str) -> str:
    return {"epsilon": "noise prediction", "v_prediction": "v-prediction"}.get(name, name)


def _rows(cells: Any) -> str:
    return "\n".join(f"| {' | '.join(str(cell) for cell in row)} |" for row in cells)


def _sheet_prompts() -> str:
    from engine.training.generation import SHEET_PROMPTS

    return _numbered(SHEET_PROMPTS)


def _numbered(prompts: Sequence[str]) -> str:
    return "\n".join(f"{k}. {prompt}" for k, prompt in enumerate(prompts, start=1))
