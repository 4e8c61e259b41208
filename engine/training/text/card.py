"""The built-in BERT's model card, written from the numbers of its evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.training.text.shipping import SHIPPED

_UNKNOWN = "How the weights were made is not known: they came without a `training.json`."
_STAGE = """{steps:,} steps of {batch:,} texts at up to {rate:g} on {texts:,} texts, about
  {tokens_seen:,} words and marks seen, {seconds:,.0f} s on {device} in {precision}"""
_RECIPE = """The shipped weights: one stage from nothing, {stage}. Lengths are drawn by the root of
  how many texts have them, so that long ones are seen."""
_FURTHER = """The shipped weights: two stages. From nothing, {before}. Then, from those weights with
  a fresh optimizer, {stage}, on one thread beside other work; of the second stage's sentences every
  ninth or so is one of the facts, of the first one's every thirtieth. Lengths are drawn by the root
  of how many texts have them, so that long ones are seen."""
_HEADS = {
    "absorbing": """# Built-in BERT

A small `BertForMaskedLM` trained as an absorbing-state diffusion denoiser of short, plain,
lower-case English. It is what Stepscope's text pages run when no other model is chosen.""",
    "uniform": """# Built-in uniform

A small `BertForMaskedLM` trained as a denoiser for uniform discrete diffusion (D3PM, Austin et
al., 2021) of short, plain, lower-case English: noise is other words, not masks.""",
}
_OBJECTIVES = {
    "absorbing": """\
- One mask ratio a text, uniform in (0, 1]; cross-entropy averaged over the masked positions,
  without the 1/t weight of the D3PM and MDLM bounds: that weight buys likelihood at low ratios
  with noisier confidences at high ones, and confidences are what Stepscope shows.""",
    "uniform": """\
- One ratio a text, uniform in (0, 1]; each word is redrawn with that probability from the words
  of the grammar, all alike (`diffusion.json` says which ids). Cross-entropy of the
  original word, averaged over all positions, without the weights of the D3PM bound. The model is
  not told the ratio: it can be read off the sentence.""",
}
_HEAD = """{title}
{parameters:,} parameters, {vocabulary:,} word pieces, texts of up to 62 pieces; {mebibytes:.1f} MiB
in half precision. It knows a small world and nothing beyond it.

## Data and licence
Trained on sentences written by Stepscope's own grammar (`engine/training/text`) and on captions of
its own picture worlds (`engine/training/poster`, `engine/training/landscape`), so that it can write
prompts for the built-in image models. No text and no weights of others are in it. Code, grammar and
weights are under the project's licence.

## Recipe
{objective}
- Batches of one length, so the model sees no padding: `[CLS] text [SEP]`, as it is sampled.
- AdamW with warm-up and cosine, gradient norm 1, EMA 0.999, no dropout.
- {recipe}
- No temperature was fitted: the calibration below is that of the training objective alone.

`python -m engine train text --kernel {kernel} --profile gpu --ship` makes such weights;
`--profile further --start FOLDER` goes on from a model of that size on a CPU.
`python -m engine train evaluate text --kernel {kernel}` measures what follows.

## Measured
| | grammar, fresh draws | grammar, unseen only | written by hand |
|---|---|---|---|
"""
_ROWS = (
    ("loss at 15 % {noise}, nats", "loss_15"),
    ("loss at 50 % {noise}, nats", "loss_50"),
    ("loss at 90 % {noise}, nats", "loss_90"),
    ("top-1 accuracy at 15 % {noise}", "top1_15"),
    ("top-1 accuracy at 50 % {noise}", "top1_50"),
    ("top-1 accuracy at 90 % {noise}", "top1_90"),
    ("accuracy at uniform ratios", "accuracy"),
    ("mean confidence at uniform ratios", "mean_confidence"),
    ("expected calibration error, 15 bins", "ece"),
)
_CHANGED_ROWS = (
    ("accuracy where words were redrawn, at 15 %", "changed_top1_15"),
    ("accuracy where words were redrawn, at 50 %", "changed_top1_50"),
    ("accuracy where words were redrawn, at 90 %", "changed_top1_90"),
)
_SAMPLED = {
    "absorbing": "From nothing but masks, one token a step, most confident first. The number of "
    "tokens is 6 to 16 by the seed; greedy has no other chance in it, so equal lengths give equal "
    "texts.",
    "uniform": "From random words, two steps a token (8 at least), every token redrawn by the "
    "posterior of D3PM at every step. The number of tokens is 6 to 16 by the seed; greedy takes "
    "the likeliest words from the noise of seed 0.",
}
_DRAWN = {"absorbing": "top-k (10)", "uniform": "drawn"}
_TEXTS = ("fresh", "grammar", "plain")
_LIMITS = """
## Limits
- A small world: everyday life, weather, animals, food, travel, feelings, a few facts, landscapes.
  Other subjects come out as the nearest thing it knows; other words are spelled in letters and
  reported as unknown.
- Sentences read alike after a while: the grammar shows through.
- Facts are repeated where they were seen, not known: with several masks it can name the capital of
  one country beside another.
- Reveal order matters: many positions at once give less coherent texts than one a step.
- On sentences written by hand (`plain.py`, {count} of them) loss and calibration are far worse
  than at home, and confidences are then too high: they mean something in this world only.
- English, lower case, no names or places beyond a few dozen.
"""


def model_card(report: dict[str, Any], *, recipe: str, mebibytes: float) -> str:
    """The card's Markdown; ``recipe`` says what was run for how long."""
    from engine.training.text.plain import PLAIN_SENTENCES

    kernel = report["kernel"]
    noise = "masked" if kernel == "absorbing" else "redrawn"
    rows = _ROWS if kernel == "absorbing" else (*_ROWS, *_CHANGED_ROWS)
    head = _HEAD.format(
        title=_HEADS[kernel], objective=_OBJECTIVES[kernel], kernel=kernel, recipe=recipe,
        mebibytes=mebibytes, **_sizes(report),
    )  # fmt: skip
    lines = [head.rstrip()]
    lines += [
        "| ".join(
            [f"| {label.format(noise=noise)} ", *(f"{report[texts][key]:.3f} " for texts in _TEXTS)]
        )
        + "|"
        for label, key in rows
    ]
    share = report["plain_unknown_words"]
    lines += [
        "",
        "Fresh draws: 2,000 texts with a seed that training never used, as they come; some, mostly "
        "short ones, are also in the training set. Unseen only: 2,000 texts that are not, which "
        "leaves out the common ones, so they are harder than what the model was made for. Written "
        f"by hand: {len(PLAIN_SENTENCES)} sentences that the grammar did not make ({share:.0%} of "
        "their words are unknown to the model; those are shown to it as [UNK] or masked, and not "
        "counted). Whoever wrote the grammar had read them: no frame makes one of them, but its "
        "everyday words were chosen with such sentences in mind. "
        "There are no real sentences of others in training or evaluation.",
        "",
        f"With its last word masked, {report['facts_recalled']} of the {report['facts']} facts of "
        "`facts.py` come back, greedily; all were seen in training.",
        "",
        "A 12-token text, 12 forwards, on one thread of a 2-core machine busy with other work: "
        f"{report['twelve_tokens_seconds']} s (median of 9).",
        "",
        "## Unselected samples",
        _SAMPLED[kernel],
        "",
        f"| seed | tokens | greedy | {_DRAWN[kernel]} |",
        "|---|---|---|---|",
    ]
    for seed, (greedy, drawn) in enumerate(zip(report["greedy"], report["top_k"], strict=True)):
        lines.append(f"| {seed} | {report['lengths'][seed]} | {greedy} | {drawn} |")
    lines += ["", "## Ten templates", "Greedy first, then drawn with seeds 0 to 3.", ""]
    for template, fills in report["fills"].items():
        lines += [f"- `{template}`", *(f"  - {text}" for text in fills)]
    return "\n".join(lines) + "\n" + _LIMITS.format(count=len(PLAIN_SENTENCES))


def recipe_of(training: dict[str, Any]) -> str:
    """What was run, from a model folder's training.json, or of the weights that have none."""
    if not training:
        return _UNKNOWN
    if before := training.get("began_with"):
        return _FURTHER.format(before=_stage(before), stage=_stage(training))
    return _RECIPE.format(stage=_stage(training))


def _stage(training: dict[str, Any]) -> str:
    device = str(training["device"])
    called = "a CPU" if device == "cpu" else device
    precision = "bfloat16 autocast" if training.get("bfloat16") else "float32"
    return _STAGE.format(**{**training, "precision": precision, "device": called})


def write_card(
    report: dict[str, Any], *, recipe: str | None = None, folder: Path = SHIPPED
) -> None:
    """Write MODEL_CARD.md beside the weights."""
    recipe = recipe or recipe_of(report["training"])
    mebibytes = (folder / "model.safetensors").stat().st_size / 2**20
    text = model_card(report, recipe=recipe, mebibytes=mebibytes)
    (folder / "MODEL_CARD.md").write_text(text)


def _sizes(report: dict[str, Any]) -> dict[str, int]:
    return {name: int(report[name]) for name in ("parameters", "vocabulary")}
