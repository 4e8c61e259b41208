"""The lab in the hand: runs, frames and figures through the engine's own computing."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from cache.errors import InvalidInput
from cache.payload import Payload
from engine.image import keys as image_keys
from engine.notebook import Lab
from engine.notebook.drawing import FIGURES
from engine.requests.computing import compute
from engine.text.spec import TextSpec

ROOT = Path(__file__).parents[2]
TEMPLATE = "the [MASK] sea [MASK]"


@pytest.fixture
def lab(store):
    return Lab(store)


@pytest.fixture
def text(lab, tiny_bert):
    return lab.text(TEMPLATE, model=tiny_bert, steps=2, top_k=5, seed=3)


def test_importing_it_loads_neither_torch_nor_streamlit():
    code = (
        "import sys, engine.notebook as n, tempfile\n"
        "lab = n.open_store(tempfile.mkdtemp()); lab.runs(); lab.text_spec(length=3)\n"
        "import engine.notebook.drawing, dashboard.data.image_runs, dashboard.figures.corruption\n"
        "import dashboard.app_pages.text_unmasking.figures, dashboard.figures.sentence\n"
        "import dashboard.app_pages.image_denoising.figures\n"
        "never = ('torch', 'transformers', 'diffusers', 'streamlit')\n"
        "print([name for name in never if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_text_is_the_run_of_its_spec_and_is_computed_once(lab, store, text, tiny_bert):
    spec = TextSpec(model=tiny_bert, template=TEMPLATE, steps=2, top_k=5, seed=3)
    again = compute(store, [spec])
    assert (again.model_calls, again.runs) == (0, (text.manifest.run,))
    assert text.steps[1].confidence.shape == (2,)
    assert repr(text) == f"<text run {text.manifest.short}, 2 steps: {text.text()!r}>"
    assert lab.load(text.manifest.short).text() == text.text()


def test_numbers_of_numpy_are_numbers(lab, text, tiny_bert):
    settings = {"steps": np.int64(2), "top_k": np.int32(5), "seed": np.uint8(3)}
    assert lab.text(TEMPLATE, model=tiny_bert, **settings).manifest.run == text.manifest.run


def test_a_sweep_is_a_frame_of_a_row_a_run(lab, tiny_bert):
    base = lab.text_spec(TEMPLATE, model=tiny_bert, steps=2, top_k=5)
    frame = lab.sweep(base, seed=range(2), temperature=np.array([0.7, 1.2]))
    assert list(frame.columns) == [
        "seed", "temperature", "run", "text", "mean_confidence", "steps", "seconds", "error",
    ]  # fmt: skip
    assert frame["seed"].tolist() == [0, 0, 1, 1]
    assert frame["temperature"].tolist() == [0.7, 1.2] * 2
    one = lab.text(TEMPLATE, model=tiny_bert, steps=2, top_k=5, seed=1, temperature=0.7)
    row = frame.iloc[2]
    assert (row["run"], row["text"], row["error"]) == (one.manifest.run, one.text(), "")
    sure = [step.confidence[np.isin(step.masked, step.revealed)] for step in one.steps[1:]]
    assert math.isclose(row["mean_confidence"], np.concatenate(sure).mean(), rel_tol=1e-6)
    same = lab.sweep(template=TEMPLATE, model=tiny_bert, steps=2, top_k=np.int64(5), seed=[0, 1],
                     temperature=[0.7, 1.2])  # fmt: skip
    assert same["run"].tolist() == frame["run"].tolist()


def test_a_run_that_fails_has_its_error_in_its_row(lab, tiny_bert, monkeypatch):
    from cache.errors import ComputationError
    from engine.notebook import lab as labs

    real = labs.compute_surviving

    def without_the_first(store, plans):
        computed, failed = real(store, {i: p for i, p in plans.items() if i})
        return computed, failed | {0: ComputationError("step 1 came to nan")}

    monkeypatch.setattr(labs, "compute_surviving", without_the_first)
    frame = lab.sweep(template=TEMPLATE, model=tiny_bert, steps=1, top_k=5, seed=[4, 5])
    assert frame["error"].tolist() == ["step 1 came to nan", ""]
    other = lab.text(TEMPLATE, model=tiny_bert, steps=1, top_k=5, seed=5)
    assert frame["run"][1] == other.manifest.run


def test_what_is_stored_is_a_frame(lab, text, tiny_bert):
    lab.text(TEMPLATE, model=tiny_bert, steps=2, top_k=5, seed=4)
    lab.corrupt("the old sea", model=tiny_bert, steps=2)
    assert len(lab.runs()) == 3
    assert len(lab.runs(limit=2)) == 2
    found = lab.runs("text", seed=3)
    assert found["run"].tolist() == [text.manifest.run]
    assert found[["words", "steps", "stored", "top_k"]].iloc[0].tolist() == [TEMPLATE, 2, 2, 5]
    empty = lab.runs(kind="image")
    assert (len(empty), "guidance" in empty.columns) == (0, True)


def test_a_picture_is_decoded_once_and_kept(lab, tiny_sd):
    run = lab.image("a sea", model=tiny_sd, steps=2, guidance=4, seed=3)
    first = run.picture(1)
    assert (first.mode, first.size) == ("RGB", run.picture().size)
    assert run._decoded(1, "latents") is not None
    assert run.picture(1).tobytes() == first.tobytes()
    assert run.picture(1, shows="predicted_x0").size == first.size
    key = image_keys.decode_key(run.manifest.step_keys[1], "latents")
    lab.store.replace(key, Payload(arrays={}, meta={}))  # as a damaged one: it is decoded anew
    assert run.picture(1).tobytes() == first.tobytes()
    digest = lab.keep_picture(first)
    started = lab.image("a sea", model=tiny_sd, steps=2, init_image=digest, strength=0.5)
    assert started.manifest.step_count == 1
    for name in ("filmstrip", "trajectory", "noise"):
        assert isinstance(lab.figure(name, run), go.Figure)
    frame = lab.sweep(prompt="a sea", model=tiny_sd, steps=1, guidance=[1, 4])
    assert list(frame.columns) == ["guidance", "run", "prompt", "steps", "seconds", "error"]
    with pytest.raises(InvalidInput, match=r"^step must be 0 to 2 for latents, got 9$"):
        run.picture(9)
    with pytest.raises(InvalidInput, match=r"^step must be 1 to 2 for predicted_x0, got 0$"):
        run.picture(0, shows="predicted_x0")


def test_figures_are_those_of_the_dashboard(lab, text, tiny_bert):
    from dashboard.app_pages.text_unmasking.line_figures import measure_lines

    own = measure_lines(text, measure="confidence", step=2, mode="light")
    assert lab.figure("confidence", text) == own
    for name in ("heatmap", "order", "entropy", "sentence", "candidates"):
        assert isinstance(lab.figure(name, text, step=1, mode="dark"), go.Figure)
    masked = lab.corrupt("the old sea", model=tiny_bert, steps=2)
    for name in ("corrupted", "masks"):
        assert isinstance(lab.figure(name, masked), go.Figure)


def test_bad_input_is_one_line(lab, text):
    asked = {
        f"unknown figure 'confidnce'; choose from {', '.join(FIGURES)}": (
            lambda: lab.figure("confidnce", text)
        ),
        "run must be an image run for the figure filmstrip, got a run of kind text; of this run: "
        "confidence, heatmap, order, entropy, sentence, candidates": (
            lambda: lab.figure("filmstrip", text)
        ),
        "step must be 0 to 2 for the figure order, got 3": lambda: lab.figure(
            "order", text, step=3
        ),
        "mode must be light or dark, got 'blue'": lambda: lab.figure("order", text, mode="blue"),
        "position is for the figure candidates, got 1": (
            lambda: lab.figure("order", text, position=1)
        ),
        "position must be one that is masked before step 1 (1, 3), got 0": (
            lambda: lab.figure("candidates", text, step=1, position=0)
        ),
        "steps must be a whole number 1 to 200, got 'two'": lambda: lab.text(TEMPLATE, steps="two"),
        "steps must be 1 to 200, got 0": lambda: lab.text(TEMPLATE, steps=0),
        "a sweep must vary at least one setting, as in seed=range(4)": (
            lambda: lab.sweep(template=TEMPLATE)
        ),
        "seed must have 1 to 4096 values, got 0": lambda: lab.sweep(template=TEMPLATE, seed=[]),
        "seed must be a list or range of values to sweep over, got {1}": (
            lambda: lab.sweep(template=TEMPLATE, seed={1})
        ),
        "kind must be one of text, corruption, image, embed, got 'txt'": lambda: lab.runs("txt"),
        "limit must be at least 1, got 0": lambda: lab.runs(limit=0),
        "no run of this store begins with 'ffffffffff'": lambda: lab.load("ffffffffff"),
        "run must be an id, got 3": lambda: lab.load(3),
    }
    for line, ask in asked.items():
        with pytest.raises(InvalidInput) as told:
            ask()
        assert str(told.value) == line
    with pytest.raises(InvalidInput, match="unknown field 'tempreature'; choose from model, "):
        lab.runs("text", tempreature=1)


def test_words_that_the_model_never_heard_are_told(lab, caplog):
    lab.text("the [MASK] zeppelin", steps=1)
    assert "zeppelin" in caplog.text
