"""How far does a picture move? Groups of runs from one picture that differ in seed and strength."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from PIL import Image, UnidentifiedImageError

from cache.errors import InvalidInput, StepscopeError
from cache.store import Store
from dashboard.data.finished import Finished, pixel_rms
from dashboard.data.groups import Group, groups
from engine.chain.records import Manifest
from engine.embed.stored_memo import Embeddings
from engine.image import stored as image_stored
from engine.image.init_images import fitted_picture
from engine.image.previews import preview_picture
from engine.image.records import ImageRun, LinearPreview, Picture
from engine.image.spec import ImageSpec
from engine.metrics.bootstrap import bootstrap_mean
from engine.metrics.similarity import CLIP_SCORE_WEIGHT, cosine_table

VARYING = ("seed", "strength")
FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 20_000_000
MEASURES = ("pixel_distance", "clip_to_original", "clip_score")


def comparisons(runs: Iterable[Manifest]) -> list[Group]:
    """The groups of runs that start from one picture, newest first."""
    return groups((m for m in runs if m.spec.get("init_image")), varying=VARYING)


def checked_upload(data: bytes) -> bytes:
    """An upload that may be kept: PNG, JPEG or WebP within the bounds. Raises InvalidInput."""
    if len(data) > MOST_BYTES:
        most = f"{MOST_BYTES / 1e6:g} MB"
        raise InvalidInput(f"picture must be at most {most}, got {len(data) / 1e6:.1f} MB")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            size = opened.width * opened.height
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInput("picture must be a PNG, JPEG or WebP file that can be read") from error
    if size > image_stored.MOST_PIXELS:
        raise InvalidInput(
            f"picture must be at most {image_stored.MOST_PIXELS:,} pixels, got {size:,}"
        )
    return data


def original(store: Store, group: Group) -> Picture | None:
    """The picture the runs of a group start from, fitted to their size; None when it is gone."""
    spec = image_stored.image_spec(group.runs[0])
    try:
        fitted = fitted_picture(store, spec)
    except StepscopeError:
        return None
    png = image_stored.png_bytes(np.asarray(fitted))
    return Picture(png, fitted.width, fitted.height, source="decode")


def entries(group: Group, run: ImageRun) -> pd.DataFrame:
    """Where each strength enters the schedule, one row a strength.

    Columns strength, skipped (steps), enters_at (the first step taken), steps, alpha_bar and
    timestep there, nan where the stored ``run`` (the one of most strength) does not reach.
    """
    schedule = schedule_of(run)
    noise = dict(zip(schedule["position"], schedule["alpha_bar"], strict=True))
    timesteps = dict(zip(schedule["position"], schedule["timestep"], strict=True))
    rows = []
    for strength in group.values("strength"):
        spec = ImageSpec.parse({**group.shared, "seed": 0, "strength": strength})
        enters = spec.skipped_steps + 1
        rows.append(
            {
                "strength": strength,
                "skipped": spec.skipped_steps,
                "enters_at": enters,
                "steps": spec.steps,
                "alpha_bar": noise.get(enters, np.nan),
                "timestep": timesteps.get(enters, np.nan),
            }
        )
    return pd.DataFrame(rows)


def schedule_of(run: ImageRun) -> pd.DataFrame:
    """How noisy the latents were that each step of the schedule started from, as stored.

    Columns position (from 1), alpha_bar, sigma, timestep; the steps that were skipped have no row.
    """
    rows = {
        step.position: (step.position, step.alpha_bar, step.sigma, step.timestep)
        for step in reversed(run.steps[1:])
    }
    ordered = [rows[position] for position in sorted(rows)]
    return pd.DataFrame(ordered, columns=["position", "alpha_bar", "sigma", "timestep"])


def most_noised(group: Group) -> Manifest:
    """The run of most strength: it takes the most steps of the schedule."""
    return max(group.runs, key=lambda run: float(run.spec["strength"]))


def noised_start(store: Store, manifest: Manifest, preview: LinearPreview | None) -> Picture | None:
    """The noised original that a run starts from, as a linear preview; None without a preview."""
    payload = store.find(manifest.step_keys[0])
    if preview is None or payload is None:
        return None
    start = image_stored.image_step(payload)
    latents = start.unit_latents()
    return preview_picture(latents, preview)


def distances(
    group: Group,
    pictures: Mapping[str, Finished],
    start: Finished,
    *,
    embeddings: Embeddings | None,
) -> pd.DataFrame:
    """One row a finished run: strength, seed, and how far it is from the original and the prompt.

    pixel_distance is the root mean square difference (0 to 1); clip_to_original a cosine;
    clip_score 100 times the cosine to the prompt. The last two are nan without ``embeddings``.
    """
    rows = []
    for run in group.runs:
        picture = pictures.get(run.run)
        if picture is None:
            continue
        row = {name: run.spec[name] for name in ("strength", "seed")}
        row["pixel_distance"] = pixel_rms(picture.small, start.small)
        row["clip_to_original"] = row["clip_score"] = float("nan")
        if embeddings is not None:
            row |= _clip_row(str(group.shared["prompt"]), picture, start, embeddings)
        rows.append(row)
    table = pd.DataFrame(rows, columns=["strength", "seed", *MEASURES])
    return table.sort_values(["strength", "seed"], ignore_index=True)


def by_strength(table: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds with 95 % bootstrap intervals, one row a strength and measure."""
    rows = []
    for strength, runs in table.groupby("strength"):
        for measure in MEASURES:
            values = runs[measure].dropna()
            if len(values):
                i = bootstrap_mean(values.tolist())
                rows.append((strength, measure, i.mean, i.low, i.high, i.count))
    return pd.DataFrame(rows, columns=["strength", "measure", "mean", "low", "high", "seeds"])


def _clip_row(
    prompt: str, picture: Finished, start: Finished, embeddings: Embeddings
) -> dict[str, float]:
    vector = embeddings.of_pictures([picture.digest])
    others = np.stack([embeddings.pictures[start.digest], embeddings.texts[prompt]])
    to_original, to_prompt = cosine_table(vector, others)[0].tolist()
    return {
        "clip_to_original": to_original,
        "clip_score": CLIP_SCORE_WEIGHT * max(0.0, to_prompt),
    }
