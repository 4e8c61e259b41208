"""Is the model here the one that a run was made with? Built-in models get new weights. No torch.

A run's keys hold its model's fingerprint, so runs of a replaced model stay and open; what needs
the model itself (more steps, forks, decoded pictures) is refused rather than done by another.
"""

from __future__ import annotations

from cache.errors import ModelMissing, ModelReplaced
from engine.models.registry import BUILTIN, FoundModel, find_model

SHOWN = 12  # characters of a fingerprint
# the git tags that hold built-in models which were replaced since, by fingerprint
EARLIER = {
    "d7ad70093fcdb523faf74119b91b39327fb9ad0e598ea090cc5278f7491b00fa": "builtin-models-1",
    "860aca51f1b41a2cedd524f189488b0a1a1f46ed7aaa4f82238737fbb558ec3a": "builtin-models-1",
    "584991b6043d36c56800f41de722225913621944f99009105d3b747ac1803d50": "builtin-models-1",
    "c59fee1a65bb5a37d1e6d9ab0511aa613d9f9b5b366be4b70a42d70e281ad78b": "builtin-models-2",
    "6a8f1c6720d10a0ad1cd8dd31fcff8540cdb02b939086fdc1b28af4440e718d5": "builtin-models-3",
    "6853382df986e9ba6f0c9f388c499c99efcd04ca27c73c5a8f706747657f7793": "builtin-models-4",
    "b9500feac629aa12cb7126fe35be67e960c3529e3963426f88ef56e7135ca8f8": "builtin-models-5",
    "6165941ea5fff625f0d770043dea5c3f195663a5e77677a4f15a8f52338a91ad": "builtin-models-5",
}


def model_of_run(name: str, fingerprint: str) -> FoundModel:
    """The model of that name, which is what a run was made with.

    Raises ModelReplaced for a built-in model that is another by now, ModelMissing for any other
    one that is not here or another, ModelDamaged.
    """
    model = find_model(name)
    check_same(model, fingerprint)
    return model


def check_same(model: FoundModel, fingerprint: str) -> None:
    """Raise ModelReplaced or ModelMissing where a model is not the one of that fingerprint."""
    if model.fingerprint == fingerprint:
        return
    versions = f"this run's: {fingerprint[:SHOWN]}, installed: {model.fingerprint[:SHOWN]}"
    if model.name not in BUILTIN:
        raise ModelMissing(f"the run was made with another version of {model.name} ({versions})")
    tag = EARLIER.get(fingerprint)
    where = f"the old one is at git tag {tag}" if tag else "no git tag is known to hold the old one"
    raise ModelReplaced(f"the built-in model {model.name!r} was replaced ({versions}); {where}")
