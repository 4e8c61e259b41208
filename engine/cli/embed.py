"""``python -m engine embed ...``: CLIP embeddings of texts and pictures, and how alike they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from cache.errors import InvalidInput
from cache.store import Store
from engine.cli.console import AsJson, StoreFolder, open_store, print_json, stderr, stdout
from engine.cli.options import Model
from engine.cli.pictures import keep_file
from engine.cli.plan import tell_lost
from engine.embed import stored as embed_stored
from engine.embed.records import EmbedRun
from engine.embed.spec import EmbedSpec
from engine.metrics.similarity import cosine_table, token_alignment
from engine.requests.computing import compute_plans, loaded
from engine.requests.plans import plan

app = typer.Typer(no_args_is_help=True, help="CLIP embeddings and similarities.")

Texts = Annotated[list[str], typer.Argument(help="Prompts.")]
Pictures = Annotated[list[Path], typer.Argument(help="Picture files.")]

POOLED, FIRST, TOKENS = "end", "first-token", "tokens"
FIRST_TOKEN_NOTE = (
    "first-token: position 0 of CLIP's causal text encoder is the start token, which sees no "
    "word; it is the same for every prompt, so every similarity is 1.00. Use --by end."
)


@app.command("text")
def embed_text(
    texts: Texts, model: Model = "builtin-clip", store: StoreFolder = None, json: AsJson = False
) -> None:
    """Embed prompts: the end-of-text state, projected, of unit length."""
    with open_store(store) as opened:
        run = _embedded(opened, model, texts, [])
    _show(run, run.texts, run.text_embeddings.tolist(), as_json=json)


@app.command("image")
def embed_image(
    pictures: Pictures,
    model: Model = "builtin-clip",
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Embed picture files."""
    with open_store(store) as opened:
        run = _embedded(opened, model, [], pictures)
    names = [str(path) for path in pictures]
    _show(run, names, run.picture_embeddings.tolist(), as_json=json)


@app.command()
def similarity(
    texts: Texts,
    image: Annotated[
        list[Path] | None, typer.Option(help="Picture files to compare the prompts with.")
    ] = None,
    by: Annotated[
        str, typer.Option(help="end (end of text), tokens (word by word), first-token.")
    ] = POOLED,
    model: Model = "builtin-clip",
    store: StoreFolder = None,
    json: AsJson = False,
) -> None:
    """Cosines of prompts with one another or with pictures; or of two prompts, word by word."""
    if by not in (POOLED, FIRST, TOKENS):
        raise InvalidInput(f"unknown by {by!r}; choose from {POOLED}, {TOKENS}, {FIRST}")
    if by == TOKENS and (len(texts) != 2 or image):
        raise InvalidInput(f"by tokens takes two prompts and no picture, got {len(texts)} prompts")
    with open_store(store) as opened:
        run = _embedded(opened, model, texts, image or [])
    rows, columns, table = _compared(run, by, [str(path) for path in image or []])
    if by == FIRST:
        stderr.print(FIRST_TOKEN_NOTE, markup=False)
    if json:
        document = {"by": by, "rows": rows, "columns": columns, "similarity": table.tolist()}
        print_json(document | ({"note": FIRST_TOKEN_NOTE} if by == FIRST else {}))
        return
    shown = Table("", *columns, box=None, pad_edge=False)
    for name, row in zip(rows, table, strict=True):
        shown.add_row(name, *(f"{value:.3f}" for value in row))
    stdout.print(shown, markup=False)


def _compared(run: EmbedRun, by: str, pictures: list[str]) -> tuple[list[str], list[str], Any]:
    """(rows, columns, cosines) of what was asked for."""
    if by == TOKENS:
        first, second = run.token_embeddings
        table = token_alignment(first.states, second.states)
        return list(first.tokens), list(second.tokens), table
    texts = run.first_token_embeddings if by == FIRST else run.text_embeddings
    if pictures:
        return list(run.texts), pictures, cosine_table(texts, run.picture_embeddings)
    return list(run.texts), list(run.texts), cosine_table(texts, texts)


def _embedded(store: Store, model: str, texts: Sequence[str], pictures: Sequence[Path]) -> EmbedRun:
    digests = [keep_file(store, path) for path in pictures]
    spec = EmbedSpec(model=model, texts=tuple(texts), pictures=tuple(digests))
    tell_lost([spec])
    planned = plan(spec)
    runs = compute_plans(store, [planned]).runs
    return loaded(store, {0: planned}, runs, embed_stored.load_embed_run)[0]


def _show(run: EmbedRun, names: Sequence[str], rows: list[list[float]], *, as_json: bool) -> None:
    if as_json:
        items = [{"name": n, "embedding": row} for n, row in zip(names, rows, strict=True)]
        print_json({"run": run.manifest.run, "model": run.manifest.model, "embeddings": items})
        return
    for name, row in zip(names, rows, strict=True):
        start = " ".join(f"{value:+.3f}" for value in row[:6])
        stdout.print(f"{name}  [{len(row)}] {start} ...", markup=False, soft_wrap=True)
