"""The parts of the img2img page: the sheet, the schedule, the distances."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard.app_pages.image_img2img.figures import MEASURES, distance_curves, entry_points
from dashboard.data import img2img
from dashboard.data.finished import Finished, finished_of
from dashboard.data.groups import Group
from dashboard.figures.contact_sheet import Cell, contact_sheet
from dashboard.ui import sheets
from dashboard.ui.clip_choice import embeddings_or_offer
from dashboard.ui.export import show_figure
from dashboard.ui.finished import finished_pictures
from dashboard.ui.plain import escaped
from dashboard.ui.state import mode
from dashboard.ui.stores import image_run, the_store
from engine.chain.records import Manifest
from engine.image import stored as image_stored
from engine.image.records import Picture

SEEDS_SHOWN = 8


def group_line(group: Group) -> str:
    """A group in a line."""
    spec = group.shared
    strengths = ", ".join(f"{strength:g}" for strength in group.values("strength"))
    return (
        f"{spec['prompt'][:60]}  (from picture {spec['init_image'][:6]}; strength {strengths}; "
        f"{len(group.values('seed'))} seeds; {spec['steps']} steps, {spec['sampler']}; "
        f"{str(spec['model']).rsplit('/', 1)[-1]})"
    )


def show_img2img(group: Group) -> None:
    """Everything of one group."""
    finished = finished_pictures(group.runs)
    start = _original(str(the_store().folder), group.id, group)
    if start is None:
        st.warning("The original picture is not in this store; what came of it is.")
    deepest = img2img.most_noised(group)
    entries = img2img.entries(group, image_run(deepest))
    strengths, seeds = group.values("strength"), group.values("seed")
    st.text(
        f"{len(finished)} finished pictures by {group.shared['model']}: {len(strengths)} "
        f"strengths, {len(seeds)} seeds, {len(strengths) * len(seeds) - len(finished)} cells "
        "empty. A seed is the noise that is laid over the original."
    )
    _show_sheet(group, finished, start, entries)
    left, right = st.columns([1, 1])
    with left:
        _show_schedule(deepest, entries)
    with right:
        _show_starts(group, finished, seeds[0])
    if start is not None and finished:
        _show_distances(group, finished, start)


def _show_sheet(
    group: Group,
    finished: Mapping[str, Finished],
    start: Picture | None,
    entries: pd.DataFrame,
) -> None:
    cells = group.cells("seed", "strength")
    chosen = sheets.chosen_picture({run.run: run for run in group.runs})
    every = group.values("seed")
    seeds = sheets.page_of(every, label="Seeds", most=SEEDS_SHOWN)
    strengths = group.values("strength")
    source = finished_of("", start).thumb if start is not None else ""
    first = Cell(source, "the original, as the autoencoder is shown it")
    rows = [
        [first, *(_cell(cells.get((s, strength)), finished, chosen) for strength in strengths)]
        for s in seeds
    ]
    labels = ["original", *_entry_labels(entries)]
    figure = contact_sheet(
        rows, [f"seed {s}" for s in seeds], labels, mode=mode(), aspect=_aspect(group)
    )
    event = show_figure(figure, name="img2img-sheet", data=lambda: entries, select=True)
    sheets.offer_whole_sheet(
        [[cells.get((s, strength)) for strength in strengths] for s in every],
        [f"seed {s}" for s in every],
        labels if start is not None else labels[1:],
        name="img2img-sheet",
        first=(lambda: start.png) if start is not None else None,
    )
    sheets.hear_picture(event, "img2img-sheet")
    if chosen is not None:
        sheets.show_picture(next(run for run in group.runs if run.run == chosen))


def _show_schedule(deepest: Manifest, entries: pd.DataFrame) -> None:
    st.markdown("**Where each strength enters the schedule**")
    schedule = img2img.schedule_of(image_run(deepest))
    figure = entry_points(schedule, entries, mode=mode())
    show_figure(figure, name="img2img-schedule", data=lambda: entries)
    st.caption(
        "Alpha-bar as the runs stored it, from the first step that any of them took. The further "
        "left a strength enters, the less of the original is left under the noise."
    )


def _show_starts(group: Group, finished: Mapping[str, Finished], seed: int) -> None:
    store = the_store()
    preview = image_stored.find_preview(store, group.fingerprint)
    runs = [run for run in group.runs if run.spec["seed"] == seed]
    runs.sort(key=lambda run: float(run.spec["strength"]))
    given = []
    for run in runs:
        noised = img2img.noised_start(store, run, preview)
        source = finished_of("", noised).thumb if noised is not None else ""
        given.append(Cell(source, f"strength {run.spec['strength']:g}, seed {seed}: the start"))
    figure = contact_sheet(
        [given, [_cell(run, finished, None) for run in runs]],
        ["given", "made"],
        [f"{run.spec['strength']:g}" for run in runs],
        mode=mode(),
        aspect=_aspect(group),
        width=380,
    )
    st.markdown(f"**The original under noise, and what seed {escaped(seed)} made of it**")
    show_figure(figure, name="img2img-starts")
    st.caption("Above: a linear preview of the noised latents, coarser than the autoencoder.")


def _show_distances(group: Group, finished: Mapping[str, Finished], start: Picture) -> None:
    first = finished_of("", start)
    wanted: dict[str, str | Picture] = {
        picture.digest: picture.run for picture in finished.values()
    }
    wanted.setdefault(first.digest, start)
    prompt = str(group.shared["prompt"])
    measured = embeddings_or_offer([prompt], wanted, image_model=str(group.shared["model"]))
    embeddings = measured[1] if measured is not None else None
    table = img2img.distances(group, finished, first, embeddings=embeddings)
    means = img2img.by_strength(table)
    names = [name for name in MEASURES if name in set(means["measure"])]
    figure = distance_curves(table, means, names, mode=mode())
    show_figure(figure, name="img2img-distances", data=lambda: table)
    st.caption(
        "Dots are seeds, lines their means with 95 % bootstrap intervals. The pixel distance is "
        "taken on copies of at most 128 pixels and includes what the autoencoder itself loses."
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _original(folder: str, group: str, _group: Group) -> Picture | None:
    return img2img.original(the_store(), _group)


def _cell(run: Manifest | None, finished: Mapping[str, Finished], chosen: str | None) -> Cell:
    if run is None:
        return sheets.cell_of(None, "", "this strength and seed", None)
    picture = finished.get(run.run)
    hover = f"strength {run.spec['strength']:g}, seed {run.spec['seed']}"
    return sheets.cell_of(run, picture.thumb if picture is not None else "", hover, chosen)


def _entry_labels(entries: pd.DataFrame) -> list[str]:
    return [
        f"strength {row.strength:g}\nfrom step {row.enters_at} of {row.steps}"
        for row in entries.itertuples()
    ]


def _aspect(group: Group) -> float:
    return float(group.shared["width"]) / float(group.shared["height"])
