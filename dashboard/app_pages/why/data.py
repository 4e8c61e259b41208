"""Why the steps of a run were computed, and what a step computed anew is like."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from cache.errors import InvalidInput
from engine.experiments.reasons import Reason, shortened, shown_fact

ROOT = Path(__file__).resolve().parents[3]
REPLAY_S = 600.0  # a large model has to be read first
Standing = Literal["there already", "computed", "not there yet"]
LONGEST = 200  # characters of a value


def difference_table(why: Reason) -> pd.DataFrame:
    """One row a fact that differs: its name, here, there."""
    rows = [
        (each.name, _shown_value(each.mine), _shown_value(each.theirs)) for each in why.differences
    ]
    return pd.DataFrame(rows, columns=["fact", "this run", "nearest run"])


def standing(maker: str | None, run: str) -> Standing:
    """What a step was to a run, given the run it was computed for (None: it is not there)."""
    if maker is None:
        return "not there yet"
    return "computed" if maker == run else "there already"


def steps_table(makers: Sequence[str | None], run: str) -> pd.DataFrame:
    """One row a step of a run: what it was to the run, and the run it was computed for."""
    return pd.DataFrame(
        {
            "step": range(len(makers)),
            "was": [standing(maker, run) for maker in makers],
            "computed_for": [maker or "" for maker in makers],
        }
    )


def replayed(store: Path, run: str, step: int) -> dict[str, Any]:
    """What ``runs replay`` finds, in a process of its own that may import torch.

    Raises InvalidInput when it does not answer within REPLAY_S, or says why it cannot.
    """
    command = [sys.executable, "-m", "engine", "runs", "replay", run, "--step", str(step)]
    command += ["--store", str(store), "--json"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, timeout=REPLAY_S, check=False, text=True
        )
        replay: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise InvalidInput(f"the step was not computed within {REPLAY_S:g} s") from error
    except (OSError, ValueError) as error:
        said = done.stderr.strip().splitlines() if isinstance(error, ValueError) else []
        raise InvalidInput(said[-1] if said else f"the replay did not end well: {error}") from error
    return replay


def array_table(replay: dict[str, Any]) -> pd.DataFrame:
    """One row an array of a replayed step: equal to the bit, or how far apart at most."""
    return pd.DataFrame(
        {
            "array": [each["name"] for each in replay["arrays"]],
            "same bits": [each["same_bits"] for each in replay["arrays"]],
            "largest difference": [each["largest"] for each in replay["arrays"]],
        }
    )


def _shown_value(value: Any) -> str:
    return shown_fact(value) if not isinstance(value, str) else str(shortened(value))[:LONGEST]
