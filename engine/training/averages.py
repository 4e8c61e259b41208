"""Moving averages of a training's weights: what is measured, sampled and shipped."""

from __future__ import annotations

import torch
from torch import nn


class Ema:
    """Exponential moving average of a module's parameters, with a warm-up of the decay."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self.shadow = {name: p.detach().clone() for name, p in module.named_parameters()}

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Move every average towards the module's current parameters."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        parameters = dict(module.named_parameters())
        torch._foreach_lerp_(
            list(self.shadow.values()),
            [parameters[name].detach() for name in self.shadow],
            1 - decay,
        )

    @torch.no_grad()
    def copy_to(self, module: nn.Module) -> None:
        """Overwrite the module's parameters with the averages."""
        for name, parameter in module.named_parameters():
            parameter.copy_(self.shadow[name])
