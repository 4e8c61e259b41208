"""``python -m engine text judge``: how likely texts are to a model that did not write them."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.cli.console import AsJson, StoreFolder, open_store, print_json, print_rows
from engine.cli.options import Model
from engine.judge.records import perplexity
from engine.judge.spec import JudgeSpec
from engine.judge.stored import judgements
from engine.metrics.text_quality import token_entropy
from engine.models.registry import find_model
from engine.requests.computing import compute


def judge(
    texts: Annotated[list[str], typer.Argument(help="Texts without masks.")],
    model: Model = "builtin-bert",
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Perplexity under a masked model (pseudo-likelihood) or a causal one, beside entropy."""
    with open_store(store) as opened:
        compute(opened, [JudgeSpec(model=model, texts=tuple(texts))])
        found = judgements(opened, find_model(model).fingerprint, texts)
    together = perplexity(found.values())
    rows = [
        {
            "nats_a_token": found[text].nats_a_token,
            "perplexity": perplexity([found[text]]),
            "tokens": found[text].tokens,
            "word_entropy_nats": token_entropy(text.split()),
            "text": text,
        }
        for text in texts
    ]
    if json:
        print_json({"model": model, "perplexity": together, "texts": rows})
        return
    shown = [
        [f"{value:.4g}" if isinstance(value, float) else str(value) for value in row.values()]
        for row in rows
    ]
    print_rows([name.replace("_", " ") for name in rows[0]], shown)
