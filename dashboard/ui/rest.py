"""A run that is not finished: that it is so, and a button that goes on with it."""

from __future__ import annotations

import streamlit as st

from cache.errors import StepscopeError
from dashboard.ui.jobs import offer_compute, say_trouble
from dashboard.ui.plain import escaped
from engine.chain.records import Manifest
from engine.models.replaced import model_of_run
from engine.requests.plans import parse_spec, plan


def offer_rest(manifest: Manifest) -> None:
    """Compute the missing steps of a run; says so where its model is not here any more."""
    short = manifest.short
    try:
        spec = parse_spec(manifest.spec)
        model_of_run(manifest.model, manifest.fingerprint)
        same = plan(spec).chain.run == manifest.run
    except StepscopeError as error:
        say_trouble(f"Run {escaped(short)} is not finished, and cannot go on here.", str(error))
        return
    if not same:
        st.warning(
            f"Run {escaped(short)} is not finished, and cannot go on here: it was made when the "
            "config of its model was read otherwise."
        )
        return
    st.warning(f"Run {escaped(short)} is not finished: it can go on at its first missing step.")
    offer_compute([spec], title=f"the rest of {short}", label="Go on with it", key=f"rest-{short}")
