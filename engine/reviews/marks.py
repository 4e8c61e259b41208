"""What a comment is on, in words. No torch."""

from __future__ import annotations

from engine.reviews.records import Comment, CurvePoint, Region

CURVES = {"entropy": "the entropy", "step_length": "the way of a step"}


def place_of(comment: Comment) -> str:
    """``step 3, word 5``: the place that a comment is on; '' for one on the whole item."""
    parts = [
        f"step {comment.step}" if comment.step is not None else "",
        f"word {comment.position}" if comment.position is not None else "",
        region_words(comment.region) if comment.region is not None else "",
        point_words(comment.point) if comment.point is not None else "",
    ]
    said = ", ".join(part for part in parts if part)
    return f"{said} of run {comment.run[:12]}" if said and comment.run else said


def region_words(region: Region) -> str:
    """A region by its edges in percent."""
    across = f"{region.x:.0%} to {region.x + region.w:.0%} across"
    return f"the region {across}, {region.y:.0%} to {region.y + region.h:.0%} down"


def point_words(point: CurvePoint) -> str:
    """A point of a curve by its numbers."""
    return f"{CURVES.get(point.curve, point.curve)} at step {point.x:g} ({point.y:.3g})"
