"""What a comment is on, in words. No torch."""

from __future__ import annotations

from collections.abc import Mapping

from engine.reviews.records import Comment, CurvePoint, Region

CURVES = {"entropy": "the entropy", "step_length": "the way of a step"}


def place_of(comment: Comment, names: Mapping[str, str] | None = None) -> str:
    """``step 3, word 5``: the place that a comment is on; '' for one on the whole item.

    ``names``: what the runs around it are called, by id; a run that has no neighbour needs no name.
    """
    parts = [
        f"step {comment.step}" if comment.step is not None else "",
        f"word {comment.position}" if comment.position is not None else "",
        region_words(comment.region) if comment.region is not None else "",
        point_words(comment.point) if comment.point is not None else "",
    ]
    said = ", ".join(part for part in parts if part)
    if not said or not comment.run or (names is not None and set(names) == {comment.run}):
        return said
    return f"{said} of {(names or {}).get(comment.run) or f'run {comment.run[:12]}'}"


def region_words(region: Region) -> str:
    """A region by its edges in percent."""
    across = f"{region.x:.0%} to {region.x + region.w:.0%} across"
    return f"the region {across}, {region.y:.0%} to {region.y + region.h:.0%} down"


def point_words(point: CurvePoint) -> str:
    """A point of a curve by its numbers."""
    return f"{CURVES.get(point.curve, point.curve)} at step {point.x:g} ({point.y:.3g})"
