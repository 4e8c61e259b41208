"""The Library's cards: of runs, and of experiments; and all of them as lines through settings."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.app_pages.library.experiments import PAGES, Experiment
from dashboard.app_pages.library.figures import parallel
from dashboard.app_pages.library.measures import MEASURES, MOST, Measured
from dashboard.app_pages.library.selection import select, selected
from dashboard.data.cards import Card
from dashboard.data.conditions import MISSING, setting_of
from dashboard.data.library import age, described
from dashboard.data.shelf import Entry
from dashboard.ui.export import show_figure
from dashboard.ui.link import RUN_PAGES
from dashboard.ui.plain import escaped
from dashboard.ui.state import mode

NARROWEST = 165  # pixels of a card
NAMED = 110  # characters of what it is called
SAID = 150  # characters of a text on a card
PICTURES = 4  # of an experiment on its card
# constants of our own: a card is one target, but for its box; the bar of actions stays in sight
STYLE = """<style>
[class*="st-key-card-"] { position: relative; height: 100%; gap: 0.35rem; }
[class*="st-key-card-"]:hover { border-color: #0072b2; }
[class*="st-key-card-"] :is([data-testid="stElementContainer"], [data-testid="stPageLink"],
  [data-testid="stLayoutWrapper"], [data-testid="stVerticalBlock"],
  [data-testid="stHorizontalBlock"], [data-testid="stPageLink"] *) { position: static; }
[class*="st-key-card-"] [data-testid="stPageLink"] a { padding: 0; background: none; }
[class*="st-key-card-"] [data-testid="stPageLink"] a::after {
  content: ""; position: absolute; inset: 0; z-index: 1; border-radius: 0.5rem;
}
[class*="st-key-card-"] [data-testid="stPageLink"] a:focus-visible::after {
  outline: 2px solid #0072b2;
}
[class*="st-key-card-"] [data-testid="stPageLink"] a * {
  white-space: normal; overflow-wrap: anywhere; text-decoration: underline;
}
[class*="st-key-card-"] [data-testid="stCheckbox"] { position: relative; z-index: 2; }
[class*="st-key-card-"] [data-testid="stElementToolbar"] { display: none; }
[class*="st-key-card-"] [data-testid="stText"] { white-space: normal; overflow-wrap: anywhere; }
[data-testid="stLayoutWrapper"]:has(> .st-key-library-actions) {
  position: sticky; bottom: 0; z-index: 90;
}
.st-key-library-actions {
  backdrop-filter: blur(14px); border: 1px solid rgba(127, 127, 127, 0.4);
  border-radius: 0.5rem; padding: 0.6rem 0.8rem;
}
</style>"""


def show_cards(entries: Sequence[Entry]) -> None:
    """A card a run: what came out, its settings, when it was made, its tags."""
    chosen, grid = set(selected()), st.grid("auto", min_column_width=NARROWEST, gap="small")
    for entry in entries:
        run = entry.manifest.run
        with grid.container(border=True, key=f"card-{run[:16]}"):
            _show_outcome(entry)
            name = _name(entry)
            st.page_link(
                RUN_PAGES[entry.manifest.kind],
                label=escaped(name),
                query_params={"run": entry.short},
                help=escaped(f"run {entry.short}, made {_when(entry.manifest.created_at)}"),
            )
            with st.container(
                horizontal=True, vertical_alignment="center",
                horizontal_alignment="distribute", gap="small",
            ):  # fmt: skip
                _show_age(entry)
                box = f"select-{run}"
                st.session_state[box] = run in chosen
                st.checkbox(
                    escaped(f"Select {name}"), key=box, label_visibility="collapsed",
                    on_change=_take, args=(run, box), width="content",
                )  # fmt: skip
            _show_facts(entry)


def _name(entry: Entry) -> str:
    name = described(entry.manifest.spec) or entry.manifest.kind
    return name if len(name) <= NAMED else f"{name[: NAMED - 1]}…"


def _take(run: str, box: str) -> None:
    select(run, bool(st.session_state[box]))


def _show_outcome(entry: Entry) -> None:
    words = entry.words or entry.manifest.kind
    if entry.picture:
        st.image(entry.picture, width="stretch", alt=words[:SAID])
    st.text(words if len(words) <= SAID else f"{words[: SAID - 1]}…")


def _show_facts(entry: Entry) -> None:
    manifest = entry.manifest
    facts = [] if manifest.model.startswith("builtin") else [manifest.model.rsplit("/", 1)[-1]]
    if not entry.complete:
        facts.append(f"{entry.steps_stored} of {manifest.step_count} steps")
    if entry.steps_used is not None and entry.steps_used < manifest.step_count:
        facts.append(f"done after {entry.steps_used} of {manifest.step_count} steps asked for")
    if entry.pinned:
        facts.append("pinned")
    if facts:
        st.caption(escaped(", ".join(facts)))
    if manifest.tags:
        st.caption(escaped(f"# {', '.join(manifest.tags)}"))
    if manifest.note:
        st.caption(escaped(f"“{manifest.note[:SAID]}”"))


def show_experiments(shown: Sequence[Experiment], entries: Mapping[str, Entry]) -> None:
    """A card an experiment; a run that belongs to none is a card like any other."""
    grid = st.grid("auto", min_column_width=NARROWEST, gap="small")
    for each in shown:
        first = each.runs[0]
        lead = [entries[card.run] for card in each.runs[:PICTURES] if card.run in entries]
        if not lead:
            continue
        with grid.container(border=True, key=f"card-{first.run[:16]}"):
            pictures = [entry.picture for entry in lead if entry.picture]
            if len(pictures) > 1:
                st.image(pictures, width=62, alt=[entry.words[:SAID] for entry in lead])
                st.text(lead[0].words[:SAID])
            else:
                _show_outcome(lead[0])
            if each.title:
                st.page_link(
                    PAGES[each.title],
                    label=f"{len(each.runs)} runs",
                    query_params=dict(each.query),
                    help=escaped(f"Opens {each.title}"),
                )
                st.caption(escaped(f"{each.varied}. Opens {each.title}"))
            else:
                st.page_link(
                    RUN_PAGES[first.kind],
                    label=escaped(_name(lead[0])),
                    query_params={"run": lead[0].short},
                )
                _show_age(lead[0])
                _show_facts(lead[0])


def _show_age(entry: Entry) -> None:
    st.caption(escaped(age(entry.manifest.created_at)), width="content")


def _when(created_at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(created_at))


def show_parallel(cards: Sequence[Card], settings: Sequence[str], measured: Measured) -> None:
    """All runs that were found, a line each, through the settings that differ and the measures."""
    cards = cards[:MOST]
    columns = [
        (name.replace("_", "-"), [_single(setting_of(card, name)) for card in cards])
        for name in settings
    ]
    columns += [
        (MEASURES[name], [values.get(card.run) for card in cards])
        for name, values in measured.items()
    ]
    figure = parallel(columns, mode())
    if figure is None:
        st.caption("These runs differ in too few settings to be drawn.")
        return
    show_figure(figure, name="library-parallel")
    st.caption("A line a run. A run that has no value on an axis passes below those that have.")


def _single(value: object) -> object:
    """A setting as one value: the mean of one that varies over the steps, None for none."""
    if value is MISSING:
        return None
    if isinstance(value, tuple | list):
        return sum(value) / len(value) if value else None
    return value
