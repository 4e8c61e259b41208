"""A contact sheet on a page: a page of columns at a time, a click shows a picture big."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.data.contact_sheet import sheet_png
from dashboard.data.library import described
from dashboard.figures.contact_sheet import Cell
from dashboard.ui.clicks import new_click
from dashboard.ui.compare_link import offer_compare
from dashboard.ui.group_picker import as_id
from dashboard.ui.link import RUN_PAGES, open_page, params, rerun_page
from dashboard.ui.panels import finished_scene
from dashboard.ui.plain import escaped
from dashboard.ui.player import play
from dashboard.ui.state import number_from_url
from dashboard.ui.stores import the_store
from engine.chain.records import Manifest, short_id
from engine.image import stored as image_stored

HEARD = "picture-heard"  # in the session: the picture that was clicked here, and not linked to


def page_of(values: Sequence[Any], *, label: str, most: int) -> Sequence[Any]:
    """At most ``most`` of some values, by a row of choices when there are more; kept in the URL."""
    if len(values) <= most:
        params.pop("page", None)
        return values
    pages = [values[i : i + most] for i in range(0, len(values), most)]
    wanted = number_from_url("page", 1, len(pages)) or 1
    picked = st.segmented_control(
        label,
        list(range(1, len(pages) + 1)),
        default=wanted,
        format_func=lambda page: f"{pages[page - 1][0]} to {pages[page - 1][-1]}",
        key=f"page-of-{label}-{len(pages)}",
        required=True,
    )
    params["page"] = str(picked)
    return pages[picked - 1]


def chosen_picture(runs: Mapping[str, Manifest]) -> str | None:
    """The run of the URL's ``picture``, of those on the page; a stale one is said to be so."""
    wanted = params.get("picture")
    if wanted is None:
        return None
    chosen = next((run for run in runs if len(wanted) >= 6 and run.startswith(wanted)), None)
    if chosen is None:
        st.warning(
            f"The picture of this link, run {escaped(as_id(wanted))}, is not in this comparison."
        )
        del params["picture"]
    return chosen


def hear_picture(event: Any, name: str) -> None:
    """A click on a sheet chooses a picture; the page is drawn anew around it."""
    clicked = new_click(event, name)
    if clicked:
        params["picture"] = st.session_state[HEARD] = short_id(str(clicked))
        rerun_page()


def show_picture(
    manifest: Manifest, beside: Sequence[Manifest] = (), *, label: str = "", said: str = ""
) -> None:
    """A run's steps in the player, with what made it and what else is said of it.

    ``beside`` are runs to compare it to, itself among them, and ``label`` is what doing so is
    called: else they are its neighbours.
    """
    st.text("\n".join(filter(None, [said, described(manifest.spec), f"run {manifest.short}"])))
    complete = the_store().has(manifest.step_keys[-1])
    if complete:
        clicked = st.session_state.get(HEARD) == manifest.short
        play(finished_scene([manifest]), what=manifest.run[:16], arrives=clicked)
    else:
        st.info("This run is not finished yet.")
    with st.container(horizontal=True):
        if st.button("Open every step of it", key="open-picture"):
            open_page(RUN_PAGES["image"], {"run": manifest.run})
        if len(beside) > 1:
            neighbours = f"Compare it with its {len(beside) - 1:d} neighbours"
            offer_compare(beside, label or neighbours)
        if st.button("Close", key="close-picture"):
            del params["picture"]
            params.pop("step", None)
            rerun_page()


def cell_of(manifest: Manifest | None, source: str, hover: str, chosen: str | None) -> Cell:
    """A cell whose click chooses its run; blank, and saying so, where there is no picture."""
    if manifest is None:
        return Cell("", f"{hover}\nnot computed")
    if not source:
        return Cell("", f"{hover}\nnot finished: the same request resumes it")
    return Cell(source, hover, manifest.run, marked=manifest.run == chosen)


def offer_whole_sheet(
    rows: Sequence[Sequence[Manifest | None]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    name: str,
    first: Callable[[], bytes] | None = None,
) -> None:
    """The whole sheet, every page of it, as one PNG in the pictures' own size.

    ``first`` gives the PNG bytes of a picture that leads every row.
    """
    store = the_store()
    by_run = {m.run: m for row in rows for m in row if m is not None}

    def png_of(run: str) -> bytes | None:
        if run == "first" and first is not None:
            return first()
        picture = image_stored.find_result(store, by_run[run])
        return None if picture is None else picture.png

    def draw() -> bytes:
        spec = next(iter(by_run.values())).spec
        named = [["" if m is None else m.run for m in row] for row in rows]
        return sheet_png(
            [["first", *row] for row in named] if first is not None else named,
            row_labels,
            column_labels,
            png_of=png_of,
            size=(int(spec["width"]), int(spec["height"])),
        )

    st.download_button(
        "Whole contact sheet as PNG",
        draw,
        f"{name}.png",
        "image/png",
        key=f"whole-{name}",
        on_click="ignore",
    )
