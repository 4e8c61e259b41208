"""The lab in a few lines, for notebooks: ``from engine.notebook import open_store``. No torch.

What is imported here computes nothing yet; torch comes with the first step that is not stored.
"""

from engine.notebook.lab import Lab, open_store
from engine.notebook.runs import CorruptionInHand, ImageInHand, TextInHand

__all__ = ["CorruptionInHand", "ImageInHand", "Lab", "TextInHand", "open_store"]
