"""The words that pages use, each in a sentence with its formula and where it comes from."""

from __future__ import annotations

GLOSSARY = {  # Markdown of our own
    "step": "one call of the model and what the sampler made of it; step 0 is the start.",
    "seed": "the number that all of a run's randomness comes from: the same seed, the same run.",
    "x_t": "the noisy state at a step: what the sampler holds. "
    "x_t = √ᾱ x0 + √(1 − ᾱ) ε "
    "([DDPM](https://arxiv.org/abs/2006.11239), eq. 4).",
    "predicted x0": "where the model thinks it is going: x_t with the predicted noise taken "
    "away at once ([DDIM](https://arxiv.org/abs/2010.02502), eq. 9).",
    "alpha-bar": "the share of signal left at a step, from 1 (no noise) to 0 (nothing but noise).",
    "latents": "the small array in which a picture is denoised; an autoencoder makes pixels of it "
    "([Latent Diffusion](https://arxiv.org/abs/2112.10752)).",
    "linear preview": "a quick picture of latents by a fitted line, coarse; never the "
    "autoencoder's own picture.",
    "guidance": "how far the prediction is pushed from unprompted to prompted: ε_u + g (ε_c − ε_u) "
    "([Classifier-free guidance](https://arxiv.org/abs/2207.12598)).",
    "mask": "a hidden token. Corruption hides more and more; unmasking reveals them "
    "([D3PM](https://arxiv.org/abs/2107.03006)).",
    "confidence": "the sampler's probability of the token it holds for a masked position, after "
    "temperature, top-k and top-p; the surest are revealed first.",
    "top-k": "only the k likeliest tokens may be drawn; none: the likeliest alone (greedy).",
    "temperature": "above 1 the model's distribution is flattened before a token is drawn, below "
    "1 it is sharpened.",
    "rule": "what a step reveals and takes back: a fixed share, what is sure enough, or by chance.",
    "kernel": "what noise does to a token: absorbing makes masks of tokens, uniform makes other "
    "tokens of them ([D3PM](https://arxiv.org/abs/2107.03006)).",
    "remask": "revealed tokens go back to [MASK] and are drawn anew, so that early mistakes can be "
    "mended ([ReMDM](https://arxiv.org/abs/2503.00307)).",
    "edit": "a revealed token is replaced where the model is surer of another one.",
    "held": "what the model would say at a masked position now, revealed or not: the text's "
    "predicted x0.",
    "local@k, global@k": "how left to right a text was unmasked: the share of reveals that are, "
    "with the k before them, neighbours in order; the share that were among the k leftmost masks "
    "([DiffuCoder](https://arxiv.org/abs/2506.20639)).",
    "key": "a hash of all that a step depends on; equal keys, equal bits, so nothing is computed "
    "twice.",
    "perplexity": "how surprised a judge is: e to the mean of −ln p of a text's tokens. Low is "
    "likely, not good: one word over and over is likely, too.",
    "entropy": "how open a position is: −Σ p ln p in nats, 0 where one token is certain.",
}
TERMS_OF = {  # a page's headline, and the words one meets on it
    "Unmasking": ("step", "mask", "confidence", "held", "top-k", "temperature", "entropy", "rule",
                  "remask", "edit", "kernel", "local@k, global@k"),
    "Corruption": ("step", "mask", "kernel"),
    "Quality against calls": ("rule", "perplexity", "temperature", "top-k", "entropy", "seed"),
    "Denoising": ("step", "x_t", "predicted x0", "alpha-bar", "latents", "linear preview",
                  "guidance"),
    "Guidance": ("guidance", "seed"),
    "Img2img": ("x_t", "alpha-bar", "seed"),
    "Samplers & schedules": ("alpha-bar", "step", "x_t"),
    "Compare": ("seed", "step", "x_t", "predicted x0", "linear preview", "confidence"),
    "Sweep": ("seed", "guidance", "temperature", "top-k"),
    "Fork": ("step", "seed", "guidance", "temperature"),
    "Divergence": ("seed", "step", "predicted x0"),
    "Why computed?": ("key", "step"),
}  # fmt: skip


def meaning_of(word: str) -> str:
    """What a word of the glossary means, as Markdown of our own."""
    return GLOSSARY[word]
