"""``train`` on the command line: what is refused, and which files a measurement writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.cli.app import app
from engine.cli.console import run_app
from engine.training.image import cards as image_cards
from engine.training.image import measuring as image_measuring
from engine.training.image.evaluation import SEEDS
from engine.training.text import card as text_card
from engine.training.text import evaluation as text_evaluation


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file and an empty folder to point at; training-runs would be made here."""
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    Path("empty").mkdir()


def train(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run_app(app, ["train", *arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["text", "--steps", "0"], "steps must be 1 to 1000000, got 0"),
        (["text", "--steps", "-5"], "steps must be 1 to 1000000, got -5"),
        (["text", "--start", "nowhere"], "start must be a folder with vocab.txt and model.safe"),
        (["text", "--start", "file"], "start must be a folder with vocab.txt and model.safe"),
        (["text", "--start", "empty"], "start must be a folder with vocab.txt and model.safe"),
        (["text", "--folder", "file"], "folder must be a folder, got file: file is a file"),
        (["text", "--folder", "file/a/b"], "folder must be a folder, got file/a/b: file is"),
        (["clip", "--folder", "file"], "folder must be a folder, got file"),
        (["image", "--folder", "file"], "folder must be a folder, got file"),
        (["text", "--profile", "tpu"], "unknown profile 'tpu'"),
        (["text", "--kernel", "cosine"], "unknown kernel 'cosine'; choose from absorbing, unif"),
        (["text", "--seconds", "0.5"], "seconds must be 1 to 86400, got 0.5"),
        (["text", "--seconds", "60", "--steps", "9"], "seconds go without steps, got 60 and s"),
        (["evaluate", "text", "--kernel", "cosine"], "unknown kernel 'cosine'; choose from"),
        (["evaluate", "image", "--kernel", "uniform"], "kernel goes with text only, got unifo"),
        (["evaluate", "image", "--seeds", "0"], "seeds must be 4 to 64, got 0"),
        (["evaluate", "image", "--seeds", "65"], "seeds must be 4 to 64, got 65"),
        (["evaluate", "image", "--to", "empty"], "to must be a file, got the folder empty"),
        (["evaluate", "image", "--device", "tpu"], "unknown device 'tpu'"),
        (["evaluate", "image", "--numbers", "file"], "numbers must be of --to, got file"),
        (["evaluate", "image", "--numbers", "file", "--seeds", "8"], "numbers goes without to"),
        (["evaluate", "text", "--models", "empty"], "models goes with image only, got empty"),
        (["evaluate", "text", "--to", "empty"], "to must be a file, got the folder empty"),
        (["evaluate", "text", "--to", "file/x"], "folder of to must be a folder, got file"),
        (["evaluate", "text", "--seeds", "8"], "seeds goes with image only, got 8"),
        (["image", "--folder", "empty"], "folder must hold a trained clip, got no empty/clip/"),
        (["world", "--sheet", "x.gif"], "sheet must end in .png or .webp, got x.gif"),
        (["world", "--sheet", "file/x.png"], "folder of sheet must be a folder, got file"),
        (["world", "--sheet", "x.png", "--size", "8"], "size must be 16 to 512, got 8"),
        (["world", "--sheet", "x.png", "--seed", "-1"], "seed must be 0 to 922337203685477"),
        (["world", "--sheet", "x.png", "--world", "sea"], "unknown world 'sea'; choose from"),
        (["autoencoder", "--world", "sea"], "unknown world 'sea'; choose from poster, landscape"),
        (["autoencoder", "--steps", "0"], "steps must be 1 to 10000000, got 0"),
        (["autoencoder", "--steps", "600"], "steps must be more than 600, got 600"),
        (["autoencoder", "--threads", "0"], "threads must be 1 to 256, got 0"),
        (["autoencoder", "--profile", "tpu"], "unknown profile 'tpu'; choose from cpu, gpu"),
        (["autoencoder", "--profile", "gpu"], "profile must be cpu, got 'gpu': torch finds no GPU"),
        (["probes", "--profile", "gpu"], "profile must be cpu, got 'gpu': torch finds no GPU"),
        (["export", "--to", "n" * 300], "to must be a folder, got nnn"),
        (["autoencoder", "--folder", "file"], "folder must be a folder, got file: file is"),
        (["autoencoder", "--resume-from", "empty"], "resume-from must hold a light checkpoint"),
        (["unet", "--folder", "empty"], "folder must hold a trained autoencoder, got no check"),
        (["clip", "--steps", "5"], "steps goes with --world poster only, got 5"),
        (["export", "--to", "file"], "to must be a folder, got file: file is a file"),
        (["export", "--folder", "empty"], "folder must hold a training that has begun, got emp"),
        (["export", "--folder", "empty", "--ship"], "folder must hold all of autoencoder, clip"),
        (["evaluate", "sound"], "unknown model 'sound'"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert train(*arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1
    assert not Path("training-runs").exists()
    assert not any(Path("empty").iterdir())


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked to be written into the shipped cards, which stay as they are."""
    written: list[Any] = []
    monkeypatch.setattr(text_evaluation, "evaluate", lambda *_, **__: {"loss": 1})
    monkeypatch.setattr(text_card, "write_card", lambda report, **_: written.append(report))
    monkeypatch.setattr(image_measuring, "measured", lambda *_, seeds, **__: {"seeds": seeds})
    monkeypatch.setattr(image_measuring, "completed", lambda numbers, *_: numbers)
    monkeypatch.setattr(image_cards, "write_cards", lambda *given: written.append(given[-1]))
    return written


def test_text_numbers_go_into_the_card(
    capsys: pytest.CaptureFixture[str], cards: list[Any]
) -> None:
    assert train("evaluate", "text") == 0
    assert cards == [{"loss": 1}]
    assert Path("training-runs/text-evaluation.json").exists()
    assert "and the card in" in capsys.readouterr().err


def test_text_numbers_elsewhere_leave_the_card_alone(
    capsys: pytest.CaptureFixture[str], cards: list[Any]
) -> None:
    assert train("evaluate", "text", "--to", "mine/numbers.json") == 0
    assert cards == []
    assert Path("mine/numbers.json").read_text() == '{\n "loss": 1\n}\n'
    assert not Path("training-runs").exists()
    assert "is as it was" in capsys.readouterr().err


def test_image_numbers_are_of_as_many_seeds_as_the_shipped_card(cards: list[Any]) -> None:
    assert train("evaluate", "image") == 0
    assert train("evaluate", "image", "--seeds", "16") == 0
    assert cards == [{"seeds": SEEDS}, {"seeds": 16}]


def test_image_numbers_of_another_machine_go_into_the_cards(cards: list[Any]) -> None:
    assert train("evaluate", "image", "--to", "mine/numbers.json", "--seeds", "9") == 0
    assert cards == []
    assert json.loads(Path("mine/numbers.json").read_text()) == {"seeds": 9}
    drawn = {"world": "poster", "seeds": 9, "guidance": [], "prompts": {}, "clipped": {},
             "fingerprints": []}  # fmt: skip
    Path("mine/numbers.json").write_text(json.dumps(drawn))
    assert train("evaluate", "image", "--numbers", "mine/numbers.json") == 0
    assert cards == [drawn]


def test_a_sheet_of_a_world_is_written_and_repeats(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.png", "new/b.png"):
        assert train("world", "--sheet", name, "--size", "16", "--seed", "3") == 0
    assert "wrote a.png" in capsys.readouterr().err
    assert Path("a.png").read_bytes() == Path("new/b.png").read_bytes()
