"""A trained model of somebody else's: AntiBERTy (Ruffolo et al. 2021, 2112.07782), infilled.

Its wheel on PyPI (antiberty 0.1.3, MIT; 1.0.0 has no weights) is 96 MB, so nothing here downloads
it: where it lies, the environment says. To have these tests run:

    pip download --no-deps antiberty==0.1.3 -d FOLDER
    STEPSCOPE_ANTIBERTY=FOLDER python -m pytest tests/engine/text/test_antiberty.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from engine.models.registry import find_model
from engine.requests.computing import compute
from engine.text import stored as text_stored
from engine.text.loading import load_denoiser
from engine.text.spec import TextSpec
from engine.text.warnings import text_warnings
from tests.engine.text import reference

VARIABLE = "STEPSCOPE_ANTIBERTY"
INSIDE = "antiberty/trained_models"
# the heavy variable domain of trastuzumab, and the first residues of its third loop hidden
SEQUENCE = (
    "EVQLVESGGGLVQPGGSLRLSCAASGFNIKDTYIHWVRQAPGKGLEWVARIYPTNGYTRYADSVKGRFTISADTSKNTAYLQMNSLRAEDT"
    "AVYYCSRWGGDGFYAMDYWGQGTLVTVSS"
)
HIDDEN = (3, 20, 45, 46, 47, 80, 96, 110)


def wheels() -> list[Path]:
    places = [Path(os.environ[VARIABLE])] if os.environ.get(VARIABLE) else []
    return sorted(wheel for place in places for wheel in place.glob("antiberty-0.1.*.whl"))


pytestmark = pytest.mark.skipif(
    not wheels(), reason=f"no wheel of antiberty 0.1: {VARIABLE} names no folder with one"
)


@pytest.fixture(scope="module")
def antiberty(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Its folder as a person makes one: the weights converted, the vocabulary put beside them."""
    folder = tmp_path_factory.mktemp("antiberty")
    with zipfile.ZipFile(wheels()[-1]) as wheel:
        names = [name for name in wheel.namelist() if name.startswith(INSIDE)]
        wheel.extractall(folder, members=names)
    pickled = next(path.parent for path in folder.rglob("pytorch_model.bin"))
    new = folder / "safe"
    command = [sys.executable, "-m", "engine", "models", "convert", str(pickled), str(new)]
    subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[3])
    shutil.copy(folder / INSIDE / "vocab.txt", new)
    return str(new)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("drawn", [{}, {"top_k": 5, "temperature": 1.2, "seed": 3}])
def test_a_known_sequence_is_infilled_as_a_plain_loop_does(antiberty, store, exact, drawn):
    signs = ["[MASK]" if i in HIDDEN else sign for i, sign in enumerate(SEQUENCE)]
    spec = TextSpec(
        model=antiberty, template=" ".join(signs), steps=4, exact=exact, suppress_special=False,
        **drawn,
    )  # fmt: skip
    found = find_model(antiberty)
    assert text_warnings(found, spec.template) == []
    run = text_stored.load_text_run(store, compute(store, [spec]).runs[0])
    denoiser = load_denoiser(found, torch.device("cpu"))
    final, trace = reference.unmask(
        denoiser.model,
        denoiser.tokenizer(spec.template, return_tensors="pt")["input_ids"],
        mask_id=4,
        steps=4,
        temperature=spec.temperature,
        top_k=spec.top_k,
        seed=spec.seed,
    )
    assert run.steps[-1].tokens.tolist() == final[1:-1].tolist()
    for step, (positions, tokens, confidence) in zip(run.steps[1:], trace, strict=True):
        assert (step.revealed.tolist(), step.tokens[step.revealed].tolist()) == (positions, tokens)
        rows = [step.row(p) for p in positions]
        assert step.confidence[rows].tolist() == pytest.approx(confidence, abs=1e-5)
    if not drawn:  # what it learned: framework residues of an antibody come back
        text = run.text()
        assert " " not in text
        right = sum(text[i] == SEQUENCE[i] for i in HIDDEN)
        assert right >= len(HIDDEN) // 2, (right, text)
