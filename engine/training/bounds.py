"""Bounds that the command line and the trainings share. No torch."""

MOST_STEPS = 10_000_000  # of one training
