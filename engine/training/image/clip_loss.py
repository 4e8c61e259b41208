"""The contrastive loss of a CLIP (Radford et al., 2021), with captions that are wrong."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import CLIPModel

TEXT_GROUPS = 4  # of a batch, by length


def contrastive_loss(model: CLIPModel, images: Tensor, ids: Tensor, *, changed: int = 0) -> Tensor:
    """Symmetric cross-entropy of images [n, 3, y, x] and texts [n (1 + changed) + others, token].

    The first n texts fit the images one to one. So many each then are wrong about their image in
    one attribute: a column for that image alone, since they may fit another (hard negatives, as
    NegCLIP has them, 2210.01936). The rest fit none and add columns to the choice of all images.
    """
    seen = F.normalize(model.get_image_features(pixel_values=images).pooler_output, dim=-1)
    read = F.normalize(_text_vectors(model, ids), dim=-1)
    count, scale = len(images), model.logit_scale.exp()
    right, wrong, others = read.split([count, count * changed, len(read) - count * (1 + changed)])
    fitting = scale * seen @ right.T  # [image, text]
    own = scale * torch.einsum("nd,nkd->nk", seen, wrong.unflatten(0, (count, changed)))
    logits = torch.cat([fitting, own, scale * seen @ others.T], dim=1)
    target = torch.arange(count, device=images.device)
    return 0.5 * (F.cross_entropy(logits, target) + F.cross_entropy(fitting.T, target))


def _text_vectors(model: CLIPModel, ids: Tensor) -> Tensor:
    """Vectors [text, projection]; on a CPU, which pays for padding, read in groups of a length."""
    if ids.device.type != "cpu":
        return _read(model, ids)
    config: Any = model.config.text_config
    ends = (ids == config.eos_token_id).to(torch.int).argmax(1)
    order = ends.argsort(stable=True)
    groups = [
        _read(model, ids[group, : int(ends[group].max()) + 1]) for group in order.chunk(TEXT_GROUPS)
    ]
    return torch.cat(groups)[order.argsort()]


def _read(model: CLIPModel, ids: Tensor) -> Tensor:
    vectors: Tensor = model.get_text_features(input_ids=ids).pooler_output
    return vectors
