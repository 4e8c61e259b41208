"""What may be asked of a judge: how likely texts are to a model. No torch."""

from __future__ import annotations

from typing import Any, Literal

from cache.errors import InvalidInput
from engine.chain.specs import ModelName, Spec, Words

MOST_TEXTS = 1024


class JudgeSpec(Spec):
    """Texts to be judged by a masked or a causal language model, chosen for the purpose."""

    kind: Literal["judge"] = "judge"
    model: ModelName = "builtin-bert"
    texts: tuple[Words, ...]

    def model_post_init(self, _: Any) -> None:
        if not 1 <= len(self.texts) <= MOST_TEXTS:
            raise InvalidInput(f"texts must be 1 to {MOST_TEXTS}, got {len(self.texts)}")
