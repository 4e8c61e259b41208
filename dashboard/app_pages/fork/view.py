"""A fork on its page: the state it starts from, the tree of its family, what it changed."""

from __future__ import annotations

from functools import partial

import streamlit as st

from cache.errors import StepscopeError
from dashboard.app_pages.fork import data, url
from dashboard.app_pages.fork.family_tree import Node, family_tree
from dashboard.app_pages.fork.figures import effect_map, latent_difference
from dashboard.app_pages.fork.form import ask_image, ask_text
from dashboard.data.kin import one_beginning
from dashboard.data.library import first_words
from dashboard.data.plans import request
from dashboard.ui.clicks import new_click
from dashboard.ui.export import show_figure
from dashboard.ui.image_form import say_lost
from dashboard.ui.jobs import offer_compute, say_trouble
from dashboard.ui.link import params, rerun_page
from dashboard.ui.panels import scene_of, shown_runs
from dashboard.ui.player import play
from dashboard.ui.state import mode, number_from_url
from dashboard.ui.stores import image_run, text_run, the_shelf, the_store
from engine.chain import manifests
from engine.chain.manifests import stored_steps
from engine.chain.records import Manifest, short_id
from engine.experiments.families import Member, family
from engine.experiments.forks import described_change, fork
from engine.metrics.fork_effects import latent_effects, token_effects
from engine.requests.plans import AnySpec, parse_spec, plan

BEGUN = "begun-fork"  # the job that was begun here, as offer_compute notes it
LINKED = "fork-linked"  # the URL's ``at`` that was taken or set last


def show_fork(manifest: Manifest, members: list[Member]) -> None:
    """The player that chooses the step, beside its parent where it has one; form and effects."""
    member = next((m for m in members if m.manifest.run == manifest.run), None)
    parent = None
    if member is not None and member.parent is not None:
        parent = next(m.manifest for m in members if m.manifest.run == member.parent)
    at = _choose_step(manifest, parent)
    if parent is not None and member is not None:
        changed = "; ".join(described_change(change) for change in member.changes)
        st.text(f"This run was forked from {parent.short}: {changed}. Both are shown.")
        st.subheader("What did this fork change?")
        _show_effects(parent, manifest, member.at)
    st.markdown(
        f"**Change something after step {at:d}**, and this run goes on otherwise from there."
    )
    offer_fork(manifest, at)


def last_step(manifest: Manifest) -> int:
    """The last stored step of a run that did anything: a text may be done before its steps."""
    if manifest.kind == "text":
        return len(text_run(manifest).steps) - 1
    return stored_steps(the_store(), manifest)


def _choose_step(manifest: Manifest, parent: Manifest | None) -> int:
    """The step where the player stands; in the URL as ``at``, too."""
    last = last_step(manifest)
    asked = params.get("at")
    if asked is not None and asked != st.session_state.get(LINKED):
        wanted = number_from_url("at", 0, last)
        params["step"] = str(last // 2 if wanted is None else wanted)
    elif params.get("step") is None:
        params["step"] = str(last // 2)
    load = text_run if manifest.kind == "text" else image_run
    runs = [load(each) for each in (parent, manifest) if each is not None]
    at = min(last, play(scene_of(runs), what=f"fork-{shown_runs(runs)}"))
    params["at"] = st.session_state[LINKED] = str(at)
    return at


def offer_fork(manifest: Manifest, at: int) -> None:
    """The form of a fork, its plan and button, and the way to it once it is there."""
    store = the_store()
    if at >= manifest.step_count:
        st.info("After the last step nothing is left to change: go back to an earlier one.")
        return
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
    change = (
        described_change(spec.facts()["changes"][-1])
        if spec.changes
        else "without any change, as the run it was forked from"
    )
    st.text(change)
    say_lost([spec])
    offer_compute([spec], title=f"fork {change}", label="Fork here", key="fork")
    if store.has(chain.step_keys[-1]) and store.has(manifests.run_key(chain.run)):
        _open_fork(spec, chain.run, at, last=len(chain.step_keys) - 1)


def _open_fork(spec: AnySpec, run: str, at: int, *, last: int) -> None:
    """Both side by side at once where the fork was begun here; else a link to them."""
    if st.session_state.get(BEGUN) == request([spec]).job_id:
        del st.session_state[BEGUN]
        # texts where the two first differ, pictures where they are finished and decoded
        after = str(last if spec.kind == "image" else min(at + 1, last))
        params.from_dict({"run": short_id(run), "at": after, "step": after})
        rerun_page()
    st.page_link(
        "app_pages/fork/page.py",
        label="This fork is there: show both side by side",
        query_params={"run": short_id(run), "at": str(at)},
    )


def find_family(manifest: Manifest) -> list[Member]:
    """Every run that began as this one did, parents first."""
    store = the_store()
    return family(store, manifest, among=one_beginning(store, the_shelf(), manifest))


def show_family(manifest: Manifest, members: list[Member]) -> None:
    """The tree of a run's family; a click opens another of its runs here."""
    if len(members) < 2:
        st.info("No fork of this run yet. Choose a step, change something, and fork.")
        return
    store = the_store()
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


def _show_effects(parent: Manifest, manifest: Manifest, at: int) -> None:
    if manifest.kind == "text":
        _show_token_effects(parent, manifest, at)
    else:
        _show_latent_effects(parent, manifest, at)
    st.page_link(
        "app_pages/compare/page.py",
        label="Compare the two step by step",
        icon=":material/compare:",
        query_params={"runs": f"{parent.short},{manifest.short}"},
    )


def _show_token_effects(parent: Manifest, child: Manifest, at: int) -> None:
    runs = text_run(parent), text_run(child)
    effects = token_effects(*runs, at)
    count, free = len(effects.flipped_at_end), len(effects.free)
    st.markdown(
        f"**{count:d} of {free:d}** tokens that were still masked after step {at:d}, and that the "
        "fork did not write itself, came out other."
    )
    for name, run in zip(("As it was", "Forked"), runs, strict=True):
        st.text(f"{name}: {run.text(len(run.steps) - 1)}")
    figure = effect_map(effects, runs[1].words(-1), mode=mode())
    show_figure(figure, name="fork-effects", data=partial(data.token_table, effects))
    st.caption(
        "Colour: how the sampler's confidence moved (fork − parent) where both runs still had a "
        "mask. Dots: the tokens differ. Frames: written by the fork."
    )


def _show_latent_effects(parent: Manifest, child: Manifest, at: int) -> None:
    runs = image_run(parent), image_run(child)
    effects = latent_effects(*runs)
    figure = latent_difference(effects, at=at, mode=mode())
    show_figure(figure, name="fork-effects", data=partial(data.latent_table, effects))
