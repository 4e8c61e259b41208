"""Absorbing-state discrete diffusion over text with BERT as the denoiser."""
