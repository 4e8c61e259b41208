"""Figures by name: the very functions of the dashboard, on runs in the hand.

The one place of the engine that knows the dashboard (``docs/decisions/0016-notebook.md``). What
draws is imported when something is drawn: Plotly takes a second, and a server has no need of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from cache.errors import InvalidInput
from engine.chain.axis_values import shown
from engine.image.spec import Shown
from engine.notebook.runs import CorruptionInHand, ImageInHand, Stored, TextInHand
from engine.notebook.values import plain, step_within

if TYPE_CHECKING:
    import plotly.graph_objects as go

Mode = Literal["light", "dark"]
FRAMES = 8  # pictures in a row of a filmstrip


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a run is to be drawn."""

    name: str
    step: int
    position: int | None
    mode: Mode


Draws = Callable[[Any, Asked], "go.Figure"]


def draw(name: str, run: Stored, *, step: int | None, position: int | None, mode: str) -> go.Figure:
    """A figure of a run by its name; ``step`` None is the last. Raises InvalidInput."""
    if not isinstance(name, str) or name not in FIGURES:
        raise InvalidInput(f"unknown figure {shown(name)}; choose from {', '.join(FIGURES)}")
    if mode not in ("light", "dark"):
        raise InvalidInput(f"mode must be light or dark, got {shown(mode)}")
    kind, drawn_by = FIGURES[name]
    if not isinstance(run, kind):
        own = [each for each, (of, _) in FIGURES.items() if isinstance(run, of)]
        hint = f"; of this run: {', '.join(own)}" if own else ""
        raise InvalidInput(f"run must be {OF[kind]} for the figure {name}, got {_told(run)}{hint}")
    if len(run.steps) < 2:
        raise InvalidInput(f"run must have at least 1 stored step, got {_told(run)} with none")
    at = step_within(step, first=0, last=len(run.steps) - 1, what=f"the figure {name}")
    if name != "candidates" and position is not None:
        raise InvalidInput(f"position is for the figure candidates, got {shown(position)}")
    return drawn_by(run, Asked(name, at, plain(position), cast(Mode, mode)))


def _confidence(run: TextInHand, asked: Asked) -> go.Figure:
    from dashboard.app_pages.text_unmasking.line_figures import measure_lines

    return measure_lines(run, measure="confidence", step=asked.step, mode=asked.mode)


def _heatmap(run: TextInHand, asked: Asked) -> go.Figure:
    from dashboard.app_pages.text_unmasking.figures import measure_heatmap

    return measure_heatmap(run, measure="confidence", step=asked.step, mode=asked.mode)


def _order(run: TextInHand, asked: Asked) -> go.Figure:
    from dashboard.app_pages.text_unmasking.figures import unmask_order

    return unmask_order(run, step=asked.step, mode=asked.mode)


def _entropy(run: TextInHand, asked: Asked) -> go.Figure:
    from dashboard.app_pages.text_unmasking.figures import entropy_curve

    return entropy_curve(run, step=asked.step, mode=asked.mode)


def _sentence(run: TextInHand, asked: Asked) -> go.Figure:
    from dashboard.figures.sentence import sentence_figure

    return sentence_figure(run, step=asked.step, mode=asked.mode)


def _candidates(run: TextInHand, asked: Asked) -> go.Figure:
    from dashboard.app_pages.text_unmasking.figures import candidate_bars

    masked = run.steps[asked.step].masked.tolist()
    if not masked:
        raise InvalidInput(
            f"step must be 1 to {len(run.steps) - 1} for the figure candidates, got {asked.step}"
        )
    position = masked[0] if asked.position is None else asked.position
    figure = None
    if type(position) is int:
        figure = candidate_bars(run, step=asked.step, position=position, mode=asked.mode)
    if figure is None:
        raise InvalidInput(
            f"position must be one that is masked before step {asked.step} "
            f"({', '.join(map(str, masked))}), got {shown(position)}"
        )
    return figure


def _corrupted(run: CorruptionInHand, asked: Asked) -> go.Figure:
    from dashboard.figures.corruption import corrupted_sentence

    return corrupted_sentence(run, level=asked.step, mode=asked.mode)


def _masks(run: CorruptionInHand, asked: Asked) -> go.Figure:
    from dashboard.figures.corruption import mask_map

    return mask_map(run, level=asked.step, mode=asked.mode)


def _filmstrip(run: ImageInHand, asked: Asked) -> go.Figure:
    from dashboard.app_pages.image_denoising.figures import filmstrip
    from dashboard.data.image_runs import frames

    chosen = frames(FRAMES, len(run.steps) - 1)
    titled: tuple[tuple[str, Shown], ...] = (("x_t", "latents"), ("predicted x0", "predicted_x0"))
    return filmstrip(
        [(title, [run.stored_picture(i, shows) for i in chosen]) for title, shows in titled],
        [f"step {i}" for i in chosen],
        marked=chosen.index(asked.step) if asked.step in chosen else None,
        mode=asked.mode,
    )


def _trajectory(run: ImageInHand, asked: Asked) -> go.Figure:
    from dashboard.app_pages.image_denoising.figures import latent_curves
    from dashboard.data.image_runs import trajectory_table

    return latent_curves(trajectory_table(run), step=asked.step, mode=asked.mode)


def _noise(run: ImageInHand, asked: Asked) -> go.Figure:
    from dashboard.app_pages.image_denoising.figures import noise_curve
    from dashboard.data.image_runs import trajectory_table

    return noise_curve(trajectory_table(run), step=asked.step, mode=asked.mode)


OF: dict[type[Any], str] = {
    TextInHand: "a text run",
    CorruptionInHand: "a corruption run",
    ImageInHand: "an image run",
}
FIGURES: dict[str, tuple[type[Any], Draws]] = {
    "confidence": (TextInHand, _confidence),
    "heatmap": (TextInHand, _heatmap),
    "order": (TextInHand, _order),
    "entropy": (TextInHand, _entropy),
    "sentence": (TextInHand, _sentence),
    "candidates": (TextInHand, _candidates),
    "filmstrip": (ImageInHand, _filmstrip),
    "trajectory": (ImageInHand, _trajectory),
    "noise": (ImageInHand, _noise),
    "corrupted": (CorruptionInHand, _corrupted),
    "masks": (CorruptionInHand, _masks),
}


def _told(run: object) -> str:
    manifest = getattr(run, "manifest", None)
    return shown(run) if manifest is None else f"a run of kind {manifest.kind}"
