"""Where models run, and how quietly they load."""

from __future__ import annotations

import os

import torch

# before transformers is imported: an unreachable hub would stall every call for half a minute
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def best_device() -> torch.device:
    """CUDA when there is one, then MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def _quiet() -> None:
    """No progress bars and no advice on stderr: it is the command line's own."""
    from diffusers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    _quiet_transformers()


def _quiet_transformers() -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
