"""Runs of one experiment together: one spec but for its seeds, its guidance, its temperatures.

What a page crosses with seeds is what it makes its own groups by, so that a line here opens the
page on the very runs that it counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.data import img2img, text_diversity
from dashboard.data.cards import Card
from dashboard.data.groups import group_id
from dashboard.data.library import WORDS
from dashboard.data.probes import named
from engine.text.spec import TextSpec

SEEDS = ("seed",)
GUIDANCE = ("seed", "guidance")
MOST_COMPARED = 16
PAGES = {  # which page shows an experiment, by its name
    "Calibration": "app_pages/calibration/page.py",
    "Compare": "app_pages/compare/page.py",
    "Divergence": "app_pages/divergence/page.py",
    "Quality against calls": "app_pages/text_diversity/page.py",
    "Guidance": "app_pages/image_guidance/page.py",
    "Img2img": "app_pages/image_img2img/page.py",
}
SHOWN = 4  # values of a setting that are written out


@dataclass(frozen=True, slots=True)
class Experiment:
    """Some runs, newest first, that belong together, and the page that shows them all."""

    runs: tuple[Card, ...]
    title: str = ""  # the page's name, of PAGES; '' for a run alone
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def pictured(self) -> bool:
        """Whether its runs are pictures, of which some are shown."""
        return self.runs[0].kind == "image"

    @property
    def varied(self) -> str:
        """What differs in it, in words, as ``seed 0 to 3, guidance 1, 4``."""
        names = dict.fromkeys(name for card in self.runs for name in card.spec)
        parts = []
        for name in names:
            values = {repr(card.spec.get(name)): card.spec.get(name) for card in self.runs}
            if len(values) > 1 and name not in ("changes", "corrected", "length"):
                parts.append(_values(name, list(values.values())))
        return ", ".join(parts)


def belongings(cards: Sequence[Card], hidden_words: Collection[str] = ()) -> Mapping[str, str]:
    """What each run shares with those of its experiment, as a name, by run."""
    return {card.run: _belongs(card, hidden_words) for card in cards}


def together(cards: Sequence[Card], names: Mapping[str, str]) -> list[tuple[Card, ...]]:
    """Runs that belong together, in the order of the first of each."""
    groups: dict[str, list[Card]] = {}
    for card in cards:
        groups.setdefault(names.get(card.run, card.run), []).append(card)
    return [tuple(runs) for runs in groups.values()]


def experiment_of(runs: tuple[Card, ...], hidden_words: Collection[str] = ()) -> Experiment:
    """Runs that belong together, with the page that shows them."""
    first = runs[0]
    if len(runs) == 1:
        return Experiment(runs)
    if first.run in hidden_words:
        return Experiment(runs, "Calibration")
    if first.spec.get("changes") or first.kind == "corruption":
        compared = ",".join(card.manifest.short for card in runs[:MOST_COMPARED])
        return Experiment(runs, "Compare", {"runs": compared})
    return _crossing(runs, _crossed(first))


def _belongs(card: Card, hidden_words: Collection[str]) -> str:
    """What a run shares with those of its experiment, as a name."""
    if card.run in hidden_words:
        return f"calibration {named(card, ('template', 'order'))}"
    if card.spec.get("changes"):
        return f"forks {named(card, ('changes',))}"
    if card.kind == "embed":
        return card.run
    crossed = _crossed(card)
    return f"{crossed} {named(card, (*crossed, 'corrected'))}"


def _crossed(card: Card) -> tuple[str, ...]:
    spec = card.spec
    if card.kind == "image" and spec.get("init_image"):
        return img2img.VARYING
    if card.kind == "image" and isinstance(spec.get("guidance"), int | float):
        return GUIDANCE
    if card.kind == "text" and TextSpec.parse(spec).stochastic:
        return text_diversity.VARYING
    return SEEDS


def _crossing(runs: tuple[Card, ...], crossed: tuple[str, ...]) -> Experiment:
    first = runs[0]
    if crossed == img2img.VARYING:
        return _grouped(runs, crossed, "Img2img", {})
    if len({repr([card.spec.get(name) for name in crossed[1:]]) for card in runs}) == 1:
        query = {"modality": first.kind}
        return _grouped(runs, SEEDS, "Divergence", query)
    if crossed == GUIDANCE:
        return _grouped(runs, crossed, "Guidance", {})
    return _grouped(runs, crossed, "Quality against calls", {})


def _grouped(
    runs: tuple[Card, ...], varying: Sequence[str], title: str, query: dict[str, str]
) -> Experiment:
    first = runs[0].manifest
    name = group_id(first.spec, first.fingerprint, varying=varying)
    return Experiment(runs, title, {**query, "group": name})


def _values(name: str, values: Sequence[Any]) -> str:
    said = name.replace("_", "-")
    numbers = sorted(v for v in values if isinstance(v, int | float) and not isinstance(v, bool))
    if len(numbers) == len(values) and len(values) > SHOWN:
        return f"{said} {numbers[0]:g} to {numbers[-1]:g} ({len(values)} values)"
    if len(values) > SHOWN or name in WORDS or any(len(str(value)) > 20 for value in values):
        return f"{len(values)} {said}s"
    shown = numbers if len(numbers) == len(values) else sorted(values, key=str)
    return f"{said} {', '.join('none' if v is None else _one(v) for v in shown)}"


def _one(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
