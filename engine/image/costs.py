"""What image runs and pictures cost before they are computed. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.chain.costs import Budget
from engine.chain.keys import Chain
from engine.image.keys import Turn, image_turns, last_whole_pass, position_of
from engine.image.spec import DecodeSpec, ImageSpec
from engine.models.pipeline_folder import pipeline_facts
from engine.models.registry import FoundModel

BUDGET = Budget("STEPSCOPE_IMAGE_BUDGET", 20_000_000_000, "steps x pixels x runs")
USUAL_SIDE = 512  # of a picture whose size is not known yet


def image_size(spec: ImageSpec) -> int:
    """Steps x pixels."""
    return spec.steps * (spec.width or USUAL_SIDE) * (spec.height or USUAL_SIDE)


def decode_size(spec: DecodeSpec) -> int:
    """Pixels; a picture to decode counts as one step."""
    return len(spec.steps) * USUAL_SIDE**2


def step_size(facts: Mapping[str, Any]) -> float:
    """What the time of a step of a stored spec grows with: pixels times U-Net rows."""
    guidance = facts.get("guidance", 1.0)
    guided = max(guidance) > 1 if isinstance(guidance, list | tuple) else guidance > 1
    pixels = (facts.get("width") or USUAL_SIDE) * (facts.get("height") or USUAL_SIDE)
    return float(pixels * (2 if guided else 1))


class ImageCalls:
    """One sample a row; equal rows of runs that share batches are one."""

    exact = True

    def __init__(
        self, specs: Mapping[int, ImageSpec], chains: Mapping[int, Chain], model: FoundModel
    ) -> None:
        self.chains = chains
        self.turns: dict[int, list[Turn]] = {i: image_turns(spec) for i, spec in specs.items()}
        self.facts = pipeline_facts(model)
        self.whole: dict[int, int] = {}  # DeepCache: each run's last whole pass in this walk

    def calls(self, steps: Mapping[int, int]) -> int:
        """The samples of one round."""
        alone, together = 0, set()
        for i, index in steps.items():
            turn = self.turns[i][index - 1]
            rows = self._rows(i, index, turn)
            if turn.spec.accelerator == "deepcache":
                alone += len(rows) + self._made_again(i, index)
            elif turn.spec.exact:
                alone += len(rows)
            else:
                together |= {(turn.spec.attention_slicing, *row) for row in rows}
        return alone + len(together)

    def _rows(self, i: int, index: int, turn: Turn) -> list[tuple[object, ...]]:
        spec = turn.spec
        guidance = spec.guidance_at(position_of(spec.sampler, turn.evaluation))
        state = (self.chains[i].step_keys[index - 1], spec.sampler, turn.evaluation)
        rows: list[tuple[object, ...]] = [
            (*state, spec.prompt, False, self.facts.embedded_guidance(guidance))
        ]
        if self.facts.calls_unconditionally(guidance):
            rows.append((*state, spec.negative_prompt, self.facts.encodes_negative_apart, None))
        return rows

    def _made_again(self, i: int, index: int) -> int:
        """The rows of a whole pass that a shallow one needs and this walk has not seen."""
        whole = last_whole_pass(self.turns[i][index - 1].spec, index)
        known = self.whole.get(i) == whole
        self.whole[i] = whole
        if whole == index or known:
            return 0
        return len(self._rows(i, whole, self.turns[i][whole - 1]))
