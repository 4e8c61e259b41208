"""What a review leaves in the store: each a document of its own that is never rewritten. No torch.

A board is what its entries add up to (``boards.py``): what was made, then what was changed, one
entry a change. Nothing is read, changed and written back, so people who write at once lose nothing.
"""

from __future__ import annotations

import base64
import io
import unicodedata
from typing import Annotated, Any, Literal, Self

from PIL import Image
from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from engine.chain.records import CLOCK_S
from engine.chain.specs import Spec

FORMAT = 1  # raise it when the same fields come to mean something else
MOST_RUNS = 64  # of an item
MOST_ITEMS = 500  # of a board
MOST_PNG = 1_000_000  # characters of a kept figure: an entry's names take at most 2**20 bytes
MOST_SIDE = 4096  # pixels of it
KEYS = 5  # answers that have a key: 1 to 5

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
NoId = Literal[""]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
Line = Annotated[str, StringConstraints(max_length=500)]
Prose = Annotated[str, StringConstraints(max_length=4000)]
Query = Annotated[str, StringConstraints(max_length=8000)]
PageName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{0,40}$")]
At = Annotated[float, Field(gt=CLOCK_S[0], lt=CLOCK_S[1])]
Place = Annotated[int, Field(ge=0, le=100_000)]
QuestionKind = Literal["none", "stars", "yes_no", "choice", "scale", "pair", "text"]
Outcome = Literal["accepted", "needs work", "rejected"]


def _read_as(document: type[Spec]) -> BeforeValidator:
    """A part that is a document itself; a stored one is read back from its JSON."""
    return BeforeValidator(
        lambda value: document.parse(value) if isinstance(value, dict) else value
    )


class Person(Spec):
    """Who wrote an entry, and how that is known."""

    name: Annotated[str, StringConstraints(max_length=200)] = ""
    how: Literal["login", "said", "unsigned"] = "unsigned"
    browser: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{0,32}$")] = ""

    @property
    def judge(self) -> str:
        """One text a judge: whoever gives no name is told apart by the browser."""
        return f"{self.how} {self.name.casefold() or self.browser}"

    @property
    def shown(self) -> str:
        """The name as it is read; what was never signed says so."""
        return self.name or f"unsigned {self.browser[:4]}".strip()


def person(name: str, *, login: bool = False, browser: str = "") -> Person:
    """Somebody by a name as it was typed or logged in with; none is unsigned."""
    words = " ".join(name.split())
    line = "".join(c for c in words if unicodedata.category(c)[0] != "C").strip()[:80]
    how: Literal["login", "said", "unsigned"] = "unsigned"
    if line:
        how = "login" if login else "said"
    return Person(name=line, how=how, browser=browser)


class Question(Spec):
    """What is asked of an item."""

    kind: QuestionKind = "none"
    text: Line = ""
    options: tuple[Annotated[str, StringConstraints(min_length=1, max_length=80)], ...] = ()
    low: Annotated[str, StringConstraints(max_length=80)] = ""  # the ends of a scale
    high: Annotated[str, StringConstraints(max_length=80)] = ""
    blind: bool = False  # a pair whose names are told after the vote

    @model_validator(mode="after")
    def _options_of_a_choice(self) -> Self:
        if self.kind == "choice" and not 2 <= len(set(self.options)) == len(self.options) <= KEYS:
            raise ValueError(f"options must be 2 to {KEYS} that differ, got {len(self.options)}")
        if self.kind != "choice" and self.options:
            raise ValueError("options are for a choice alone")
        return self

    def takes(self, answer: object) -> bool:
        """Whether an answer is one to this question."""
        match self.kind:
            case "stars" | "scale":
                return isinstance(answer, int) and 1 <= answer <= KEYS
            case "yes_no":
                return answer in ("yes", "no")
            case "choice":
                return answer in self.options
            case "pair":
                return answer in ("left", "right", "tie")
            case "text":
                return isinstance(answer, str) and bool(answer.strip())
        return False


class Entry(Spec):
    """What every entry says."""

    format: Literal[1] = 1
    board: Id
    at: At
    by: Annotated[Person, _read_as(Person)]


class Made(Entry):
    """A board as it was made."""

    title: Title
    about: Prose = ""


class Item(Entry):
    """A place on a board: runs by their ids, or any view by its link."""

    title: Title
    caption: Prose = ""
    question: Annotated[Question, _read_as(Question)] = Question()
    runs: Annotated[tuple[Id, ...], Field(max_length=MOST_RUNS)] = ()
    page: PageName = ""
    query: Query = ""
    after: Annotated[int, Field(ge=0, le=MOST_ITEMS)] = 0  # its place among those made at once

    @model_validator(mode="after")
    def _runs_of_a_pair(self) -> Self:
        if self.question.kind == "pair" and len(set(self.runs)) < 2:
            raise ValueError(f"runs must be at least 2 for a pair, got {len(set(self.runs))}")
        return self


class Revision(Entry):
    """One change of a board; what is None it says nothing of."""

    title: Title | None = None
    about: Prose | None = None
    archived: bool | None = None
    order: Annotated[tuple[Id, ...], Field(max_length=MOST_ITEMS)] | None = None
    item: Id | NoId = ""  # whose these are:
    item_title: Title | None = None
    caption: Prose | None = None
    removed: bool | None = None
    revealed: bool | None = None


class PairShown(Spec):
    """How a pair stood before its judge."""

    left: Id
    right: Id
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)]  # the sides were drawn with it
    blind: bool
    repeat: bool = False  # asked once more, to see whether the judge says the same


class Verdict(Entry):
    """One answer of one person to one question about one thing."""

    item: Id
    question: Annotated[Question, _read_as(Question)]
    answer: (
        Annotated[int, Field(ge=1, le=KEYS)]
        | Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    )
    runs: Annotated[tuple[Id, ...], Field(max_length=MOST_RUNS)] = ()
    step: Place | None = None
    position: Place | None = None
    pair: Annotated[PairShown | None, _read_as(PairShown)] = None

    @model_validator(mode="after")
    def _answers_the_question(self) -> Self:
        if not self.question.takes(self.answer):
            raise ValueError(f"answer must be one to a question of kind {self.question.kind}")
        if (self.question.kind == "pair") != (self.pair is not None):
            raise ValueError("a pair's verdict must say how the pair stood, and no other may")
        return self

    @property
    def preferred(self) -> str | None:
        """The run that a pair's verdict is for; None for a tie."""
        if self.pair is None or self.answer == "tie":
            return None
        return self.pair.left if self.answer == "left" else self.pair.right


Share = Annotated[float, Field(ge=0, le=1)]


class Region(Spec):
    """A part of a picture, in shares of its sides from the upper left."""

    x: Share
    y: Share
    w: Annotated[float, Field(gt=0, le=1)]
    h: Annotated[float, Field(gt=0, le=1)]

    @model_validator(mode="after")
    def _within_the_picture(self) -> Self:
        for name, end in (("x + w", self.x + self.w), ("y + h", self.y + self.h)):
            if end > 1 + 1e-6:
                raise ValueError(f"{name} must be at most 1, got {end:g}")
        return self


class CurvePoint(Spec):
    """A point of a run's curve over its steps."""

    curve: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    x: float
    y: float


class Comment(Entry):
    """A remark, an answer to one, or the word that a thread is settled or open again."""

    item: Id | NoId = ""
    thread: Id | NoId = ""  # the remark it answers
    text: Prose = ""
    state: Literal["", "resolved", "reopened"] = ""
    run: Id | NoId = ""
    step: Place | None = None
    position: Place | None = None
    region: Annotated[Region | None, _read_as(Region)] = None
    point: Annotated[CurvePoint | None, _read_as(CurvePoint)] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text.strip() and not (self.state and self.thread):
            raise ValueError("text must say something")
        return self


class Decision(Entry):
    """How an item ended; the last one counts."""

    item: Id
    outcome: Outcome
    sentence: Annotated[str, StringConstraints(max_length=1000)] = ""


class Figure(Entry):
    """A figure of the page that an item was made of, as a picture."""

    item: Id
    name: Title
    png: Annotated[str, StringConstraints(max_length=MOST_PNG)]  # base64

    @model_validator(mode="after")
    def _is_a_picture(self) -> Self:
        try:
            with Image.open(io.BytesIO(self.picture), formats=["PNG"]) as opened:
                if max(opened.size) > MOST_SIDE:
                    raise ValueError(f"png must be at most {MOST_SIDE} pixels a side")
                opened.load()
        except (OSError, SyntaxError, Image.DecompressionBombError) as error:
            raise ValueError(f"png is no picture: {error}"[:200]) from error
        return self

    @property
    def picture(self) -> bytes:
        """The PNG itself. Raises ValueError where it is no base64."""
        return base64.b64decode(self.png, validate=True)


DOCUMENTS: dict[str, type[Entry]] = {
    "board": Made,
    "item": Item,
    "revision": Revision,
    "verdict": Verdict,
    "comment": Comment,
    "decision": Decision,
    "figure": Figure,
}


LATER = ("region", "point")  # came after others could read comments: left out where there is none


def fields_of(entry: Entry) -> dict[str, Any]:
    """An entry as it is stored."""
    fields = entry.model_dump(mode="json")
    return {n: value for n, value in fields.items() if value is not None or n not in LATER}
