"""The image and embed commands, run as a person runs them."""

import io
import json

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from engine.cli.app import app
from engine.cli.console import run_app
from engine.image.png_metadata import read_metadata
from engine.image.spec import ImageSpec
from engine.requests import plans

CARRIED = (
    '{"spec": {"kind": "image", "prompt": "a"}, "run": "'
    + "0" * 64
    + '", "fingerprint": "0", "source": "vae", "step": %s}'
)


@pytest.fixture
def engine(capsys, tmp_path):
    """Run a command line on a store of its own; (exit code, stdout, stderr)."""

    def run(*arguments):
        code = 0
        try:
            run_app(app, [*map(str, arguments)])
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    pixels = np.random.default_rng(0).integers(0, 256, (40, 48, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def test_generate_prints_one_json_document_and_writes_pngs_that_carry_their_spec(
    engine, tiny_sd, tmp_path
):
    out = tmp_path / "pictures"
    options = ("--model", tiny_sd, "--steps", 3, "--seeds", "4:6", "--precision", "float32")
    code, stdout, _ = engine("image", "generate", "a sea", *options, "--out", out, "--json")
    assert code == 0
    document = json.loads(stdout)
    assert document["model_calls"] == 12
    assert [run["spec"]["seed"] for run in document["runs"]] == [4, 5]
    first = document["runs"][0]
    assert [step["index"] for step in first["steps"]] == [0, 1, 2, 3]
    carried = read_metadata(out / first["picture"].rsplit("/", 1)[1])
    assert carried.spec == ImageSpec.parse(first["spec"])
    assert carried.run == first["run"]
    code, stdout, _ = engine("runs", "from-png", first["picture"], "--json")
    found = json.loads(stdout)
    assert (code, found["in_store"], found["run"]) == (0, True, first["run"])
    code, stdout, _ = engine("runs", "from-png", first["picture"], "--compute", "--json")
    assert json.loads(stdout)["model_calls"] == 0


def test_sweep_without_axes_compares_guidance(engine, tiny_sd):
    code, stdout, _ = engine("image", "sweep", "a sea", "steps=1", "--model", tiny_sd, "--json")
    assert code == 0
    assert len(json.loads(stdout)["runs"]) == 1
    code, _, stderr = engine("image", "sweep", "a sea", "colour=red", "--model", tiny_sd)
    assert code == 2
    assert "unknown axis 'colour'" in stderr


def test_a_sweep_of_cached_cells_plans_each_once(engine, tiny_sd, monkeypatch):
    sweep = ("image", "sweep", "a sea", "seed=0:4", "steps=2", "--model", tiny_sd)
    assert engine(*sweep)[0] == 0
    planned = []
    chain_with = plans.chain_with  # what every plan, and a manifest's parent, is made with
    monkeypatch.setattr(plans, "chain_with", lambda *of: planned.append(of) or chain_with(*of))
    code, out, err = engine(*sweep)
    assert (code, len(out.splitlines())) == (0, 4)
    assert "0 model calls, 0 steps computed, 8 read from the store" in err
    assert [spec.seed for spec, _ in planned] == [0, 1, 2, 3]


def test_img2img_from_a_file_and_from_a_run(engine, tiny_sd, photo):
    options = ("--model", tiny_sd, "--steps", 4, "--strengths", "0.5,1.0", "--json")
    code, stdout, _ = engine("image", "img2img", "a hill", "--init", photo, *options)
    assert code == 0
    runs = json.loads(stdout)["runs"]
    assert [len(run["steps"]) - 1 for run in runs] == [2, 4]
    short = runs[0]["run"][:12]
    code, stdout, _ = engine("image", "img2img", "a hill", "--from-run", short, *options)
    assert code == 0
    assert json.loads(stdout)["runs"][0]["spec"]["init_image"] != runs[0]["spec"]["init_image"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("image", "generate", ""), "prompt must not be empty"),
        (("image", "generate", "a", "--steps", "0"), "steps must be 1 to 200, got 0"),
        (("image", "generate", "a", "--sampler", "plms"), "choose from ddim"),
        (("image", "generate", "a", "--guidance", "x"), "guidance must be a number"),
        (("image", "generate", "a", "--guidance-interval", "3"), "FIRST:LAST"),
        (("image", "generate", "a", "--model", "no/such"), "is not on this machine"),
        (("image", "generate", "a", "--precision", "float8"), "must be auto, float32, float16"),
        (("image", "img2img", "a"), "either --init or --from-run"),
        (("image", "img2img", "a", "--init", "/no/such.png"), "cannot be read"),
        (("embed", "similarity", "a", "--by", "sound"), "choose from end, tokens, first-token"),
        (("embed", "similarity", "a", "--by", "tokens"), "takes two prompts"),
        (("runs", "from-png", "/no/such.png"), "not a PNG"),
    ],
)
def test_what_is_asked_wrongly_ends_in_2_and_one_clear_line(engine, arguments, message):
    code, stdout, stderr = engine(*arguments)
    assert (code, stdout) == (2, "")
    assert message in stderr
    assert len(stderr.strip().splitlines()) == 1


def test_embeddings_and_similarities(engine, tiny_clip, photo):
    options = ("--model", tiny_clip, "--json")
    _, stdout, _ = engine("embed", "text", "a cat", "a dog", *options)
    vectors = [np.array(item["embedding"]) for item in json.loads(stdout)["embeddings"]]
    _, stdout, _ = engine("embed", "similarity", "a cat", "a dog", *options)
    assert np.isclose(json.loads(stdout)["similarity"][0][1], vectors[0] @ vectors[1], atol=1e-5)
    _, stdout, stderr = engine(
        "embed", "similarity", "a cat", "a dog", "--by", "first-token", *options
    )
    assert np.allclose(json.loads(stdout)["similarity"], 1.0)
    assert "the same for every prompt" in " ".join(stderr.split())
    _, stdout, _ = engine("embed", "similarity", "a cat", "cat", "--by", "tokens", *options)
    assert np.array(json.loads(stdout)["similarity"]).shape == (6, 5)
    _, stdout, _ = engine("embed", "similarity", "a cat", "--image", photo, *options)
    picture_column = np.array(json.loads(stdout)["similarity"])
    _, stdout, _ = engine("embed", "image", photo, *options)
    picture = np.array(json.loads(stdout)["embeddings"][0]["embedding"])
    assert np.isclose(picture_column[0, 0], vectors[0] @ picture, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "carries no spec"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"spec": {"kind": "image", "prompt": "a", "steps": 0}}', "steps must be 1 to 200"),
        ('{"spec": {"prompt": "a"}, "run": "x"}', "cannot be read"),
        ("[" * 50_000, "cannot be read"),
        (CARRIED % "Infinity", "cannot be read"),
        (CARRIED % "1e999", "cannot be read"),
        (CARRIED % "true", "cannot be read"),
        (" " * 200_001, "more than 200000 characters"),
    ],
)
def test_a_strange_png_is_refused(engine, tmp_path, text, message):
    path = tmp_path / "strange.png"
    chunks = PngImagePlugin.PngInfo()
    if text is not None:
        chunks.add_itxt("stepscope", text)
    Image.new("RGB", (8, 8)).save(path, pnginfo=chunks)
    code, _, stderr = engine("runs", "from-png", path)
    assert code == 2
    assert message in " ".join(stderr.split())


def test_a_truncated_png_is_refused(engine, tmp_path):
    data = io.BytesIO()
    Image.new("RGB", (64, 64)).save(data, "PNG")
    path = tmp_path / "cut.png"
    path.write_bytes(data.getvalue()[:60])
    assert engine("runs", "from-png", path)[0] == 2
