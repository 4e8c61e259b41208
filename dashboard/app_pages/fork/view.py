"""A fork on its page: the state it starts from, the tree of its family, what it changed."""

from __future__ import annotations

from functools import partial

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.fork import data, url
from dashboard.app_pages.fork.family_tree import Node, family_tree
from dashboard.app_pages.fork.figures import effect_map, latent_difference
from dashboard.app_pages.fork.form import ask_image, ask_text
from dashboard.data import image_runs
from dashboard.data.kin import one_beginning
from dashboard.data.library import first_words
from dashboard.figures.emerging import emerging_sentence
from dashboard.ui.clicks import new_click
from dashboard.ui.export import show_figure
from dashboard.ui.image_form import say_lost
from dashboard.ui.jobs import offer_compute, say_trouble
from dashboard.ui.link import params, rerun_page
from dashboard.ui.panels import scene_of, shown_runs
from dashboard.ui.plain import escaped
from dashboard.ui.player import play
from dashboard.ui.state import mode
from dashboard.ui.stores import image_run, text_run, the_shelf, the_store
from engine.chain import manifests
from engine.chain.records import Manifest, short_id
from engine.experiments.families import Member, family
from engine.experiments.forks import described_change, fork
from engine.image import stored as image_stored
from engine.metrics.fork_effects import latent_effects, token_effects
from engine.requests.plans import parse_spec, plan

SIDE = 300


def last_step(manifest: Manifest) -> int:
    """The last stored step of a run that did anything: a text may be done before its steps."""
    if manifest.kind == "text":
        return len(text_run(manifest).steps) - 1
    return manifests.stored_steps(the_store(), manifest)


def show_state(manifest: Manifest, at: int) -> None:
    """What the run had come to after step ``at``."""
    if manifest.kind == "text":
        run = text_run(manifest)
        masked = run.steps[at].tokens == run.mask_id
        words = [None if m else w for m, w in zip(masked, run.words(at), strict=True)]
        figure = emerging_sentence(words, revealed=frozenset(), mode=mode())
        st.plotly_chart(figure, width="stretch", theme=None, key="fork-state",
                        config={"displayModeBar": False})  # fmt: skip
        return
    _show_pictures(manifest, at)


def offer_fork(manifest: Manifest, at: int) -> None:
    """The form of a fork, its plan and button, and the way to it once it is there."""
    store = the_store()
    in_force = parse_spec(manifest.spec).at_step(at + 1)  # type: ignore[union-attr]
    try:
        if manifest.kind == "text":
            fields, writes = ask_text(text_run(manifest), in_force, at)  # type: ignore[arg-type]
            url.keep(fields, writes, in_force)
            spec = fork(store, manifest, at, fields, write=list(writes.items()))
        else:
            fields = ask_image(manifest.run, in_force, at)  # type: ignore[arg-type]
            url.keep(fields, {}, in_force)
            spec = fork(store, manifest, at, fields)
        chain = plan(spec).chain
    except StepscopeError as error:
        say_trouble("This fork cannot be made.", str(error))
        return
    if chain.run == manifest.run:
        # a button all the same, and the same one: what was just typed comes with its click
        st.info("Change something: a fork without a change is the run itself.")
        st.button("Fork here", type="primary", key="compute-fork")
        return
    change = described_change(spec.facts()["changes"][-1]) if spec.changes else "no change left"
    st.text(change)
    say_lost([spec])
    offer_compute([spec], title=f"fork {change}", label="Fork here", key="fork")
    if store.has(chain.step_keys[-1]) and store.has(manifests.run_key(chain.run)):
        st.page_link(
            "app_pages/fork/page.py",
            label="Show this fork",
            query_params={"run": short_id(chain.run)},
        )


def show_family(manifest: Manifest) -> list[Member]:
    """The tree of a run's family; a click opens another of its runs here."""
    store = the_store()
    members = family(store, manifest, among=one_beginning(store, the_shelf(), manifest))
    if len(members) < 2:
        st.info("No fork of this run yet. Choose a step, change something, and fork.")
        return members
    nodes = [
        Node(
            run=member.manifest.run,
            parent=member.parent,
            at=member.at,
            steps=member.manifest.step_count,
            edge="; ".join(described_change(change) for change in member.changes),
            words=first_words(store, member.manifest),
            picture=data.thumb_of(store, member.manifest),
            chosen=member.manifest.run == manifest.run,
        )
        for member in members
    ]
    table = partial(data.family_table, members)
    event = show_figure(family_tree(nodes, mode=mode()), name="family", data=table, select=True)
    clicked = new_click(event, f"family-{manifest.run[:8]}")
    if clicked and clicked != manifest.run:
        params.from_dict({"run": str(clicked)[:12]})
        rerun_page()
    return members


def show_effects(manifest: Manifest, members: list[Member]) -> None:
    """What this fork changed against its parent."""
    member = next((m for m in members if m.manifest.run == manifest.run), None)
    if member is None or member.parent is None:
        st.caption("This run is the beginning of its family: it was forked from nothing.")
        return
    parent = next(m.manifest for m in members if m.manifest.run == member.parent)
    if manifest.kind == "text":
        _show_token_effects(parent, manifest, member.at)
    else:
        _show_latent_effects(parent, manifest, member.at)
    st.page_link(
        "app_pages/compare/page.py",
        label="Compare the two step by step",
        query_params={"runs": f"{parent.short},{manifest.short}"},
    )


def _show_token_effects(parent: Manifest, child: Manifest, at: int) -> None:
    runs = text_run(parent), text_run(child)
    effects = token_effects(*runs, at)
    count, free = len(effects.flipped_at_end), len(effects.free)
    play(scene_of(runs), what=shown_runs(runs))
    st.markdown(
        f"**{count:d} of {free:d}** tokens that were still masked after step {at:d}, and that the "
        "fork did not write itself, came out other."
    )
    figure = effect_map(effects, runs[1].words(-1), mode=mode())
    show_figure(figure, name="fork-effects", data=partial(data.token_table, effects))
    st.caption(
        "Colour: how the sampler's confidence moved where both runs still had a mask. Dots: the "
        "tokens differ. Frames: written by the fork."
    )


def _show_latent_effects(parent: Manifest, child: Manifest, at: int) -> None:
    runs = image_run(parent), image_run(child)
    play(scene_of(runs), what=shown_runs(runs))
    effects = latent_effects(*runs)
    figure = latent_difference(effects, at=at, mode=mode())
    show_figure(figure, name="fork-effects", data=partial(data.latent_table, effects))


def _show_pictures(manifest: Manifest, at: int) -> None:
    run, store = image_run(manifest), the_store()
    preview = image_stored.find_preview(store, manifest.fingerprint)
    left, right, _ = st.columns(3)
    for place, shows, name in (
        (left, "latents", "x_t"),
        (right, "predicted_x0", "predicted x0"),
    ):
        picture = image_runs.picture_of(store, run, at, shows, preview)  # type: ignore[arg-type]
        if picture is not None:
            how = "decoded" if picture.source == "decode" else "linear preview"
            place.image(
                picture.png, width=SIDE, caption=f"{escaped(name)}, {how}", output_format="PNG"
            )
