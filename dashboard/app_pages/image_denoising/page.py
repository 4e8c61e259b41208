"""How does a picture come out of noise? Every step of an image run."""

import streamlit as st

from dashboard.app_pages.image_denoising.view import show_denoising
from dashboard.ui.about import page_head, show_about
from dashboard.ui.export import offer_run
from dashboard.ui.rest import offer_rest
from dashboard.ui.run_picker import pick_run
from dashboard.ui.stores import image_run
from dashboard.ui.trouble import fragment

page_head(
    "Denoising",
    "The sampler starts from noise in the autoencoder's latent space. At each step the U-Net "
    "predicts the noise, once with the prompt and once without; guidance pushes the difference. "
    "What is left when that noise is taken away at once is the predicted x0. "
    "[Ho et al. 2020, DDPM](https://arxiv.org/abs/2006.11239), "
    "[Song et al. 2020, DDIM](https://arxiv.org/abs/2010.02502)",
)
manifest = pick_run("image")
run = image_run(manifest)
if not run.complete:
    offer_rest(manifest)
fragment(show_denoising)(run)
with st.expander("About this run"):
    show_about(manifest)
    st.json({**manifest.spec, "made by": dict(run.steps[-1].meta)}, expanded=False)
    offer_run(manifest, run)
