"""Text runs and their finished sentences, read once and held for every page and person."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from cache.errors import StepscopeError
from dashboard.data.text_diversity import Sample, load_sample
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.chain import manifests
from engine.chain.records import Manifest


@st.cache_resource(max_entries=4096, show_spinner=False)
def _sample(folder: str, run: str) -> Sample | None:
    store = the_store()
    return load_sample(store, manifests.load(store, run))


def finished_samples(runs: Iterable[Manifest]) -> dict[str, Sample]:
    """The finished texts of the runs that have one, by run; damaged ones are told of."""
    store, listed = the_store(), list(runs)
    present = store.present([manifest.step_keys[-1] for manifest in listed])
    samples, damaged = {}, []
    for manifest, there in zip(listed, present, strict=True):
        if not there:
            continue
        try:
            sample = _sample(str(store.folder), manifest.run)
        except StepscopeError:
            damaged.append(manifest.short)
            continue
        if sample is not None:
            samples[manifest.run] = sample
    if damaged:
        st.warning(
            f"{len(damaged)} texts are damaged and left out, the first of run "
            f"{escaped(damaged[0])}. "
            "`python -m engine store verify` names all that is damaged."
        )
    return samples
