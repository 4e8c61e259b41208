"""The form of a text for other architectures: what is known of a model, and both masks."""

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.new_run.form import STARTS
from tests.dashboard import pages
from tests.tiny_text_models import save_tiny


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {k: save_tiny(k, tmp_path_factory.mktemp(k)) for k in ("roberta", "esm")}


def form(model: str, template: str) -> AppTest:
    """The form with a model that is no option: AppTest can open it so, and run it no further."""
    at = AppTest.from_file(pages.APP, default_timeout=60).run()
    at.query_params["kind"] = "text"
    fields = {"model": model, "start": STARTS[1], "template": template, "seed": "0"}
    for name, value in fields.items():
        at.session_state[f"new-text-{name}"] = value
    return at.switch_page("app_pages/new_run/page.py").run()


@pytest.mark.parametrize(
    ("kind", "template", "said"),
    [
        ("roberta", "the <mask> is [MASK].", "RobertaForMaskedLM"),
        ("esm", "MKT<mask>YI[MASK]L", "EsmForMaskedLM"),
    ],
)
def test_a_model_is_described_and_a_template_with_its_own_mask_is_planned(
    cluster, folders, kind, template, said
):
    at = form(folders[kind], template)
    assert not at.exception
    assert not at.error
    (line,) = [c.value for c in at.caption if said in c.value]
    assert "parameters" in line
    assert "no licence in its card" in line
    assert list(at.dataframe[0].value["steps"]) == [2]
    assert at.button(key="new-go")


def test_what_a_protein_model_cannot_read_is_told(cluster, folders):
    at = form(folders["esm"], "MKT[MASK]JI")
    assert any("read as <unk>: J" in text.value for text in at.text)


def test_code_of_its_own_is_refused_in_place(cluster, folders, tmp_path):
    folder = Path(shutil.copytree(folders["roberta"], tmp_path / "own"))
    config = json.loads((folder / "config.json").read_text())
    auto = {"auto_map": {"AutoModelForMaskedLM": "modeling_x.X"}}
    (folder / "config.json").write_text(json.dumps(config | auto))
    at = form(str(folder), "the [MASK]")
    assert not at.exception
    assert any("never run here" in text.value for text in at.text)
