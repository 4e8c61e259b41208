"""The point of no return on its page: what is continued, the curve, the continuations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.no_return import data
from dashboard.app_pages.no_return.figures import decided_curve
from dashboard.figures.contact_sheet import contact_sheet
from dashboard.ui import sheets
from dashboard.ui.choices import url_choice
from dashboard.ui.clicks import new_click
from dashboard.ui.clip_choice import embeddings_or_offer
from dashboard.ui.export import show_figure
from dashboard.ui.finished import finished_pictures
from dashboard.ui.jobs import offer_compute, say_trouble
from dashboard.ui.link import RUN_PAGES, open_page, params, rerun_page, stop_page
from dashboard.ui.plain import escaped
from dashboard.ui.samples import finished_samples
from dashboard.ui.state import mode, number_from_url
from dashboard.ui.stores import text_run, the_store
from engine.chain import manifests
from engine.chain.records import Manifest
from engine.experiments.no_return import (
    MOST,
    SHARE,
    USUAL,
    Continuations,
    Decided,
    continuations,
    decided,
    parse_steps,
    point_of_no_return,
    steps_to_try,
    steps_with_effect,
)


def ask_continuations(manifest: Manifest) -> list[Continuations]:
    """Which steps, how many, and what the forks change; stops the page where that is wrong."""
    count = steps_with_effect(the_store(), manifest)
    last = count - 1
    left, right = st.columns([2, 1])
    usual = ", ".join(map(str, steps_to_try(manifest, steps=count)))
    text = left.text_input(
        f"Continue after steps (0 to {last:d})",
        params.get("steps", usual),
        key=f"steps-{manifest.run[:8]}",
        max_chars=200,
    )
    forks = int(
        right.number_input(
            f"Continuations from each (2 to {MOST})",
            value=number_from_url("forks", 2, MOST) or USUAL,
            step=1,
            key=f"forks-{manifest.run[:8]}",
        )
    )
    params["steps"], params["forks"] = text.replace(" ", ""), str(forks)
    try:
        steps = parse_steps(text, last)
        tried = [continuations(the_store(), manifest, at, forks) for at in steps]
    except StepscopeError as error:
        say_trouble("This run cannot be continued so.", str(error))
        stop_page()
    st.caption(escaped(_what_changes(tried[0].changed)))
    return tried


def show_decided(manifest: Manifest, tried: Sequence[Continuations]) -> None:
    """The offer to compute what is missing, the curve, and the continuations of one step."""
    specs = [spec for each in tried for spec in each.specs]
    offer_compute(
        specs,
        title=f"point of no return of {manifest.short}",
        label=f"Compute these {len(specs)} continuations",
        key="no-return",
    )
    rows = decided(the_store(), manifest, tried)
    if not rows:
        st.info("No continuation is finished yet: compute them to see where the run was decided.")
        return
    curve = st.container()  # above the offer to measure by CLIP
    if manifest.kind == "image":
        rows += _clip_rows(manifest, tried)
    with curve:
        _show_curve(manifest, rows)
    at = _chosen_step([each.at for each in tried])
    _show_continuations(manifest, next(each for each in tried if each.at == at))


def _what_changes(changed: Mapping[str, Any]) -> str:
    if not changed:
        return "Each continuation differs from the run in nothing but the seed of what comes after."
    changes = ", ".join(f"{name.replace('_', '-')} {value}" for name, value in changed.items())
    return (
        f"This run draws nothing after its start, so its own future is always the same. The "
        f"continuations change that from their step on ({changes}) and differ in their seeds: what "
        "is shown is how much is decided for that sampler, and the run itself went another way."
    )


def _show_curve(manifest: Manifest, rows: Sequence[Decided]) -> None:
    names = list(dict.fromkeys(row.measure for row in rows))
    measure = url_choice("Likeness", "likeness", names)
    point = point_of_no_return(rows, measure)
    table = partial(data.decided_table, rows)
    revealed = None
    if measure == "tokens":
        revealed = data.revealed_share(text_run(manifest))
    figure = decided_curve(
        table(),
        measure=measure,
        steps=manifest.step_count,
        revealed=revealed,
        point=point,
        chosen=number_from_url("at", 0, manifest.step_count),
        mode=mode(),
    )
    event = show_figure(figure, name="no-return", data=table, select=True)
    if point is None:
        st.markdown(f"At none of these steps are the continuations surely {SHARE:.0%} alike.")
    else:
        st.markdown(
            f"**After step {point:d} of {manifest.step_count:d}** the continuations are "
            f"{SHARE:.0%} alike or more, at this and at every later step that was tried, even at "
            "the lower end "
            "of the interval."
        )
    st.caption(
        "Points are means; bars are 95 % bootstrap intervals over continuations, wide when these "
        "are few. Nothing was tried between the points. 1 is equal."
    )
    clicked = new_click(event, "no-return")
    if clicked is not None:
        params["at"] = str(clicked)
        rerun_page()


def _clip_rows(manifest: Manifest, tried: Sequence[Continuations]) -> list[Decided]:
    manifests = [manifest, *_manifests(run for each in tried for run in each.runs)]
    pictures = finished_pictures(manifests)
    wanted: Any = {picture.digest: picture.run for picture in pictures.values()}
    if not wanted:
        return []
    measured = embeddings_or_offer([], wanted, image_model=str(manifest.model))
    if measured is None:
        return []
    return data.clip_rows(manifest, tried, pictures, measured[1])


def _chosen_step(steps: Sequence[int]) -> int:
    linked = number_from_url("at", 0, 1000)
    key, usual = "continued-after", steps[len(steps) // 2]
    if linked in steps:
        st.session_state[key] = linked
    elif st.session_state.get(key) not in steps:
        st.session_state[key] = usual
    picked = st.segmented_control(
        "Continuations after step", steps, key=key, required=True, on_change=_keep, args=(key,)
    )
    at = usual if picked is None else picked
    params["at"] = str(at)
    return int(at)


def _keep(key: str) -> None:
    params["at"] = str(st.session_state[key])


def _show_continuations(manifest: Manifest, tried: Continuations) -> None:
    runs = [manifest, *_manifests(tried.runs)]
    names = ["the run", *(f"seed {_seed_after(each)}" for each in runs[1:])]
    if manifest.kind == "text":
        texts = finished_samples(runs)
        said = [texts[each.run].text if each.run in texts else "(not finished)" for each in runs]
        lines = [f"{name:>9}  {text}" for name, text in zip(names, said, strict=True)]
        st.code("\n".join(lines), language=None, wrap_lines=True)
        return
    pictures = finished_pictures(runs)
    sources = [pictures[each.run].thumb if each.run in pictures else "" for each in runs]
    cells = [
        sheets.cell_of(each, source, name, None)
        for each, source, name in zip(runs, sources, names, strict=True)
    ]
    width, height = float(manifest.spec["width"]), float(manifest.spec["height"])
    figure = contact_sheet(
        [cells], [f"after {tried.at}"], names, mode=mode(), aspect=width / height
    )
    table = partial(data.decided_table, decided(the_store(), manifest, [tried]))
    event = show_figure(figure, name="continuations", data=table, select=True)
    clicked = new_click(event, "continuations")
    if clicked:
        open_page(RUN_PAGES["image"], {"run": str(clicked)})


def _manifests(runs: Any) -> list[Manifest]:
    store, listed = the_store(), list(runs)
    there = store.present([manifests.run_key(run) for run in listed])
    return [manifests.load(store, run) for run, here in zip(listed, there, strict=True) if here]


def _seed_after(manifest: Manifest) -> int:
    return int(manifest.spec["changes"][-1]["seed"])
