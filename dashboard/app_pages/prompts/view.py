"""What CLIP makes of some prompts: the heatmap, a pair token by token, prompts and pictures."""

from __future__ import annotations

from functools import partial

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.prompts import data as prompts_data
from dashboard.app_pages.prompts.data import PromptSet
from dashboard.app_pages.prompts.figures import (
    NAMED,
    picture_heatmap,
    similarity_heatmap,
    token_heatmap,
)
from dashboard.app_pages.prompts.form import named_pictures
from dashboard.data.embeddings import ClipModel
from dashboard.data.export import inert
from dashboard.data.finished import thumbnail
from dashboard.ui.choices import url_choice
from dashboard.ui.clicks import new_click
from dashboard.ui.clip_choice import say_measured_before
from dashboard.ui.export import show_figure
from dashboard.ui.jobs import offer_compute
from dashboard.ui.link import params, rerun_page
from dashboard.ui.plain import escaped
from dashboard.ui.state import mode, on_phone
from dashboard.ui.stores import the_store
from engine.embed.spec import EmbedSpec
from engine.image import stored as image_stored
from engine.metrics.similarity import prompt_shares
from engine.models.registry import never_saw

MEASURES = ("cosine", "share")
PAIR = ("prompts-first", "prompts-second")
PICTURES_SHOWN = 24


_PROMPTS = ("prompt", "prompts")


def offer_missing(spec: EmbedSpec, embedded: PromptSet) -> None:
    """Offer to embed what is not embedded yet, or to keep a set whose parts all are."""
    if embedded.run is not None:
        return
    if not embedded.clip.here:
        st.info(
            f"{embedded.missing:d} of these are not embedded by {escaped(embedded.clip.name)}, "
            "which is not on this machine. Choose another CLIP, or open a stored set."
        )
        return
    whole = len(spec.texts) + len(spec.pictures)
    if embedded.missing:
        say_measured_before(embedded.clip, [spec])
        names = ("prompt or picture", "prompts and pictures") if spec.pictures else _PROMPTS
        label = f"Embed {_many(embedded.missing, *names)}"
        if embedded.missing < whole:
            st.info(
                f"{whole - embedded.missing:d} of {whole:d} are embedded already and shown below."
            )
    else:
        label = "Keep this set, so that a link opens it"
    offer_compute([spec], title=f"CLIP embeddings of {whole}", label=label, key="prompts")


def show_prompts(embedded: PromptSet) -> None:
    """The heatmap of the prompts, what the CLIP reads, a pair of them, their pictures."""
    _say_unknown(embedded)
    st.subheader("How alike are the prompts?")
    count = len(embedded.prompts)
    pair = _pair(count)
    if count > 1:
        texts = [prompt.text for prompt in embedded.prompts]
        narrow = on_phone()
        figure = similarity_heatmap(
            embedded.cosines(), texts, chosen=pair, mode=mode(), narrow=narrow
        )
        for i, text in enumerate(texts if narrow and count <= NAMED else []):
            st.text(f"{i + 1}  {text}")
        data = partial(prompts_data.cosine_rows, embedded)
        event = show_figure(figure, name="prompt-similarity", data=data, select=True)
        if clicked := new_click(event, "prompt-similarity"):
            _remember(*(int(part) for part in str(clicked).split(",")))
            rerun_page()
    else:
        st.caption("One prompt has nothing to be compared with: write a second one.")
    st.caption(
        f"{escaped(_who(embedded.clip))} Cosine of the end-of-text states, projected: "
        f"{count:d} prompts, each with every other. Colours span the values that occur, the "
        "diagonal left out. "
        "Click a cell to look at a pair."
    )
    with st.expander("What this CLIP reads"):
        _show_table(embedded)
    if pair is not None:
        _show_pair(embedded, *pair)
    if embedded.pictures:
        _show_pictures(embedded)


def _say_unknown(embedded: PromptSet) -> None:
    name = embedded.clip.name
    unknown = list(dict.fromkeys(word for p in embedded.prompts for word in p.unknown))
    if not unknown:
        return
    with st.container(border=True):
        st.text(never_saw(name, unknown[:40]))
        pairs = [
            f"{i + 1} and {j + 1} ({cos:.3f})" for i, j, cos in prompts_data.near_equal(embedded)
        ]
        if pairs:
            st.text(
                f"So it can hardly tell prompts {', '.join(pairs[:8])} apart: near-equal vectors "
                "here say that words are unknown to it, not that they mean the same."
            )
        st.caption(
            "The built-in CLIP is a small model of posters (landscapes, and a few things in them), "
            "made to be run anywhere. Texts without a word that it knows lie near one another, "
            "whatever they say. Choose a larger one for prompts about anything else."
        )


def _show_table(embedded: PromptSet) -> None:
    shown = st.column_config
    st.dataframe(
        inert(prompts_data.prompt_table(embedded)),
        hide_index=True,
        width="stretch",
        column_config={
            "number": shown.NumberColumn("No.", width="small"),
            "prompt": shown.TextColumn("Prompt", width="large"),
            "tokens": shown.TextColumn("Tokens", width="large"),
            "unknown": shown.TextColumn("Never seen in training", width="medium"),
        },
    )
    st.caption("A token that ends in - goes on in the next one. What is beyond the model's 77 or "
               "so positions is cut off.")  # fmt: skip


def _pair(count: int) -> tuple[int, int] | None:
    """The pair that is looked at, from 0: the URL's ``pair`` (from 1), else the first two."""
    if count < 2:
        params.pop("pair", None)
        return None
    wanted = params.get("pair")
    if PAIR[0] not in st.session_state and wanted is not None:
        parts = wanted.split(",")
        if len(parts) == 2 and all(p.isdecimal() and len(p) < 5 for p in parts):
            _remember(*(int(part) - 1 for part in parts))
        else:
            st.warning(
                f"The link asks for pair {escaped(repr(wanted[:20]))}; it must be two numbers as "
                "in 1,2."
            )
    first, second = (st.session_state.get(name, i) for i, name in enumerate(PAIR))
    if not (0 <= first < count and 0 <= second < count):
        st.warning(f"There is no pair {first + 1:d}, {second + 1:d} of {count:d} prompts.")
        first, second = 0, 1
    _remember(first, second)
    params["pair"] = f"{first + 1},{second + 1}"
    return first, second


def _remember(first: int, second: int) -> None:
    st.session_state[PAIR[0]], st.session_state[PAIR[1]] = first, second


def _show_pair(embedded: PromptSet, first: int, second: int) -> None:
    st.subheader("Which token answers to which?")
    places = list(range(len(embedded.prompts)))
    for where, label, key in zip(st.columns(2), ("Rows", "Columns"), PAIR, strict=True):
        where.selectbox(
            label,
            places,
            format_func=lambda i: f"{i + 1}  {embedded.prompts[i].text[:90]}",
            key=key,
        )
    tokens = [prompts_data.shown_tokens(embedded.prompts[i].tokens.tokens) for i in (first, second)]
    figure = token_heatmap(
        embedded.token_cosines(first, second),
        *tokens,
        numbers=(first + 1, second + 1),
        mode=mode(),
        narrow=on_phone(),
    )
    data = partial(prompts_data.token_rows, embedded, first, second)
    show_figure(figure, name="token-similarity", data=data)
    st.caption(
        f"{escaped(_who(embedded.clip))} Each token's state has seen the tokens before it, never "
        "those "
        "after. The start token sees no word: its state is the same for every prompt, and the cell "
        "of two of them has no colour. The end "
        "token has "
        "seen them all: its state is the prompt's vector."
    )


def _show_pictures(embedded: PromptSet) -> None:
    st.subheader("Which prompt fits which picture?")
    digests = list(embedded.pictures)[:PICTURES_SHOWN]
    named = named_pictures(digests)
    cosines = embedded.picture_cosines()
    shares = None if embedded.logit_scale is None else prompt_shares(cosines, embedded.logit_scale)
    wanted = url_choice("Shown", "fit", MEASURES if shares is not None else MEASURES[:1], _measure)
    values = cosines if wanted == "cosine" or shares is None else shares
    figure = picture_heatmap(
        values[:, : len(digests)],
        [prompt.text for prompt in embedded.prompts],
        [_thumb(str(the_store().folder), digest) for digest in digests],
        [f"{place}: {named[digest]}" for place, digest in enumerate(digests, start=1)],
        shares=values is shares,
        mode=mode(),
    )
    show_figure(
        figure, name="prompts-pictures", data=partial(prompts_data.picture_rows, embedded, shares)
    )
    for place, digest in enumerate(digests, start=1):
        st.text(f"{place}  {named[digest]}")
    if len(embedded.pictures) > len(digests):
        st.caption(
            f"The first {len(digests)} of {len(embedded.pictures)} pictures; exports have all."
        )
    scale = "" if embedded.logit_scale is None else f" ({embedded.logit_scale:.1f})"
    st.caption(
        f"{escaped(_who(embedded.clip))} A share is the softmax, over these prompts, of the "
        f"cosines times CLIP's own logit scale{scale}: each picture's shares add up to 1, and say "
        "which of these prompts fits it best, not whether any does."
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _thumb(folder: str, digest: str) -> str:
    try:
        return thumbnail(image_stored.load_picture(the_store(), digest))
    except StepscopeError:
        return ""  # its embedding is here, the picture itself is not


def _measure(name: str) -> str:
    return {"cosine": "cosine", "share": "softmax over the prompts"}[name]


def _who(clip: ClipModel) -> str:
    return f"Measured by {clip.name.replace('[', '(').replace(']', ')')}."


def _many(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
