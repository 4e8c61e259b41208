"""The model cards of built-in models of the poster world, from manifests and measured numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.models.manifest import made_of
from engine.reviews.preferences import wilson
from engine.training.image.poster_card_parts import (
    DATA,
    MEASURED,
    interval,
    renderings,
    rows,
    size,
    trained,
)
from engine.training.image.poster_clip_card import clip_card
from engine.training.image.prompts_probed import EVERYTHING, FORGIVING, JUDGED, TOGETHER

ATTRIBUTES = {
    FORGIVING: "time, where day and sunrise may be mixed up in ink",
    TOGETHER: "place, time and object together",
    EVERYTHING: "all that the prompt names",
}

USE = """\
Use: the shares above are of 25 DDIM steps at guidance 4, which is a good start:

    pipeline = StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    pipeline("a lighthouse on the left at sunset", num_inference_steps=25, guidance_scale=4)"""


def write_poster_cards(clip_folder: Path, image_folder: Path, numbers: Mapping[str, Any]) -> None:
    """Write MODEL_CARD.md into both folders."""
    reader, drawer = made_of(clip_folder), made_of(image_folder)
    cards = clip_card(numbers, reader, drawer), image_card(numbers, drawer, reader)
    for folder, card in zip((clip_folder, image_folder), cards, strict=True):
        (folder / "MODEL_CARD.md").write_text(card)


def image_card(
    numbers: Mapping[str, Any], made: Mapping[str, Any], clip_made: Mapping[str, Any]
) -> str:
    """The card of the built-in Stable Diffusion, beside the CLIP that was made like that."""
    codec, denoiser, held = made["autoencoder"], made["unet"], numbers["autoencoder"]
    side = codec["recipe"]["size"] // 2 ** (len(codec["recipe"]["channels"]) - 1)
    sizes, same_tower = numbers["sizes"], made["clip"] == clip_made["clip"]
    tower = "built-in CLIP" if same_tower else "built-in CLIP before its last training"
    return f"""\
# Built-in Stable Diffusion

A small latent diffusion model in the format of Stable Diffusion 1.5: loads with
`StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)` and draws posters of
{codec["recipe"]["size"]} x {codec["recipe"]["size"]} pixels. No safety checker: it has only ever \
seen rendered posters. Before it
were the same U-Net with softer decoders (git tags `builtin-models-5` and `builtin-models-4`), one
that hardly followed a side (`builtin-models-3`) and one of landscapes of 64 pixels
(`builtin-models-1`). Unlike Stable Diffusion 1.5 it has \
{codec["recipe"]["latent_channels"]} latent
channels and a scaling factor of 1, predicts the velocity, and reads texts of width \
{made["clip"]["recipe"]["text_width"]}.

{_verdict(numbers["prompts"])}

{USE}

{DATA}

## Recipe
| part | what | parameters, fp16 | trained |
|---|---|---|---|
| `vae` | `AutoencoderKL`, {tuple(codec["recipe"]["channels"])}, latents of \
{codec["recipe"]["latent_channels"]} x {side} x {side}, of unit size (scaling factor 1), \
no discriminator | {size(sizes["vae"])} | {trained(codec)}{_decoder(made)} |
| `text_encoder`, `tokenizer` | the text tower of the {tower}, frozen | \
{size(sizes["text_encoder"])} | {_chain(made["clip"])} |
| `unet` | `UNet2DConditionModel`, {tuple(denoiser["recipe"]["channels"])}, \
cross-attention at both levels, \
{_prediction(denoiser["recipe"]["prediction"])} | {size(sizes["unet"])} | {_chain(denoiser)} |
| `scheduler` | DDIM, scaled-linear betas as Stable Diffusion 1.5 | - | - |

The trainings of the U-Net, on the latents and the text tower as they ship, weights averaged:
{_denoiser_stages(denoiser)}
{_decoder_stages(made)}
A share of {denoiser["recipe"]["prompt_dropout"]:g} of the prompts was empty, for classifier-free \
guidance. The first training of the U-Net had not stopped learning when its time was over.

## Measured
{MEASURED}

Autoencoder, {held["pictures"]} renderings: PSNR {held["psnr_db"]:.1f} dB, SSIM {held["ssim"]:.3f}
(`reconstructions.webp`: the first 16 of them, unselected, twice as large, each beside its
reconstruction). The aim was 32 dB and 0.95.

{_prompts_section(numbers)}

The aim for place, time and object together was 0.90; the classifier itself finds them together in
{numbers["probes_on_renderings"][TOGETHER]["right"]:.2f} of renderings.

{_guidance_section(numbers, same_tower=same_tower)}

One picture, 25 DDIM steps at guidance 7.5, the best of three, on {numbers["machine"]}:

| threads | time |
|---|---|
{_seconds(numbers["seconds_25_steps"])}

`samples.webp`: 8 prompts, a row each, by seeds 0 to 3, unselected, at guidance 1, 4 and 7.5:
{_sheet_prompts()}

`prompts.webp`: the first {len(numbers["prompts"]["shown"])} of the {numbers["prompts"]["count"]} \
prompts that the classifier judged, one seed each, unselected; below each picture its number, its \
prompt
and what the classifier does not find. Picture n has seed n - 1. Place, time and object are right in
{_judged_first(numbers["prompts"])}.

## Limits
Seen in the sheets: suns and moons are often misshapen, a sky may have two of them, at guidance 7.5
fewer of them are left than at 4, and the lamp of a lighthouse melts into a sun; an autumn forest
may be a waterfall, cities at night are lit windows in a haze and nothing futuristic, birds are
smears or clouds (five of six prompts with birds miss something, and in the sixth, 60, there is no
bird to be seen); castles in neon run; more balloons than one may fly where one was asked for, and
all three sides that are missed in `prompts.webp` are balloons'; things nobody asked for stand
about, some half formed; a colour may spill onto a neighbour, white houses in neon have red roofs;
day may become night. Soft small windows, doors, stars and neon lines are the autoencoder's: its
reconstructions have them, too. By eye the classifier is too kind to at least eleven (5, 6, 24, 29,
33, 39, 48, 51, 57, 60, 63), where a shape is hardly one, and perhaps hard on 43.
It knows the words of its captions (`known_words.txt`); others are read as bytes and mostly ignored.
The tables say how often what a prompt names is drawn; what no caption of its world says (other
things, other places, photographs) it cannot draw.

## The prompts of prompts.webp
{_whole(numbers["prompts"]["missed"])} show all that their prompt names, as the classifier sees it;
what it misses in the others is in brackets.

{_numbered(_with_missed(numbers["prompts"]))}
"""


def _verdict(prompts: Mapping[str, Any]) -> str:
    """What it can be asked for, by the shares that are found."""
    said: dict[str, list[str]] = {
        "nearly always draws": [], "mostly": [], "less often": [], "does no better than guess": []
    }  # fmt: skip
    always, mostly, often, guess = said.values()
    for name, row in prompts["followed"].items():
        if name in ATTRIBUTES or not row["asked"]:
            continue
        told = f"{name} ({row['right']:.2f})"
        if wilson(row["found"], row["asked"]).low <= row["by chance"]:
            guess.append(told)
        elif row["right"] >= 0.95:
            always.append(told)
        else:
            (mostly if row["right"] >= 0.85 else often).append(told)
    groups = "; ".join(f"{group} {', '.join(names)}" for group, names in said.items() if names)
    followed = prompts["followed"]
    return textwrap.fill(
        f"**In short**: asked for a thing in a place at a time of day, it {groups}. Place, time "
        f"and object are right together in {followed[TOGETHER]['right']:.2f}, all that is named in "
        f"{followed[EVERYTHING]['right']:.2f}. The shares are of prompts at guidance "
        f"{prompts['guidance']:g}, told by a classifier; the table is below.",
        width=100,
    )


def _chain(part: Mapping[str, Any]) -> str:
    """A training, and after a "then" what it went on with."""
    before = part.get("began_with")
    return f"{_chain(before)}; then {trained(part)}" if before else trained(part)


def _decoder(made: Mapping[str, Any]) -> str:
    """What the decoder alone learnt after the whole autoencoder, if it did."""
    return f"; then the decoder alone {_chain(made['decoder'])}" if "decoder" in made else ""


def _decoder_stages(made: Mapping[str, Any]) -> str:
    """The trainings of the decoder alone, a paragraph; nothing where there were none."""
    told, part = [], made.get("decoder")
    while part:
        recipe = part["recipe"]
        told.append(
            f"batches of {recipe['batch']}, AdamW at {recipe['learning_rate']:g}, in bfloat16, of "
            f"{renderings(recipe):,} renderings' latents, half of them with noise of up to "
            f"{recipe['noise']:g}; L1, slopes, the logarithm of a picture's squared error, SSIM "
            f"(weight {recipe['ssim_weight']:g})"
        )
        part = part.get("began_with")
    if not told:
        return ""
    words = (
        f"The decoder alone went on, the latents staying as they are: {'; before: '.join(told)}."
    )
    return f"\n{textwrap.fill(words, width=100)}\n"


def _denoiser_stages(part: Mapping[str, Any]) -> str:
    """The trainings of the U-Net, one a line, the first one first."""
    recipe, before = part["recipe"], part.get("began_with")
    lines = [_denoiser_stages(before)] if before else []
    uniform = recipe.get("weighting") == "uniform"
    told = ["every timestep weighs alike" if uniform else "Min-SNR weights"]
    if recipe.get("learnt") == "attn2":
        told.insert(0, "cross-attention alone")
    if recipe.get("spread", 1.0) < 1.0:
        told.append("timesteps the denser the noisier")
    if recipe.get("sides"):
        told.append(f"captions tell {recipe['sides']:g} of the sides")
    begun = "Then, from these weights, t" if before else "T"
    lines.append(
        f"- {begun}rained {trained(part)}: batches of {recipe['batch']}, AdamW at "
        f"{recipe['learning_rate']:g}, in bfloat16, of {renderings(recipe):,} renderings; "
        f"{', '.join(told)}"
    )
    return "\n".join(lines)


def _whole(missed: Sequence[Sequence[str]]) -> str:
    return f"{sum(not names for names in missed)} of the {len(missed)}"


def _judged_first(prompts: Mapping[str, Any]) -> str:
    """As in "57 of these 64 and in 165 of all 200"."""
    shown = prompts["missed"]
    here = sum(not set(missed) & set(JUDGED) for missed in shown)
    together = prompts["followed"][TOGETHER]
    return f"{here} of these {len(shown)} and in {together['found']} of all {together['asked']}"


def _with_missed(prompts: Mapping[str, Any]) -> list[str]:
    return [
        f"{text} [{', '.join(missed)}]" if missed else text
        for text, missed in zip(prompts["shown"], prompts["missed"], strict=True)
    ]


def _prompts_section(numbers: Mapping[str, Any]) -> str:
    probed, real = numbers["prompts"], numbers["probes_on_renderings"]
    followed, probes = probed["followed"], probed["probes"]
    table = rows(
        (
            ATTRIBUTES.get(name, name),
            f"{row['found']} of {row['asked']}",
            f"{row['right']:.3f}",
            interval(row["right"], row["asked"]),
            f"{row['by chance']:.2f}",
            f"{real[name]['right']:.3f}",
        )
        for name, row in followed.items()
        if row["asked"]
    )
    return f"""\
{probed["count"]} prompts of random scenes in one fixed wording, one seed each, 25 DDIM steps at
guidance {probed["guidance"]:g}: the share of pictures in which a classifier finds what the prompt
names, and in the pictures of the other {probed["count"] - 1} prompts, by chance. The classifier
(`engine/training/image/probes.py`) was trained on {probes["pictures"]:,} renderings and never on a
generated picture; beside each share Wilson's interval and its own, asked the same way of
{numbers["probe_renderings"]:,} fresh renderings. An attribute of a thing counts as missed where the
classifier reads another one, also where the thing itself is missing. It looks for what is named
only: neither what nobody asked for nor a bad shape counts.

| named in the prompt | found | share | 95 % interval | by chance | found in renderings |
|---|---|---|---|---|---|
{table}"""


def _guidance_section(numbers: Mapping[str, Any], *, same_tower: bool) -> str:
    real = numbers["renderings"]
    tower = "that CLIP's own text tower" if same_tower else "an earlier text tower of that CLIP"
    table = rows(
        (f"{row['guidance']:g}", f"{row['clip_score']:.3f}", f"{row['prompt_found']:.2f}",
         f"{row['diversity']:.3f}")
        for row in numbers["guidance"]
    )  # fmt: skip
    shares = {**numbers["clipped"], "renderings": numbers["clipped_renderings"]}
    clipped = rows((name, f"{100 * share:.2f} %") for name, share in shares.items())
    return f"""\
Guidance against diversity: {numbers["seeds"]} seeds of 8 prompts, 25 DDIM steps. CLIP
score is the mean cosine of picture and prompt under the built-in CLIP; "found" is the share of
pictures nearer to their own prompt than to the seven others; diversity is the mean cosine distance
between pictures of one prompt. This model reads with {tower}: no impartial
judge, its score flatters the pictures.

| guidance | CLIP score | found | diversity |
|---|---|---|---|
{table}

For comparison, {real["pictures"]} fresh renderings with their own captions have a CLIP score of
{real["mean"]:.3f} (median {real["median"]:.3f}). Beyond that a higher score says only that
pictures please this CLIP more.

Decoded values that lie beyond white or black and are clipped, channels counted, in those pictures
and in renderings that were encoded and decoded:

| pictures | clipped |
|---|---|
{clipped}"""


def _seconds(by_threads: Mapping[str, float]) -> str:
    return rows((name.split()[0], f"{value:.2f} s") for name, value in by_threads.items())


def _prediction(name: str) -> str:
    return {"epsilon": "noise prediction", "v_prediction": "v-prediction"}.get(name, name)


def _sheet_prompts() -> str:
    from engine.training.generation import SHEET_PROMPTS

    return _numbered(SHEET_PROMPTS)


def _numbered(prompts: Sequence[str]) -> str:
    return "\n".join(f"{k}. {prompt}" for k, prompt in enumerate(prompts, start=1))
