"""A cell of a sweep, opened in place: its steps in the player, and its neighbours by keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from dashboard.app_pages.sweep.cell_keys import hear_moves
from dashboard.app_pages.sweep.data import Sweep
from dashboard.app_pages.sweep.figures import label
from dashboard.app_pages.sweep.slices import Slice, arranged
from dashboard.app_pages.sweep.stars import Stars, link_of_sweep, star
from dashboard.ui.compare_link import offer_compare
from dashboard.ui.decodes import offer_decodes
from dashboard.ui.link import RUN_PAGES, open_page, params
from dashboard.ui.panels import finished_scene
from dashboard.ui.person import offer_name, the_person
from dashboard.ui.plain import escaped
from dashboard.ui.player import LOOK, play
from dashboard.ui.stores import the_store
from dashboard.ui.trouble import trouble_in_place
from engine.chain import manifests
from engine.chain.records import Manifest, short_id

CELL = "cell"  # in the URL: the run of the cell that is open
OPEN = "s-open-cell"  # the same in the session
Places = Sequence[Sequence[int | None]]
MOVES = (
    ("←", "Left", 0, -1),
    ("→", "Right", 0, 1),
    ("↑", "Up", -1, 0),
    ("↓", "Down", 1, 0),
)


def show_opened(sweep: Sweep, shown: Slice, stars: Stars) -> None:
    """The open cell of the shown slice, if one is: large, with its steps; else nothing."""
    wanted = params.get(CELL)
    if wanted is None:
        return
    places = arranged(sweep, shown).places
    at = _place_of(sweep, places, wanted)
    if at is None:
        st.warning(f"The cell of this link, {escaped(short_id(wanted))}, is not in this slice.")
        params.pop(CELL)
        return
    st.session_state[OPEN] = wanted
    row, column = at
    place = places[row][column]
    assert place is not None
    named = [f"{name} {label(value)}" for name, value in sweep.cells[place].items()]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(", ".join(named), width="content")
        for arrow, key, down, right in MOVES:
            to = _run_at(sweep, places, row + down, column + right)
            st.button(
                escaped(arrow), key=f"s-move-{key}", disabled=to is None,
                on_click=partial(_move, sweep, places, down, right),
                help=f"The next cell (Shift with {escaped(key)})",
            )  # fmt: skip
    hear_moves(partial(_move, sweep, places), cell=str(sweep.plans[place].chain.run))
    manifest = _stored(sweep, place)
    whole = manifest if manifest is not None and _is_whole(manifest) else None
    if whole is None:
        st.info("This cell is not finished yet.")
    else:
        if sweep.kind == "image" and LOOK not in params:  # one large picture beside the grid
            params[LOOK] = "story~side~~~~~1"
        play(finished_scene([whole]), what=whole.run[:16])
        if not the_store().read_only:
            _offer_stars(sweep, place, stars)
    with st.container(horizontal=True, vertical_alignment="center"):
        if manifest is not None and st.button("Open its page", key="s-open"):
            open_page(RUN_PAGES[sweep.kind], {"run": manifest.short})
        st.button("Close", key="s-close", on_click=_close)
    if whole is not None:
        _offer_more(sweep, places[row], whole)


def _is_whole(manifest: Manifest) -> bool:
    return the_store().has(manifest.step_keys[-1])


def _offer_more(sweep: Sweep, row: Sequence[int | None], manifest: Manifest) -> None:
    """What else can be done with an open cell and the others of its row."""
    if sweep.kind == "image":
        offer_decodes(manifest)
    there = [_stored(sweep, each) for each in row if each is not None]
    offer_compare([m for m in there if m is not None], "Compare the cells of its row")


def offer_best(sweep: Sweep, stars: Stars) -> None:
    """What was starred: to be compared, and its board."""
    best = stars.best([planned.chain.run for planned in sweep.plans])
    if stars.board is None or not best:
        return
    with st.container(horizontal=True):
        there = [_manifest(run) for run in best]
        offer_compare([m for m in there if m is not None], "Compare the starred cells")
        st.page_link(
            "app_pages/board/page.py", label="Their board", icon=":material/how_to_vote:",
            query_params={"board": short_id(stars.board)},
        )  # fmt: skip


def _offer_stars(sweep: Sweep, place: int, stars: Stars) -> None:
    run = sweep.plans[place].chain.run
    mean, own = stars.mean.get(run), stars.own.get(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        key = f"s-stars-{run[:16]}"
        st.feedback(
            "stars", key=key, default=None if own is None else own - 1,
            on_change=_starrer(sweep, place, key),
        )  # fmt: skip
        if mean is not None:
            st.caption(f"{mean:.2g} of 5 on average")
        offer_name()


def _starrer(sweep: Sweep, place: int, key: str) -> Callable[[], None]:
    def given() -> None:
        count = st.session_state[key]
        if count is None:
            return
        cell = ", ".join(f"{name} {label(value)}" for name, value in sweep.cells[place].items())
        varying = ", ".join(sweep.varying) or "one run"
        with trouble_in_place():
            star(
                the_store(), link_of_sweep(params.to_dict()), sweep.plans[place].chain.run,
                count + 1, title=cell, sweep=f"sweep over {varying}", who=the_person(),
            )  # fmt: skip

    return given


def _stored(sweep: Sweep, place: int) -> Manifest | None:
    return _manifest(sweep.plans[place].chain.run)


def _manifest(run: str) -> Manifest | None:
    store = the_store()
    return manifests.load(store, run) if store.has(manifests.run_key(run)) else None


def _place_of(sweep: Sweep, places: Places, wanted: str) -> tuple[int, int] | None:
    for r, row in enumerate(places):
        for c, place in enumerate(row):
            if place is not None and sweep.plans[place].chain.run.startswith(wanted):
                return r, c
    return None


def _run_at(sweep: Sweep, places: Places, row: int, column: int) -> str | None:
    if not (0 <= row < len(places) and 0 <= column < len(places[row])):
        return None
    place = places[row][column]
    return None if place is None else short_id(sweep.plans[place].chain.run)


def _move(sweep: Sweep, places: Places, down: int, right: int) -> None:
    """Go on from the cell that was opened last, as far as there are cells that way."""
    at = _place_of(sweep, places, st.session_state.get(OPEN, "-"))
    if at is None:
        return
    for count, step in ((down, (1, 0)), (right, (0, 1))):
        for _ in range(abs(count)):
            way = 1 if count > 0 else -1
            to = at[0] + way * step[0], at[1] + way * step[1]
            if _run_at(sweep, places, *to) is None:
                break
            at = to
    run = _run_at(sweep, places, *at)
    if run is not None:
        params[CELL] = st.session_state[OPEN] = run


def _close() -> None:
    params.pop(CELL, None)
