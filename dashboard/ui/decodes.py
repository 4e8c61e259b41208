"""Pictures of every step by the autoencoder itself, where only previews are there."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from cache.errors import StepscopeError
from dashboard.ui.jobs import compute_box, offer_compute
from dashboard.ui.plain import escaped
from dashboard.ui.stores import the_store
from engine.chain.records import Manifest
from engine.image.keys import decode_key
from engine.image.spec import Shown
from engine.image.stored import decode_spec
from engine.models.replaced import model_of_run


def offer_decodes(*manifests: Manifest) -> None:
    """An offer to decode what is shown as a linear preview; nothing when all is decoded."""
    specs = [decode_spec(m, shows) for m in manifests for shows in get_args(Shown)]
    keys = [decode_key(f"step:{step}", spec.shows) for spec in specs for step in spec.steps]
    missing = len(keys) - sum(the_store().present(keys))
    if not missing:
        return
    with compute_box(f"Decode the steps ({missing:d} of {len(keys)} pictures)", key="decodes"):
        st.caption(
            "Previews map each latent pixel to a colour by a fitted line: quick and coarse. The "
            "autoencoder's own pictures take one decoding each and are kept like every step."
        )
        for manifest in manifests:
            try:
                model_of_run(manifest.model, manifest.fingerprint)
            except StepscopeError as error:
                # no error of the page's: what is shown needs no model
                st.info(f"Run {escaped(manifest.short)} cannot be decoded here.")
                st.text(str(error))
                return
        several = "pictures" if len(manifests) > 1 else f"pictures of {manifests[0].short}"
        offer_compute(specs, title=several, label=f"Decode {missing:d} pictures", key="decodes")
