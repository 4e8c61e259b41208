"""Places of an item that are spoken of: regions of pictures, points of curves, words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import streamlit as st

from cache.errors import InvalidInput
from dashboard.app_pages.board.data import curve_table
from dashboard.app_pages.board.figures import curve_figure, region_figure
from dashboard.data.export import modebar_config
from dashboard.data.library import called
from dashboard.data.stills import still_of
from dashboard.ui.export import show_figure
from dashboard.ui.link import params, rerun_page
from dashboard.ui.meeting import as_shown
from dashboard.ui.plain import escaped
from dashboard.ui.player import WORD
from dashboard.ui.state import mode
from dashboard.ui.stores import image_run, text_run, the_store
from engine.chain.records import Manifest
from engine.reviews import voices
from engine.reviews.boards import Board, Placed
from engine.reviews.records import Comment, CurvePoint, Region

PENDING = "mark-pending"  # in the session: (item, the fields of a comment) that was pointed at
LINKED = "comment"  # in the URL: the thread that is looked at, 12 digits
CURVE: dict[str, tuple[str, str, str]] = {
    "text": ("entropy", "Entropy of the open words", "nats"),
    "image": ("step_length", "How far each step went", "RMS change"),
}
Numbered = Sequence[tuple[str, Comment, bool]]  # number, remark, whether it is looked at


def show_marks(board: Board, item: Placed, runs: Sequence[Manifest]) -> None:
    """Below what is shown: the item's picture and curve with their marks, to be pointed at."""
    shown = [m for m in runs if m.kind in CURVE]
    if not shown:
        return
    numbered = numbered_marks(board, item)
    placed = [each for each in numbered if each[1].region or each[1].point]
    label = f"Places spoken of: {len(placed)}" if placed else "Point at a place"
    with st.expander(label, expanded=bool(placed), key=f"marks-{item.id[16:28]}"):
        manifest = _pick(shown, placed)
        own = [each for each in placed if each[1].run in ("", manifest.run)]
        if manifest.kind == "image":
            _show_regions(item, manifest, own)
        if the_store().has(manifest.step_keys[0]):
            _show_curve(item, manifest, own)


def numbered_marks(board: Board, item: Placed) -> Numbered:
    """The open remarks of an item by the numbers that stand on its figures."""
    open_threads = [t for t in voices.threads(the_store(), board.id, item.id) if not t.resolved]
    linked = params.get(LINKED, "")
    return [(str(i), t.first, t.id[16:28] == linked) for i, t in enumerate(open_threads, 1)]


def pending(item: Placed) -> dict[str, Any]:
    """The place of an item that was pointed at last, as fields of a comment; {} for none."""
    held = st.session_state.get(PENDING)
    return dict(held[1]) if held is not None and held[0] == item.id else {}


def forget_pending() -> None:
    """Called when something was said of it."""
    st.session_state[PENDING] = None


def see(comment: Comment, thread: str) -> None:
    """Look at the place that a remark is on, in the URL too."""
    params[LINKED] = thread[16:28]
    step = comment.step if comment.point is None else round(comment.point.x)
    if step is not None:
        params["step"] = str(step)
    if comment.position is not None:
        params[WORD] = str(comment.position)


def _pick(shown: Sequence[Manifest], placed: Numbered) -> Manifest:
    by_run = {m.run: m for m in shown}
    if len(shown) == 1:
        return shown[0]
    looked_at = [each.run for _, each, chosen in placed if chosen and each.run in by_run]
    names = dict(zip(by_run, called(shown), strict=True))
    first = looked_at or [each.run for _, each, _ in placed if each.run in by_run] or list(names)
    chosen = st.selectbox(
        "Of which run", list(names), index=list(names).index(first[0]), key="marks-run",
        format_func=lambda run: escaped(names.get(run, run)),
    )  # fmt: skip
    return by_run.get(chosen, shown[0])


def _show_regions(item: Placed, manifest: Manifest, own: Numbered) -> None:
    still = still_of(the_store(), manifest)
    if not still.picture:
        return
    marks = [(n, _sides(each.region), chosen) for n, each, chosen in own if each.region]
    held = pending(item)
    if isinstance(held.get("region"), Region) and held.get("run") == manifest.run:
        marks.append(("new", _sides(held["region"]), True))
    st.caption("Draw a box on the picture, or type it; then say beside it what you see there.")
    event: Any = st.plotly_chart(
        as_shown(region_figure(still.picture, marks, mode=mode())), width="stretch", theme=None,
        key=f"regions-{item.id[16:28]}", config=modebar_config("regions"), on_select="rerun",
        selection_mode=("box",),
    )  # fmt: skip
    boxes = event.selection.get("box") or []
    if boxes:
        _take(item, {"run": manifest.run, "region": _region_of(boxes[-1])})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = ("Left", "Top", "Width", "Height")
        typed = [
            st.number_input(f"{escaped(name)} (%)", 0, 100, usual, key=f"box-{name}", width=120)
            for name, usual in zip(names, (25, 25, 50, 50), strict=True)
        ]
        if st.button("Take this box", key="take-box"):
            _take_typed(item, manifest.run, [each / 100 for each in typed])


def _sides(region: Region) -> tuple[float, float, float, float]:
    return region.x, region.y, region.w, region.h


def _region_of(box: dict[str, Any]) -> Region | None:
    """A drawn box as a region; None for one of no size or beside the picture."""
    try:
        (x0, x1), (y0, y1) = (sorted(min(1.0, max(0.0, float(v))) for v in box[a]) for a in "xy")
        return Region(x=x0, y=y0, w=x1 - x0, h=y1 - y0)
    except (InvalidInput, ValueError, TypeError, LookupError):
        return None


def _take_typed(item: Placed, run: str, sides: Sequence[float]) -> None:
    x, y, w, h = sides
    try:
        _take(item, {"run": run, "region": Region(x=x, y=y, w=w, h=h)})
    except InvalidInput as error:
        st.text(str(error))


def _show_curve(item: Placed, manifest: Manifest, own: Numbered) -> None:
    kind: Literal["text", "image"] = "text" if manifest.kind == "text" else "image"
    curve, title, axis = CURVE[kind]
    run = text_run(manifest) if kind == "text" else image_run(manifest)
    table = curve_table(run)
    if table.empty:
        return
    marks = [
        (n, (each.point.x, each.point.y), chosen)
        for n, each, chosen in own
        if each.point is not None and each.point.curve == curve
    ]
    held = pending(item).get("point")
    if isinstance(held, CurvePoint) and held.curve == curve:
        marks.append(("new", (held.x, held.y), True))
    figure = curve_figure(table, marks, title=title, axis=axis, mode=mode())
    event = show_figure(
        figure, name=f"{curve}-{item.id[16:28]}", data=partial(curve_table, run), select=True
    )
    points = event.selection.points if event else []
    if points and {"x", "y"} <= set(points[0]):
        at = CurvePoint(curve=curve, x=float(points[0]["x"]), y=float(points[0]["y"]))
        _take(item, {"run": manifest.run, "point": at})


def _take(item: Placed, place: dict[str, Any]) -> None:
    """Keep what was pointed at, and draw the page with it; a selection is heard once."""
    heard, value = f"mark-heard-{item.id}", repr(place)
    if None in place.values() or st.session_state.get(heard) == value:
        return
    st.session_state[heard], st.session_state[PENDING] = value, (item.id, place)
    rerun_page()
