"""The parts of the guidance page: the sheet, the frontier, the curves, the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.app_pages.image_guidance import data
from dashboard.app_pages.image_guidance.figures import (
    DIVERSITY,
    MEASURES,
    SHORT,
    frontier,
    scale_curves,
)
from dashboard.data.export import inert
from dashboard.data.finished import Finished
from dashboard.data.groups import Group
from dashboard.figures.contact_sheet import Cell, contact_sheet
from dashboard.ui import sheets
from dashboard.ui.choices import url_choice
from dashboard.ui.clicks import new_click
from dashboard.ui.clip_choice import embeddings_or_offer
from dashboard.ui.export import show_figure
from dashboard.ui.finished import finished_pictures
from dashboard.ui.link import params, rerun_page
from dashboard.ui.state import choice_from_url, mode
from engine.chain.records import Manifest
from engine.chain.wording import counted
from engine.embed.stored_memo import Embeddings

SEEDS_SHOWN = 12
VIEWS = ("Frontier", "Against the scale", "Table")
SHEET_TALL = 500  # pixels of the whole sheet, about: what it trades shall be seen below it
LEAST_CELL, MOST_CELL = 120, 210
BESIDE, MOST_BIG = 2, 8  # pictures of one scale beside the curve: abreast, and at most

Pictures = Mapping[float, Mapping[int, Finished]]


def group_line(group: Group) -> str:
    """A group in a line."""
    spec = group.shared
    scales = ", ".join(f"{scale:g}" for scale in group.values("guidance"))
    without = f", not: {spec['negative_prompt'][:30]}" if spec.get("negative_prompt") else ""
    return (
        f"{spec['prompt'][:60]}{without}  (guidance {scales}; {len(group.values('seed'))} seeds; "
        f"{spec['steps']} steps, {spec['sampler']}; {str(spec['model']).rsplit('/', 1)[-1]})"
    )


def show_guidance(group: Group) -> None:
    """Everything of one group."""
    finished = finished_pictures(group.runs)
    pictures = data.by_scale(group, finished)
    scales = _pick_scales(group, pictures)
    if not scales:
        st.info("Choose a scale to see its pictures, and two to compare them.")
        return
    seeds = data.common_seeds(pictures, scales)
    there = sum(len(pictures[scale]) for scale in scales)
    missing = len(scales) * len(group.values("seed")) - there
    lacks = f", {counted(missing, 'cell')} empty" if missing else ""
    st.text(
        f"{there} finished pictures by {group.shared['model']}{lacks}: along a row the scale is "
        f"the same, down a column the noise. Measures take the {len(seeds)} seeds that every "
        "chosen scale has."
    )
    _show_sheet(group, pictures, scales)
    if len(seeds) < 2:
        st.info("Measures need two seeds that every chosen scale has: choose fewer scales.")
        return
    _show_measures(group, pictures, scales)


def _pick_scales(group: Group, pictures: Pictures) -> list[float]:
    every = {f"{scale:g}": scale for scale in group.values("guidance")}
    usual = [f"{scale:g}" for scale in data.well_covered(pictures)]
    key = f"scales-{group.id}"
    if key not in st.session_state:
        asked = [part for part in params.get("scales", "").split(",") if part]
        if unknown := [part for part in asked if part not in every]:
            st.warning(f"The link asks for {len(unknown)} guidance scales that are not here.")
        st.session_state[key] = [part for part in asked if part in every] or usual
    chosen = st.multiselect("Guidance scales", list(every), key=key)
    if set(chosen) == set(usual):
        params.pop("scales", None)
    else:
        params["scales"] = ",".join(chosen)
    return sorted(every[name] for name in chosen)


def _show_sheet(group: Group, pictures: Pictures, scales: Sequence[float]) -> None:
    cells = group.cells("guidance", "seed")
    every = group.values("seed")
    chosen = sheets.chosen_picture({run.run: run for run in group.runs})
    seeds = sheets.page_of(every, label="Seeds", most=SEEDS_SHOWN)
    rows = [_cells(group, pictures, scale, seeds, chosen) for scale in scales]
    labels = [f"{scale:g}" for scale in scales]
    figure = contact_sheet(
        rows,
        labels,
        [f"seed {seed}" for seed in seeds],
        mode=mode(),
        row_title="guidance scale",
        aspect=_aspect(group),
        largest=max(LEAST_CELL, min(MOST_CELL, SHEET_TALL // len(scales))),
    )
    table = partial(_sheet_table, group, pictures)
    event = show_figure(figure, name="guidance-sheet", data=table, select=True)
    sheets.offer_whole_sheet(
        [[cells.get((scale, seed)) for seed in every] for scale in scales],
        labels,
        [f"seed {seed}" for seed in every],
        name="guidance-sheet",
    )
    sheets.hear_picture(event, "guidance-sheet")
    if chosen is not None:
        shown = next(run for run in group.runs if run.run == chosen)
        row = [cells.get((shown.spec["guidance"], seed)) for seed in every]
        sheets.show_picture(shown, [run for run in row if run is not None])


def _show_measures(group: Group, pictures: Pictures, scales: Sequence[float]) -> None:
    prompt = str(group.shared["prompt"])
    wanted = {
        picture.digest: picture.run for scale in scales for picture in pictures[scale].values()
    }
    measured = embeddings_or_offer([prompt], wanted, image_model=str(group.shared["model"]))
    clip, embeddings = measured or (None, None)
    runs = tuple(picture.run for scale in scales for picture in pictures[scale].values())
    name = clip.fingerprint if clip is not None else None
    table = _measures(group.id, tuple(scales), runs, name, prompt, pictures, embeddings)
    by = None
    with st.container(horizontal=True, gap="medium"):
        view = url_choice("View", "view", VIEWS)
        if view == "Frontier" and embeddings is not None:
            by = url_choice("Diversity", "diversity", DIVERSITY, SHORT.get)
    chosen = _chosen_scale(scales)
    curve, beside = st.columns([4, 3])
    with curve:
        if view == "Table":
            st.dataframe(inert(data.wide(table, SHORT)), hide_index=True, width="stretch")
        elif by is not None:
            _show_frontier(table, by, chosen)
        else:
            _show_curves(table, chosen)
    with beside:
        _show_scale(group, pictures, scales, chosen)
    st.caption(
        "Intervals are 95 % bootstrap over seeds; with few seeds they are wide, and rightly so; "
        "for Vendi they come out too narrow. "
        "SSIM and pixel distance are taken on copies of at most 128 pixels."
    )


@st.cache_data(max_entries=64, show_spinner="Measuring")
def _measures(
    group: str,
    scales: tuple[float, ...],
    runs: tuple[str, ...],
    clip: str | None,
    _prompt: str,
    _pictures: Pictures,
    _embeddings: Embeddings | None,
) -> pd.DataFrame:
    return data.measures(_pictures, scales, prompt=_prompt, embeddings=_embeddings)


def _show_curves(table: pd.DataFrame, chosen: float) -> None:
    names = [name for name in MEASURES if name in set(table["measure"])]
    if names and "clip_score" not in names:
        st.caption(
            "The frontier needs CLIP: its score of these pictures against their diversity. Until "
            "then both views are what pixels tell, against the scale."
        )
    figure = scale_curves(table, names, chosen=chosen, mode=mode())
    event = show_figure(figure, name="guidance-curves", data=lambda: table, select=True)
    _hear_scale(event, "guidance-curves")


def _show_frontier(table: pd.DataFrame, by: str, chosen: float) -> None:
    figure = frontier(table, diversity=by, chosen=chosen, mode=mode())
    event = show_figure(figure, name="guidance-frontier", data=lambda: table, select=True)
    st.caption(
        "Numbers are guidance scales. The pictures beside are of the orange point: click another."
    )
    _hear_scale(event, "guidance-frontier")


def _hear_scale(event: object, name: str) -> None:
    clicked = new_click(event, name)
    if clicked is not None:
        st.session_state["scale"] = params["scale"] = f"{clicked:g}"
        rerun_page()


def _chosen_scale(scales: Sequence[float]) -> float:
    """The scale whose pictures stand beside the curve: the link's, else the middle one."""
    labels = {f"{scale:g}": scale for scale in scales}
    name = choice_from_url("scale", list(labels))
    return labels[name] if name is not None else scales[len(scales) // 2]


def _show_scale(group: Group, pictures: Pictures, scales: Sequence[float], scale: float) -> None:
    labels = [f"{each:g}" for each in scales]
    if st.session_state.get("scale") not in labels:
        st.session_state["scale"] = f"{scale:g}"
    picked = st.selectbox("Pictures of one scale", labels, key="scale")
    if picked != f"{scale:g}":
        params["scale"] = picked
        rerun_page()
    seeds = list(pictures[scale])[:MOST_BIG]
    rows = [seeds[i : i + BESIDE] for i in range(0, len(seeds), BESIDE)]
    figure = contact_sheet(
        [
            [
                replace(cell, badge=f"seed {seed}")
                for seed, cell in zip(row, _cells(group, pictures, scale, row, None), strict=True)
            ]
            for row in rows
        ],
        [],
        [],
        mode=mode(),
        aspect=_aspect(group),
        largest=280,
        width=BESIDE * 210,
    )
    name = "guidance-big"
    event = show_figure(figure, name=name, data=partial(_sheet_table, group, pictures), select=True)
    if len(pictures[scale]) > len(seeds):
        st.caption(f"The first {len(seeds)} of {len(pictures[scale])} seeds.")
    sheets.hear_picture(event, name)


def _cells(
    group: Group, pictures: Pictures, scale: float, seeds: Sequence[int], chosen: str | None
) -> list[Cell]:
    runs: dict[tuple[float, int], Manifest] = group.cells("guidance", "seed")
    cells = []
    for seed in seeds:
        picture = pictures[scale].get(seed)
        source = picture.thumb if picture is not None else ""
        hover = f"guidance {scale:g}, seed {seed}"
        cells.append(sheets.cell_of(runs.get((scale, seed)), source, hover, chosen))
    return cells


def _aspect(group: Group) -> float:
    return float(group.shared["width"]) / float(group.shared["height"])


def _sheet_table(group: Group, pictures: Pictures) -> pd.DataFrame:
    rows = [
        (
            run.spec["guidance"],
            run.spec["seed"],
            run.run,
            run.spec["seed"] in pictures[run.spec["guidance"]],
        )
        for run in group.runs
    ]
    table = pd.DataFrame(rows, columns=["guidance", "seed", "run", "finished"])
    return table.sort_values(["guidance", "seed"], ignore_index=True)
