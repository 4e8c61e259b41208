"""Boards, verdicts, comments, decisions: what people saw in runs and what they made of it."""
