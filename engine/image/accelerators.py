"""Approximations of the U-Net: faster, other pictures, and so part of every key they touch.

ToMe merges alike tokens (Bolya and Hoffman 2023, 2303.17604); merged without its random choice,
so that a step depends on nothing but its input. DeepCache runs the whole U-Net only every third
evaluation and takes the deep features from it in between (Ma et al. 2023, 2312.00858).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

TOME_RATIO = 0.5  # of the tokens are merged away
FULL, SHALLOW = 0, 1

Features = dict[Any, Any]


@contextmanager
def merged_tokens(pipe: Any) -> Iterator[None]:
    """Within it, the pipeline's U-Net merges half of its tokens."""
    import tomesd

    tomesd.apply_patch(pipe, ratio=TOME_RATIO, use_rand=False)
    try:
        yield
    finally:
        tomesd.remove_patch(pipe)


@dataclass
class DeepCache:
    """The deep features of each run's last whole pass, and passes that use them."""

    pipe: Any
    kept: dict[int, tuple[int, Features]] = field(default_factory=dict)

    def has(self, which: int, whole: int) -> bool:
        """Whether a run's features of the whole pass of step ``whole`` are at hand."""
        return which in self.kept and self.kept[which][0] == whole

    def whole(self, which: int, index: int, call: Callable[[], list[Tensor]]) -> list[Tensor]:
        """A whole pass of a run's step, whose deep features are kept."""
        with self._patched({}, FULL) as features:
            answer = call()
        # what a shallow pass asks for: whole blocks, and the layers of the outermost one
        needed = {k: v for k, v in features.items() if k[1] == "block" or k[2] == 0}
        self.kept[which] = (index, needed)
        return answer

    def shallow(self, which: int, call: Callable[[], list[Tensor]]) -> list[Tensor]:
        """A pass of the outermost block alone, on the kept features of the run."""
        with self._patched(self.kept[which][1], SHALLOW):
            return call()

    @contextmanager
    def _patched(self, features: Features, depth: int) -> Iterator[Features]:
        from DeepCache import DeepCacheSDHelper

        helper = DeepCacheSDHelper(pipe=self.pipe)
        helper.set_params(cache_interval=2, cache_branch_id=0)
        helper.enable()
        # the helper would look up a timestep in the pipeline's own scheduler; here every run has
        # its own, so the depth of a pass is set instead of derived
        self.pipe.unet.forward = helper.function_dict["unet_forward"]
        helper.start_timestep, helper.cur_timestep = 0, depth
        helper.cached_output = dict(features)
        try:
            yield helper.cached_output
        finally:
            helper.disable()
