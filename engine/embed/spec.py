"""What may be asked of a CLIP model: embeddings of prompts and pictures. No torch."""

from __future__ import annotations

from typing import Any, Literal

from cache.errors import InvalidInput
from engine.chain.specs import ModelName, Spec, Words
from engine.image.spec import Digest


class EmbedSpec(Spec):
    """Prompts and pictures to embed with CLIP; pictures by the digests they are kept under."""

    kind: Literal["embed"] = "embed"
    model: ModelName = "builtin-clip"
    texts: tuple[Words, ...] = ()
    pictures: tuple[Digest, ...] = ()

    def model_post_init(self, _: Any) -> None:
        count = len(self.texts) + len(self.pictures)
        if not 1 <= count <= 1024:
            raise InvalidInput(f"texts and pictures must be 1 to 1024 together, got {count}")
