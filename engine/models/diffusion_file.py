"""diffusion.json of a text model's folder: the kernel that it was trained for. No torch.

A folder without one is a masked language model, which is a denoiser for the absorbing kernel.
"""

from __future__ import annotations

from cache.errors import ModelDamaged
from engine.models.registry import FoundModel
from engine.models.weight_files import read_json

DIFFUSION = "diffusion.json"
KERNELS = ("absorbing", "uniform")


def noise_words(model: FoundModel, rows: int) -> range | None:
    """The token ids that a uniform kernel draws its noise from; None for an absorbing model.

    ``rows`` is how many tokens the model has. Raises ModelDamaged, naming the file.
    """
    path = model.folder / DIFFUSION
    if not path.exists():
        return None
    facts = read_json(path)
    kernel = facts.get("kernel")
    if kernel not in KERNELS:
        raise ModelDamaged(f"{path}: kernel must be {' or '.join(KERNELS)}, got {kernel!r}")
    if kernel == "absorbing":
        return None
    first, words = facts.get("first_word"), facts.get("words")
    if type(first) is not int or type(words) is not int or first < 0 or words < 2:
        raise ModelDamaged(f"{path}: first_word and words must be whole numbers, 0 and 2 or more")
    if first + words > rows:
        raise ModelDamaged(f"{path}: words end at {first + words}, the model has {rows} tokens")
    return range(first, first + words)
