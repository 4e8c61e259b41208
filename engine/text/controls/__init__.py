"""Controls: what a text should be, as energies on the model's proposals. One file a family.

To add one: a class with the two methods of ``Control`` in a file of its own, its name in
``names.py``, a row here, and what its words must be in ``engine.text.steering.split_control``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.text.controls.control import Control, Vocabulary
from engine.text.controls.ending import LastWord
from engine.text.controls.fluency import Fluency
from engine.text.controls.length import Words
from engine.text.controls.names import ControlName
from engine.text.controls.occurrence import Avoid, Must
from engine.text.controls.topic import Topic

CONTROLS: Mapping[ControlName, Callable[[str, Vocabulary], Control]] = {
    "must": Must.of,
    "avoid": Avoid.of,
    "words": Words.of,
    "ends": LastWord.ending,
    "rhyme": LastWord.rhyming,
    "topic": Topic.of,
    "fluency": Fluency.of,
}
