"""How does a sentence come out of masks, or out of noise? Every step of a text run."""

import streamlit as st

from dashboard.app_pages.text_unmasking import data
from dashboard.app_pages.text_unmasking.view import show_steps
from dashboard.data.kin import seeds_of
from dashboard.ui.about import page_head, show_about
from dashboard.ui.export import offer_run
from dashboard.ui.rest import offer_rest
from dashboard.ui.run_picker import pick_two
from dashboard.ui.stores import text_run, the_shelf, the_store
from dashboard.ui.trouble import fragment

page_head(
    "Unmasking",
    "The sampler starts from masks. At each step BERT proposes a token for every masked position, "
    "and the surest few are revealed; the rest wait and are judged anew with more context. "
    "Which and how many the run's rule decides; some rules take tokens back to masks. "
    "Of the uniform kernel noise is random words, and every step redraws them all. "
    "Colour is the sampler's confidence when a token was revealed, or of a redrawn one now. "
    "[Austin et al. 2021, D3PM](https://arxiv.org/abs/2107.03006)",
)
manifest, other = pick_two("text", lambda run: seeds_of(the_store(), the_shelf(), run))
runs = [text_run(m) for m in (manifest, other) if m is not None]
for run in runs:
    if not run.complete:
        offer_rest(run.manifest)
fragment(show_steps)(runs)
with st.expander("About this run"):
    show_about(manifest)
    if calls := data.calls_line(runs[0]):
        st.text(calls)
    st.caption(
        "Confidence is the sampler's own, after temperature, top-k and top-p. Model's probability "
        "is the untempered softmax. Entropy is the untempered model's, in nats."
    )
    st.json({**manifest.spec, "made by": dict(runs[0].steps[-1].meta)}, expanded=False)
    offer_run(manifest, runs[0])
