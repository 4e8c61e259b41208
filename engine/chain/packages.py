"""The packages that decide a step's bits. No torch."""

PACKAGES = ("torch", "transformers", "diffusers", "numpy")
