"""The parts of the diversity page: the curves, the trade-off, the sentences behind a point."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.app_pages.text_diversity.figures import (
    DIVERSITY,
    MEASURES,
    SHORT,
    metric_curves,
    trade_off,
)
from dashboard.data import text_diversity
from dashboard.data.export import inert
from dashboard.data.groups import Group
from dashboard.data.library import asked_words
from dashboard.data.measure_tables import wide
from dashboard.data.text_diversity import FEW, Cell, Cut, Samples
from dashboard.ui.choices import url_choice
from dashboard.ui.clicks import new_click
from dashboard.ui.export import show_figure
from dashboard.ui.link import RUN_PAGES, open_page, params, rerun_page
from dashboard.ui.samples import finished_samples
from dashboard.ui.state import choice_from_url, mode, number_from_url

VIEWS = ("Against temperature", "Trade-off", "Sentences", "Numbers")
COLUMNS = ("top-k", "seeds")
LISTED = 12  # cells that are named when they are missing
ROW_PIXELS = 68  # above 4 rem sentences wrap
TABLE_PIXELS = 840  # what the columns of sentences share
MOST_ROWS = 12  # of a table without a scrollbar


def group_line(group: Group) -> str:
    """A group in a line."""
    spec = group.shared
    start = asked_words(spec)
    heats = ", ".join(f"{heat:g}" for heat in group.values("temperature"))
    cuts = sorted({cut for _, cut in text_diversity.cells_of(group)}, key=lambda c: c.openness)
    return (
        f"{start[:60]}  (temperature {heats}; {'; '.join(cut.label for cut in cuts)}; "
        f"{len(group.values('seed'))} seeds; {spec['steps']} steps, {spec['order']}; "
        f"{str(spec['model']).rsplit('/', 1)[-1]})"
    )


def show_diversity(group: Group) -> None:
    """Everything of one group."""
    finished = finished_samples(group.runs)
    samples = text_diversity.samples_of(group, finished)
    order = text_diversity.seed_order(samples)
    if len(order) < 2:
        st.info("Measures need two finished seeds: the form below computes more.")
        return
    seeds = order[: _pick_count(group, samples, len(order))]
    _say_covered(group, samples, seeds)
    table = _measures(group.id, tuple(seeds), tuple(sorted(finished)), samples)
    view = url_choice("View", "view", VIEWS)
    chosen = _chosen_cell(samples)
    if view == "Against temperature":
        _show_curves(table, chosen)
    elif view == "Trade-off":
        _show_trade_off(table, chosen)
    elif view == "Numbers":
        by = ("temperature", "cut", "seeds")
        st.dataframe(inert(wide(table, SHORT, by=by)), hide_index=True, width="stretch")
    else:
        _show_sentences(samples, order)
    _say_how_measured(group)
    _show_cell(samples, chosen)


def _pick_count(group: Group, samples: Samples, most: int) -> int:
    usual = min(most, max(2, text_diversity.usual_count(samples)))
    wanted = number_from_url("seeds", 2, most) or usual
    if most == 2:
        return 2
    picked = st.columns([1, 2])[0].slider(
        "Seeds every cell is measured on", 2, most, wanted, key=f"diversity-count-{group.id}"
    )
    if picked == usual:
        params.pop("seeds", None)
    else:
        params["seeds"] = str(picked)
    return picked


def _say_covered(group: Group, samples: Samples, seeds: Sequence[int]) -> None:
    gone = text_diversity.missing(samples, seeds)
    names = [
        f"temperature {t:g}, {cut.label} ({n} of {len(seeds)})" for (t, cut), n in gone.items()
    ]
    named = "; ".join(names[:LISTED]) + ("; and more" if len(names) > LISTED else "")
    st.text(
        f"{len(samples) - len(gone)} of {len(samples)} cells, {len(seeds)} texts each, by "
        f"{group.shared['model']}." + (f" Too few seeds: {named}." if gone else "")
    )
    if len(seeds) < FEW:
        st.warning(
            f"Only {len(seeds)} texts a cell: with fewer than {FEW} the intervals are wide, and "
            "differences between points may be chance."
        )


@st.cache_data(max_entries=32, show_spinner="Measuring")
def _measures(
    group: str, seeds: tuple[int, ...], runs: tuple[str, ...], _samples: Samples
) -> pd.DataFrame:
    return text_diversity.measures(_samples, seeds)


def _show_curves(table: pd.DataFrame, chosen: Cell | None) -> None:
    figure = metric_curves(table, list(MEASURES), chosen=_named(chosen), mode=mode())
    event = show_figure(figure, name="diversity-curves", data=lambda: table, select=True)
    _hear_cell(event, "diversity-curves")


def _show_trade_off(table: pd.DataFrame, chosen: Cell | None) -> None:
    by = url_choice("Diversity", "diversity", DIVERSITY, SHORT.get)
    figure = trade_off(table, diversity=by, chosen=_named(chosen), mode=mode())
    event = show_figure(figure, name="diversity-trade-off", data=lambda: table, select=True)
    st.caption(
        "Points grow with temperature; the hottest of a line is named. The vertical axis is the "
        "model's own opinion of what it wrote (without temperature), not a judgement by people. "
        "Click a point to see its texts."
    )
    _hear_cell(event, "diversity-trade-off")


def _show_sentences(samples: Samples, seeds: Sequence[int]) -> None:
    left, right = st.columns([1, 2])
    with left:
        across = url_choice("Columns", "columns", COLUMNS)
    if across == "seeds":
        cuts = {cut.label: cut for cut in _cuts(samples)}
        name = right.selectbox("Cut", list(cuts), key="diversity-cut")
        table = text_diversity.sentences_of_cut(samples, cut=cuts[name])
    else:
        seed = right.selectbox("Seed", sorted(seeds), key="diversity-seed")
        table = text_diversity.sentences(samples, seed=seed)
    width = max(170, TABLE_PIXELS // max(1, len(table.columns)))
    st.dataframe(
        inert(table),
        width="stretch",
        height="content" if len(table) <= MOST_ROWS else "auto",
        row_height=ROW_PIXELS,
        placeholder="not computed",
        column_config={name: st.column_config.TextColumn(width=width) for name in table.columns},
    )


def _show_cell(samples: Samples, chosen: Cell | None) -> None:
    """The texts behind a point, one of which can be opened."""
    labels = [label(cell) for cell in samples]
    if "cell" not in st.session_state or st.session_state["cell"] not in labels:
        st.session_state["cell"] = label(chosen) if chosen is not None else None
    picked = st.selectbox(
        "Texts of one cell", labels, index=None, key="cell", placeholder="choose a cell"
    )
    if picked is None:
        params.pop("cell", None)
        return
    if picked != params.get("cell"):
        params["cell"] = picked
        rerun_page()
    by_seed = list(samples.values())[labels.index(picked)]
    if not by_seed:
        st.info("No text of this cell is finished: the form below resumes it.")
        return
    event = st.dataframe(
        inert(text_diversity.cell_table(by_seed)),
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-row",
        key=f"diversity-cell-{picked}",
        column_config={
            "confidence": st.column_config.NumberColumn(format="%.3f"),
            "log_probability": st.column_config.NumberColumn("nats a token", format="%.2f"),
        },
    )
    rows = event.selection.rows
    if not rows:
        st.caption("Choose a row to open its steps.")
    elif st.button("Open every step of it", key="open-text"):
        run = list(by_seed.values())[rows[0]].run
        open_page(RUN_PAGES["text"], {"run": run})


def _say_how_measured(group: Group) -> None:
    fixed = (
        " The template's own words are in every text and lower distinct-n and raise self-BLEU."
        if group.shared["template"]
        else ""
    )
    st.caption(
        "All cells are measured on the same seeds, because these measures depend on how many texts "
        "there are. Intervals are 95 % bootstrap over seeds (half-samples for distinct-n), "
        "approximate for measures of a set and too narrow for Vendi. "
        "Confidence is the sampler's, after temperature and cut; log-probability is the model's, "
        f"before both. Tokens are word pieces.{fixed}"
    )


def _hear_cell(event: object, name: str) -> None:
    clicked = new_click(event, name)
    if clicked is not None:
        heat, cut = clicked
        st.session_state["cell"] = params["cell"] = f"{heat:g}, {cut}"
        rerun_page()


def _chosen_cell(samples: Samples) -> Cell | None:
    cells = {label(cell): cell for cell in samples}
    name = choice_from_url("cell", list(cells))
    return cells[name] if name is not None else None


def label(cell: Cell) -> str:
    """A cell as links and pickers name it."""
    return f"{cell[0]:g}, {cell[1].label}"


def _named(cell: Cell | None) -> tuple[float, str] | None:
    return None if cell is None else (cell[0], cell[1].label)


def _cuts(samples: Samples) -> list[Cut]:
    return sorted({cut for _, cut in samples}, key=lambda cut: cut.openness)
