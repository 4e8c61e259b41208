"""Which run is looked at: from the URL, else chosen, else a way to make one.

A box lists the newest runs and cannot be typed in: what is typed in the browser would look among
those alone. The field beside it looks in the whole store, as the Library's does.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Collection, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cache.errors import StepscopeError
from dashboard.data.cards import Card
from dashboard.data.probes import folded, greedy_template
from dashboard.data.shelf import Wanted
from dashboard.ui.empty import offer_demo
from dashboard.ui.finding import HINT, LONGEST, found, sound
from dashboard.ui.link import params, stop_page
from dashboard.ui.meeting_link import unless_late
from dashboard.ui.plain import escaped
from dashboard.ui.state import on_phone
from dashboard.ui.stores import the_shelf, the_store
from engine.chain import manifests
from engine.chain.records import Manifest, short_id

SHOWN = 50  # runs in a box; a field beside it finds the others
FEW = 12  # runs that are all seen at once: there is nothing to find among them
SOUGHT = "sought"  # in the session: that something else is looked for in a box
RUN = re.compile(r"[0-9a-f]{64}")


def kind_of_link(kinds: Sequence[str], *, name: str = "run") -> str:
    """The kind of the URL's run where it is one of some kinds, else the one chosen on the page."""
    wanted, chosen = params.get(name), st.session_state.get(f"kind-of-{name}")
    if wanted:
        manifest = _resolved(wanted.split(",")[0])  # ``pick_run`` says that it is not here
        if manifest is not None and manifest.kind in kinds:
            chosen = st.session_state[f"kind-of-{name}"] = manifest.kind
    return str(
        st.segmented_control(
            "Kind",
            kinds,
            key=f"kind-of-{name}",
            default=None if chosen is not None else kinds[0],
            format_func=str.capitalize,
            required=True,
            on_change=params.clear,
        )
    )


def pick_run(kind: str, *, label: str = "Run", name: str = "run") -> Manifest:
    """The chosen run of a kind; stops the page when there is none to choose.

    On a phone its boxes are folded: what the run shows is to be seen first.
    """
    if not on_phone() or not the_shelf().runs(the_store(), kind):
        return _pick(kind, label, name)
    with st.popover("Choose the run", key=f"choose-{name}"):
        manifest = _pick(kind, label, name)
    _say_picked(manifest)
    return manifest


def pick_two(
    kind: str, family_of: Callable[[Manifest], Sequence[Manifest]]
) -> tuple[Manifest, Manifest | None]:
    """The chosen run of a kind, and beside it another of its family, if one is chosen."""
    if not on_phone() or not the_shelf().runs(the_store(), kind):
        chosen, beside = st.columns([3, 2])
        with chosen:
            manifest = _pick(kind, "Run", "run")
        with beside:
            return manifest, pick_beside(manifest, family_of(manifest))
    with st.popover("Choose the run", key="choose-run"):
        manifest = _pick(kind, "Run", "run")
        other = pick_beside(manifest, family_of(manifest))
    _say_picked(manifest)
    return manifest, other


def _say_picked(manifest: Manifest) -> None:
    st.text(run_labels([manifest.run])[manifest.run])


def _pick(kind: str, label: str, name: str) -> Manifest:
    """The boxes of a run, and what is chosen in them.

    The URL's ``run`` comes first: whoever changes it, a link, a button or a click on a figure,
    changes what the box shows. A link to a run that this store has not says so plainly.
    """
    cards = the_shelf().runs(the_store(), kind)
    if not cards:
        offer_demo(kind)
        stop_page()
    wanted, key = params.get(name), f"picked-{kind}-{name}"
    chosen = _linked(wanted, kind, name) if wanted else None
    if chosen is not None:
        # set, never popped: the browser keeps what it shows for a widget whose value is popped
        st.session_state[key] = chosen.run
    listed, boxed = find_in_box(kind, key=key)
    ids = [card.run for card in listed]
    held = st.session_state.get(key)
    if st.session_state.pop(f"{SOUGHT}-{key}", False) and ids and held not in ids:
        held = st.session_state[key] = ids[0]  # what was just looked for is what is shown
        params.from_dict({name: held})
    if held is not None and held not in ids and the_store().has(manifests.run_key(held)):
        ids = [held, *ids]
    if held not in ids:
        held = st.session_state[key] = usual_run(listed or cards) if ids else cards[0].run
        ids = ids or [held]
    labels = run_labels(ids)
    with boxed:
        st.selectbox(
            label, ids, format_func=lambda run: labels.get(run, run), key=key, filter_mode=None,
            on_change=_keep, args=(name, key), help=escaped(f"run {short_id(str(held))}"),
        )  # fmt: skip
    # the browser answers with a label: one that has changed meanwhile is no run
    picked = st.session_state[key] if st.session_state[key] in ids else held
    params[name] = short_id(picked)
    return manifests.load(the_store(), picked)


def usual_run(cards: Sequence[Card]) -> str:
    """The newest run, but for those that only fill in the words of a measurement."""
    return next((card.run for card in cards if not greedy_template(card.spec)), cards[0].run)


def run_labels(runs: Sequence[str], *, settings_first: bool = False) -> dict[str, str]:
    """What runs are called in a box: their words, their settings, the beginning of the id.

    ``settings_first``: where several are chosen that often have their words in common.
    """
    store, shelf = the_store(), the_shelf()
    said, known = shelf.said(store, runs), shelf.by_run(store)
    labels = {}
    for run in said:
        parts = [said[run][:70], known[run].settings]
        if settings_first:
            parts.reverse()
        labels[run] = "  ·  ".join(part for part in (*parts, run[:6]) if part)
    return labels


def find_in_box(
    kind: str, *, key: str, under: bool = False
) -> tuple[Sequence[Card], DeltaGenerator]:
    """The runs that a box lists, and the place for it beside the field that finds the others.

    ``under``: below the field, where it is as wide as can be.
    """
    store, shelf = the_store(), the_shelf()
    away = shelf.derived(store, "folded away", folded).runs
    cards = shelf.derived(store, f"boxed {kind}", lambda every: _boxed(every, kind, away))
    if len(cards) <= min(FEW, SHOWN):
        return cards, st.container()
    if under:
        field, boxed = st.container(), st.container()
    else:
        field, boxed = st.columns([1, 2], vertical_alignment="bottom")
    with field:
        text = st.text_input(
            "Find a run", placeholder="words, seed<8, an id", key=f"find-{key}", max_chars=LONGEST,
            help=HINT, on_change=_seek, args=(key,),
        )  # fmt: skip
    if not text.strip():
        return cards[:SHOWN], boxed
    if not sound(text):
        return [], boxed
    matches = found(Wanted(kinds=[kind], text=text))
    more = f"; the box lists the newest {SHOWN}" if len(matches) > SHOWN else ""
    st.caption(f"{len(matches):,} of {len(cards):,} runs{more}.")
    return matches[:SHOWN], boxed


def _seek(key: str) -> None:
    st.session_state[f"{SOUGHT}-{key}"] = True


def _boxed(cards: Sequence[Card], kind: str, away: Collection[str]) -> list[Card]:
    """The runs of a kind, newest first; those that measurements asked for come last."""
    of_kind = [card for card in cards if card.kind == kind]
    return [*(c for c in of_kind if c.run not in away), *(c for c in of_kind if c.run in away)]


@unless_late
def _keep(name: str, key: str) -> None:
    """What was picked in the box, in the URL, and nothing that was said of the run before."""
    picked = str(st.session_state[key])
    if RUN.fullmatch(picked):
        params.from_dict({name: picked})


def _resolved(wanted: str) -> Manifest | None:
    try:
        return manifests.load(the_store(), manifests.resolve(the_store(), wanted))
    except StepscopeError:
        return None


def _linked(wanted: str, kind: str, name: str) -> Manifest | None:
    manifest = _resolved(wanted)
    if manifest is None:
        st.warning(
            f"The run of this link, {escaped(short_id(wanted))}, is not in this store. "
            "Import its capsule or compute it here; below is another run."
        )
        del params[name]
        return None
    if manifest.kind == kind:
        return manifest
    st.warning(
        f"The run of this link, {escaped(manifest.short)}, is of kind "
        f"{escaped(manifest.kind)}; this page shows {escaped(kind)}. Open it from the Library; "
        "below is another run."
    )
    del params[name]
    return None


def pick_beside(manifest: Manifest, family: Sequence[Manifest]) -> Manifest | None:
    """Another seed of the same spec to stand beside a run, or none; kept in the URL.

    ``family`` is in the order of its seeds, the run itself included.
    """
    if len(family) < 2:
        st.selectbox("Beside it", ["no other seed of this spec is here"], disabled=True)
        return None
    wanted, key = params.get("beside"), f"beside-{manifest.run}"
    linked = wanted and next((m.run for m in family if m.run.startswith(wanted)), None)
    if wanted and linked in (None, manifest.run):
        st.warning(f"The run to stand beside, {escaped(short_id(wanted))}, is not here.")
        del params["beside"]
    elif linked:
        st.session_state[key] = linked
    if len(family) > SHOWN:
        return _seed_beside(manifest, family, key)
    others = {m.run: m for m in family if m.run != manifest.run}
    ids: list[str | None] = [None, *others]
    said = the_shelf().said(the_store(), [run for run in ids if run is not None])
    picked = st.selectbox(
        "Beside it",
        ids,
        format_func=lambda run: "nothing"
        if run is None
        else f"seed {others[run].spec.get('seed', 0)}: {said[run][:60]}",
        key=key,
        on_change=_keep_beside,
        args=(key,),
    )
    if picked not in others:
        params.pop("beside", None)
        return None
    params["beside"] = short_id(picked)
    return others[picked]


def _seed_beside(manifest: Manifest, family: Sequence[Manifest], key: str) -> Manifest | None:
    """The seed to stand beside a run that has too many for a box, typed."""
    held, box = st.session_state.get(key), f"{key}-seed"
    st.session_state.setdefault(box, None)
    if held is not None:
        st.session_state[box] = next((_seed(m) for m in family if m.run == held), None)
    seed = st.number_input(
        "Beside it: a seed", value=None, step=1, key=box,
        placeholder=f"one of {len(family) - 1:,d}", on_change=_keep_seed, args=(family, key, box),
    )  # fmt: skip
    if seed is None:
        params.pop("beside", None)
        return None
    beside = _of_seed(family, seed)
    if beside is None or beside.run == manifest.run:
        st.caption(f"No other run of this spec has seed {seed:d}.")
        return None
    params["beside"] = short_id(beside.run)
    return beside


def _seed(manifest: Manifest) -> int:
    return int(manifest.spec.get("seed", 0))


def _of_seed(family: Sequence[Manifest], seed: int) -> Manifest | None:
    at = bisect.bisect_left(family, seed, key=_seed)
    return family[at] if at < len(family) and _seed(family[at]) == seed else None


def _keep_seed(family: Sequence[Manifest], key: str, box: str) -> None:
    seed = st.session_state[box]
    beside = None if seed is None else _of_seed(family, seed)
    run = beside.run if beside is not None else None
    st.session_state[key] = run
    if run is None:
        params.pop("beside", None)
    else:
        params["beside"] = short_id(run)


def _keep_beside(key: str) -> None:
    picked = st.session_state[key]
    if picked is None:
        params.pop("beside", None)
    elif RUN.fullmatch(str(picked)):
        params["beside"] = short_id(str(picked))
