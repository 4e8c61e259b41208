"""Absorbing-state discrete diffusion over text with masked language models as the denoisers."""
