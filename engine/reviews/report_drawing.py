"""A row a name, its value as a point with its interval: drawn as SVG by hand, with fonts as text.

No plotting library: the file stays small, and what stands in it was escaped by nobody but us.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

WIDTH, LEFT, RIGHT, ROW, TOP = 760, 250, 190, 25, 8  # pixels
LONGEST = 34  # characters of a name
TICKS = 5


def interval_svg(rows: Sequence[tuple[str, float, float, float, str]], *, what: str) -> str:
    """The rows as one SVG: name, value, low, high, what stands beside it; nan bounds draw none."""
    low, high = span(rows, what)
    height = TOP + ROW * len(rows) + 44

    def x(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    bottom = TOP + ROW * len(rows)
    parts = []
    for tick in ticks(low, high):
        parts.append(
            f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" y2="{bottom}" class="grid"/>'
            f'<text x="{x(tick):.1f}" y="{bottom + 16}" class="mid">{tick:g}</text>'
        )
    for i, (name, value, lower, upper, beside) in enumerate(rows):
        y = TOP + ROW * (i + 0.5)
        shown = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
        parts.append(
            f'<text x="{LEFT - 12}" y="{y + 5:.1f}" class="end">{html.escape(shown)}</text>'
        )
        if math.isfinite(lower) and math.isfinite(upper):
            parts.append(
                f'<line x1="{x(lower):.1f}" x2="{x(upper):.1f}" y1="{y:.1f}" y2="{y:.1f}" '
                'class="bar"/>'
            )
        parts.append(f'<circle cx="{x(value):.1f}" cy="{y:.1f}" r="5" class="dot"/>')
        parts.append(
            f'<text x="{WIDTH - RIGHT + 12}" y="{y + 5:.1f}" class="beside">{html.escape(beside)}'
            "</text>"
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.1f}" y="{bottom + 36}" class="mid">{html.escape(what)}</text>')
    said = "; ".join(f"{name} {value:.2f}" for name, value, *_ in rows)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(said)}">'
        f"{''.join(parts)}</svg>"
    )


def span(rows: Sequence[tuple[str, float, float, float, str]], what: str) -> tuple[float, float]:
    """The bounds of the axis that shows the rows of ``what``."""
    if what.startswith("share"):
        return 0.0, 1.0
    if what.startswith("mean"):
        return 0.8, 5.2
    known = [v for _, *values, _ in rows for v in values if math.isfinite(v)]
    reach = max(1.0, *(abs(v) for v in known)) * 1.1
    return -reach, reach


def ticks(low: float, high: float) -> list[float]:
    """Round values between two bounds."""
    step = 10 ** math.floor(math.log10((high - low) / TICKS))
    step = next(step * by for by in (1, 2, 5, 10) if (high - low) / (step * by) <= TICKS + 1)
    first = math.ceil(low / step)
    return [round(i * step, 6) for i in range(first, math.floor(high / step) + 1)]
