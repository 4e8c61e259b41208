"""A generation: three trainings in one folder, exported light, gone on with elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from cache.errors import InvalidInput
from engine.cli import train_export, train_next
from engine.models import registry
from engine.models.manifest import check_manifest, made_of
from engine.training import checkpoints, exporting, loop, shipping, world_data
from engine.training.alone import alone
from engine.training.generation import Generation
from engine.training.image import autoencoder, clip, decoder, unet
from engine.training.image.autoencoder import AutoencoderRecipe
from engine.training.image.clip import ClipRecipe
from engine.training.image.decoder import DecoderRecipe
from engine.training.image.latents import TRAINED_ON
from engine.training.image.shipping import CLIP_FOLDER, IMAGE_FOLDER
from engine.training.image.unet import UnetRecipe
from engine.training.image.warm_start import BEGUN_WITH
from engine.training.staging import staged
from engine.training.trained import trained_autoencoder
from engine.training.trainings import train_autoencoder, train_clip, train_unet


@pytest.fixture(autouse=True)
def small_world(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Recipes of a few steps on a dozen small pictures, and measurements of as few."""
    codec = AutoencoderRecipe(
        world="poster", size=32, channels=(8, 8, 16), shards=1, crop=16, corners=2, crop_steps=1,
        crop_batch=2, whole_steps=2, whole_batch=2, schedule="stable",
    )  # fmt: skip
    reader = ClipRecipe(
        world="poster", size=32, patch=8, text_width=16, text_layers=1, vision_width=16,
        vision_layers=1, projection=16, shards=1, steps=3, batch=4, unrelated=1, schedule="stable",
    )  # fmt: skip
    denoiser = UnetRecipe(
        world="poster", size=32, channels=(16, 16), heads=2, shards=1, shard_count=12, steps=3,
        batch=2, schedule="stable", prediction="v_prediction",
    )  # fmt: skip
    for module, recipe in ((autoencoder, codec), (clip, reader), (unet, denoiser)):
        monkeypatch.setitem(module.RECIPES, "poster", recipe)
    monkeypatch.setattr(world_data.rendered_shard, "__kwdefaults__", {"count": 12, "world": ""})
    monkeypatch.setattr(world_data.rendered_world, "__kwdefaults__", {"count": 12, "world": ""})
    monkeypatch.setattr(autoencoder, "HELD_OUT_COUNT", 8)
    learn = clip.caption_tokenizer
    monkeypatch.setattr(
        clip, "caption_tokenizer", lambda folder, world: learn(folder, captions=200, world=world)
    )
    monkeypatch.setattr(exporting, "SEEDS", (0,))
    monkeypatch.setattr(exporting, "RENDERINGS", 8)
    monkeypatch.setattr(exporting, "BATCHES", 1)
    monkeypatch.setattr(exporting, "sampled", lambda *_, **__: np.zeros((8, 32, 32, 3), np.uint8))
    monkeypatch.setattr(exporting, "held_out_loss", lambda *_: 1.0)
    monkeypatch.setattr("engine.training.trainings.sheet_writer", lambda *_, **__: None)


def test_a_generation_is_trained_exported_and_gone_on_with(tmp_path: Path) -> None:
    here = Generation(tmp_path / "here")
    with pytest.raises(InvalidInput, match="must hold a trained autoencoder"):
        train_unet(here, resume=False)
    for train in (train_autoencoder, train_clip, train_unet):
        train(here, resume=False, stop_after=2)
    numbers = exporting.export(here, tmp_path / "light")
    light = tmp_path / "light"
    listed = json.loads((light / exporting.LISTING).read_text())["files"]
    assert listed == exporting.listing(light)
    assert any(name.endswith(".safetensors") for name in listed)
    assert json.loads((tmp_path / "light" / "numbers.json").read_text())["clip"]["step"] == 2
    assert numbers["autoencoder"]["step"] == 2
    words = (tmp_path / "light" / "README.md").read_text()
    assert "- unet: step 2, 4 samples seen" in words
    assert "train unet --world poster --resume-from engine/models/next" in words
    assert 0 < numbers["autoencoder"]["ssim"] <= 1

    elsewhere = Generation(tmp_path / "elsewhere", world="landscape")
    with pytest.raises(InvalidInput, match="world must be that of the checkpoint, poster"):
        elsewhere.begin_from(tmp_path / "light", "unet")
    assert not elsewhere.part("unet").exists()
    more = Generation(tmp_path / "more", shards=2)
    with pytest.raises(InvalidInput, match=r"shards must be what .* was made with, 1, got 2"):
        more.begin_from(tmp_path / "light", "unet")
    assert not more.part("unet").exists()
    there = Generation(tmp_path / "there")
    for part in ("autoencoder", "clip", "unet"):
        there.begin_from(tmp_path / "light", part)
        assert there.step(part) == 2
        with pytest.raises(InvalidInput, match="must not replace a checkpoint, got step 2"):
            there.begin_from(tmp_path / "light", part)
    for train in (train_autoencoder, train_clip, train_unet):
        train(there, resume=True)
    assert {there.step(part) for part in ("autoencoder", "clip", "unet")} == {3}


def test_a_finished_generation_ships_and_says_how_it_was_made(tmp_path: Path) -> None:
    here = Generation(tmp_path / "here")
    for train in (train_autoencoder, train_clip, train_unet):
        train(here, resume=False)
    fingerprints = shipping.ship(here, tmp_path / "models")
    clip_folder, image_folder, probes_folder = shipping.folders(tmp_path / "models")
    assert fingerprints["builtin-clip"] == check_manifest(clip_folder)
    assert fingerprints["builtin-sd"] == check_manifest(image_folder)
    assert not probes_folder.exists()  # none were trained
    made = made_of(image_folder)
    assert made["world"] == "poster"
    assert made["unet"]["step"] == 3 and made["unet"]["samples_seen"] == 6
    assert made["autoencoder"]["recipe"]["size"] == 32 and made["clip"]["device"] == "CPU"
    config = json.loads((image_folder / "scheduler" / "scheduler_config.json").read_text())
    assert config["prediction_type"] == "v_prediction"
    train_export.export(folder=tmp_path / "here", to=tmp_path / "again", ship=True)
    assert check_manifest(tmp_path / "again" / "stable-diffusion") == fingerprints["builtin-sd"]
    assert not (tmp_path / "again" / "numbers.json").exists()  # nothing is measured


def test_a_clip_can_be_shipped_alone(tmp_path: Path) -> None:
    here = Generation(tmp_path / "here")
    with pytest.raises(InvalidInput, match="must hold all of clip to be shipped, got no clip"):
        shipping.ship(here, tmp_path / "models", alone="clip")
    train_clip(here, resume=False)
    train_export.export(folder=tmp_path / "here", to=tmp_path / "models", ship_clip=True)
    clip_folder, image_folder, _ = shipping.folders(tmp_path / "models")
    assert check_manifest(clip_folder)
    assert not image_folder.exists()


def test_a_decoder_of_the_shipped_autoencoder_ships_and_all_else_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = DecoderRecipe(shards=1, shard_count=12, steps=1, batch=2, half=False)
    monkeypatch.setitem(decoder.RECIPES, "poster", small)
    monkeypatch.setattr(decoder, "HELD_OUT_COUNT", 8)
    here, models = tmp_path / "here", tmp_path / "models"
    with pytest.raises(InvalidInput, match="world must be that of the built-in models, poster"):
        train_next.decoder(world="landscape", folder=tmp_path / "elsewhere")
    with pytest.raises(InvalidInput, match="must hold all of decoder to be shipped, got no"):
        train_export.export(folder=here, to=models, ship_decoder=True)
    train_next.decoder(folder=here)
    read = here / "decoder" / TRAINED_ON
    told = read.read_text()
    for wrong in ("{", '{"encoder": "another"}'):
        read.write_text(wrong)
        with pytest.raises(InvalidInput, match=r"trained on|must tell of a training"):
            train_export.export(folder=here, to=models, ship_decoder=True)
        with pytest.raises(InvalidInput, match=r"trained on|must tell of a training"):
            train_next.decoder(folder=here, resume=True)
    read.unlink()
    with pytest.raises(InvalidInput, match=r"trained-on.json must tell of a training"):
        train_export.export(folder=here, to=models, ship_decoder=True)
    assert not models.exists()
    read.write_text(told)
    train_export.export(folder=here, to=models, ship_decoder=True)
    _, image_folder, _ = shipping.folders(models)
    assert check_manifest(image_folder)
    made, before = made_of(image_folder), made_of(IMAGE_FOLDER)
    assert {part: made[part] for part in ("autoencoder", "clip", "unet")} == {
        part: before[part] for part in ("autoencoder", "clip", "unet")
    }
    assert made["decoder"]["step"] == 1 and made["decoder"]["samples_seen"] == 2
    assert str(IMAGE_FOLDER) not in (image_folder / "model_index.json").read_text()
    for part in ("unet", "text_encoder"):
        (weights,) = (IMAGE_FOLDER / part).glob("*.safetensors")
        assert weights.read_bytes() == (image_folder / part / weights.name).read_bytes()
    old, new = (
        load_file(folder / "vae" / "diffusion_pytorch_model.safetensors")
        for folder in (IMAGE_FOLDER, image_folder)
    )
    changed = {name for name in old if not torch.equal(old[name], new[name])}
    assert changed and all(name.startswith("decoder.") for name in changed)


def test_a_unet_is_trained_on_the_shipped_models_and_goes_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(
        unet.RECIPES["poster"], size=128, channels=(96, 192), layers=2, heads=4, steps=1,
        cross_finest=True, warm=True, weighting="uniform", sides=1.0, half=True, learnt="attn2",
    )  # fmt: skip
    monkeypatch.setitem(unet.RECIPES, "poster", small)
    here = tmp_path / "here"
    with pytest.raises(InvalidInput, match="world must be that of the built-in models, poster"):
        train_unet(Generation(here, world="landscape", on_shipped=True), resume=False)
    train_unet(Generation(here, on_shipped=True), resume=False)
    with pytest.raises(InvalidInput, match="choose one of ship, ship-clip, ship-unet, ship-d"):
        train_export.export(folder=here, ship=True, ship_unet=True)
    with pytest.raises(InvalidInput, match="must hold no unet yet, got step 1"):
        train_next.unet(folder=here, on_shipped=True)
    read = here / "unet" / TRAINED_ON
    told = json.loads(read.read_text())
    for wrong in ("{", json.dumps(told | {"text_encoder": "another"})):
        read.write_text(wrong)
        with pytest.raises(InvalidInput, match="trained on"):
            train_export.export(folder=here, to=tmp_path / "models", ship_unet=True)
        with pytest.raises(InvalidInput, match=r"trained on|must tell of a training"):
            train_next.unet(folder=here, on_shipped=True, resume=True)
        assert not (tmp_path / "models").exists()
    read.write_text(json.dumps(told))
    with monkeypatch.context() as changed:
        changed.setitem(unet.RECIPES, "poster", replace(small, prediction="epsilon"))
        with pytest.raises(InvalidInput, match="must be that of the checkpoint, v_prediction"):
            train_export.export(folder=here, to=tmp_path / "models", ship_unet=True)
    (kept,) = (here / "unet" / "latents").iterdir()
    save_file({"latents": torch.zeros(10, 16, 16, 16)}, kept)
    with pytest.raises(
        InvalidInput, match=r"latents must be 12 finite ones, got \(10, 16, 16, 16\)"
    ):
        train_next.unet(folder=here, on_shipped=True, resume=True)
    train_export.export(folder=here, to=tmp_path / "models", ship_unet=True)
    clip_folder, image_folder, _ = shipping.folders(tmp_path / "models")
    assert check_manifest(image_folder) and not clip_folder.exists()
    made, before = made_of(image_folder), made_of(IMAGE_FOLDER)
    assert made["clip"] == made_of(CLIP_FOLDER)["clip"]
    assert made["autoencoder"] == before["autoencoder"]
    assert made["unet"]["step"] == 1 and made["unet"]["began_with"] == before["unet"]
    same = ("vae/diffusion_pytorch_model.safetensors", "scheduler/scheduler_config.json")
    files = [
        json.loads((folder / "manifest.json").read_text())["files"]
        for folder in (image_folder, IMAGE_FOLDER)
    ]
    assert all(files[0][name] == files[1][name] for name in same)  # bit by bit
    now, then = (
        load_file(folder / "unet" / "diffusion_pytorch_model.safetensors")
        for folder in (image_folder, IMAGE_FOLDER)
    )
    changed = {name for name in now if not torch.equal(now[name], then[name])}
    assert changed and all("attn2" in name for name in changed)


def _emptied(part: Path) -> None:
    (part / "checkpoint.safetensors").write_bytes(b"")


def _cut(part: Path) -> None:
    file = part / "checkpoint.safetensors"
    file.write_bytes(file.read_bytes()[:-200])


def _not_finite(part: Path) -> None:
    file = part / "checkpoint.safetensors"
    header = checkpoints.read_header(file)
    tensors = load_file(file)
    name = next(name for name in tensors if name.startswith("ema/"))
    tensors[name] = torch.full_like(tensors[name], float("nan"))
    save_file(tensors, file, {"checkpoint": json.dumps(header)})


def _of_another_world(part: Path) -> None:
    file = part / "checkpoint.safetensors"
    header = checkpoints.read_header(file)
    header["facts"]["recipe"]["world"] = "landscape"
    save_file(load_file(file), file, {"checkpoint": json.dumps(header)})


def _without_tokenizer(part: Path) -> None:
    shutil.rmtree(part / "tokenizer")


def _logged_badly(part: Path) -> None:
    (part / "log.jsonl").write_text("{")


def _logged_no_time(part: Path) -> None:
    (part / "log.jsonl").write_text('{"step": 1, "seconds": NaN}\n')


def _without_recipe(part: Path) -> None:
    file = part / "checkpoint.safetensors"
    header = checkpoints.read_header(file)
    del header["facts"]["recipe"]
    save_file(load_file(file), file, {"checkpoint": json.dumps(header)})


def _told(name: str, value: object, *, recipe: bool = True) -> Callable[[Path], None]:
    """A checkpoint whose header tells something else."""

    def damage(part: Path) -> None:
        file = part / "checkpoint.safetensors"
        header = checkpoints.read_header(file)
        (header["facts"]["recipe"] if recipe else header["facts"])[name] = value
        save_file(load_file(file), file, {"checkpoint": json.dumps(header)})

    return damage


def _too_long(part: Path) -> None:
    file = part / "checkpoint.safetensors"
    header = checkpoints.read_header(file) | {"step": 10**12}
    save_file(load_file(file), file, {"checkpoint": json.dumps(header)})


def _of_words(part: Path) -> None:
    (part / "checkpoint.safetensors").write_text("no tensors here, and none anywhere else")


def _too_large_for_halves(part: Path) -> None:
    file = part / "checkpoint.safetensors"
    header, tensors = checkpoints.read_header(file), load_file(file)
    name = next(name for name in tensors if name.startswith("ema/"))
    tensors[name] = torch.full_like(tensors[name], 1e6)
    save_file(tensors, file, {"checkpoint": json.dumps(header)})


def _began_with(told: str) -> Callable[[Path], None]:
    def damage(part: Path) -> None:
        (part / BEGUN_WITH).write_text(told)

    return damage


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_emptied, "checkpoint must be of a training"),
        (_of_words, "checkpoint must be of a training, got .*: ValueError.*a header of"),
        (_too_large_for_halves, "weights must be finite in fp16, got NaN or infinity"),
        (_told("kind", "decoder", recipe=False), "kind of the checkpoint must be clip, got decod"),
        (_told("batch", "eight"), "batch of the checkpoint's recipe must be like 4, got 'eight'"),
        (_told("half", None), "half of the checkpoint's recipe must be like False, got None"),
        (_told("learning_rate", -1.0), "learning_rate of .* must be like 0.001, got -1.0"),
        (_too_long, "step of the checkpoint must be 0 to 10000000, got 1000000000000"),
        (_began_with("[" * 100_000), "began-with.json must tell of a training"),
        (_began_with('{"step": NaN, "samples_seen": 1, "seconds": 1, "recipe": {}}'), "began-with"),
        (_began_with('{"step": 1, "samples_seen": 1, "seconds": "soon", "recipe": {}}'), "began-w"),
        (_cut, "checkpoint must be of the recipe's model"),
        (_not_finite, "weights must be finite in fp16, got NaN or infinity"),
        (_of_another_world, "world must be that of the checkpoint, landscape, got poster"),
        (_without_tokenizer, "tokenizer must be the training's"),
        (_logged_badly, "log.jsonl must have a record with seconds a line"),
        (_logged_no_time, "log.jsonl must have .*: seconds must be numbers of 0 or more"),
        (_without_recipe, "checkpoint must tell its recipe"),
    ],
)
def test_a_damaged_training_does_not_ship_and_what_was_there_stays(
    tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    here = Generation(tmp_path / "here")
    train_clip(here, resume=False)
    before = shipping.ship(here, tmp_path / "models", alone="clip")["builtin-clip"]
    damage(here.part("clip"))
    with pytest.raises(InvalidInput, match=said):
        shipping.ship(here, tmp_path / "models", alone="clip")
    clip_folder, _, _ = shipping.folders(tmp_path / "models")
    assert check_manifest(clip_folder) == before
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["clip"]


def test_a_folder_is_written_whole_or_stays_as_it_was(tmp_path: Path) -> None:
    old = tmp_path / "old"
    (old / "part").mkdir(parents=True)
    (old / "part" / "stale").touch()
    (old / "card").write_text("kept")
    (old / "file").touch()
    with pytest.raises(OSError, match="full"), staged(old, mark="card") as written:
        (written / "part").mkdir()
        raise OSError("full")
    assert (old / "part" / "stale").exists()
    with staged(old, mark="card") as written:
        (written / "part").mkdir()
        (written / "file").mkdir()
    assert list((old / "part").iterdir()) == []
    assert (old / "card").read_text() == "kept"
    assert (old / "file").is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_other_files_are_not_replaced(tmp_path: Path) -> None:
    here = Generation(tmp_path / "here")
    train_clip(here, resume=False)
    others = tmp_path / "clip"
    (others / "tokenizer").mkdir(parents=True)
    (others / "tokenizer" / "mine").write_text("mine")
    with pytest.raises(InvalidInput, match=r"with manifest.json; got other files in .*/clip: n"):
        shipping.ship(here, tmp_path, alone="clip")
    assert (others / "tokenizer" / "mine").read_text() == "mine"
    shutil.rmtree(others)
    (tmp_path / "clip").touch()
    with pytest.raises(InvalidInput, match="to must lead to folders, got a file"):
        shipping.ship(here, tmp_path, alone="clip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip", "here"]


def test_an_export_does_not_take_the_place_of_its_own_checkpoints(tmp_path: Path) -> None:
    here = Generation(tmp_path / "here")
    train_clip(here, resume=False)
    with pytest.raises(InvalidInput, match="to must be new, empty or written here before"):
        exporting.export(here, here.folder)
    assert here.step("clip") == 3


def test_a_folder_has_one_training_at_a_time(tmp_path: Path) -> None:
    here = Generation(tmp_path / "here")
    with alone(here.part("autoencoder")):
        with pytest.raises(InvalidInput, match="folder must have one training at a time"):
            train_next.autoencoder(folder=here.folder)
        assert here.part("autoencoder").is_dir()
    assert not here.folder.exists()  # nothing was written
    train_next.autoencoder(folder=here.folder)
    assert here.step("autoencoder") == 3


def test_what_stands_in_a_folder_s_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "autoencoder").touch()
    with pytest.raises(InvalidInput, match="folder must be one that can be read and written"):
        train_next.autoencoder(folder=tmp_path)


def test_a_training_goes_on_with_its_own_recipe_and_not_backwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_next.autoencoder(folder=tmp_path)
    monkeypatch.setattr(autoencoder, "train", None)  # it is said before anything is begun
    with pytest.raises(InvalidInput, match=r"shards must be what .* was made with, 1, got 2"):
        train_next.autoencoder(folder=tmp_path, resume=True, shards=2)
    with pytest.raises(InvalidInput, match="steps must be those of the checkpoint at least, 3, go"):
        train_next.autoencoder(folder=tmp_path, resume=True, steps=2)


@pytest.mark.parametrize("lost", ["generator", "module/logit_scale", "ema/logit_scale"])
def test_a_checkpoint_that_lacks_something_is_not_gone_on_with(tmp_path: Path, lost: str) -> None:
    here = Generation(tmp_path)
    train_clip(here, resume=False)
    file = here.part("clip") / "checkpoint.safetensors"
    header, tensors = checkpoints.read_header(file), load_file(file)
    del tensors[lost]
    if lost.startswith("ema/"):
        del header["ema_updates"]
    save_file(tensors, file, {"checkpoint": json.dumps(header)})
    with pytest.raises(InvalidInput, match="checkpoint must be whole and of the recipe's model"):
        train_clip(here, resume=True, steps=4)


def test_a_clip_tells_what_it_began_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Generation(tmp_path / "first")
    train_clip(first, resume=False)
    shipping.ship(first, tmp_path / "builtin", alone="clip")
    monkeypatch.setattr(clip, "BUILTIN", tmp_path / "builtin")
    warm = replace(clip.RECIPES["poster"], warm=True, steps=2)
    monkeypatch.setitem(clip.RECIPES, "poster", warm)
    second = Generation(tmp_path / "second")
    train_clip(second, resume=False)
    shipping.ship(second, tmp_path / "builtin", alone="clip")
    train_clip(second, resume=True, steps=3)  # what lies there by now is not what it began with
    made = shipping.made(second, "clip")
    assert (made["step"], made["began_with"]["step"]) == (3, 3)
    assert "began_with" not in made["began_with"]


def test_light_checkpoints_are_the_averages_in_halves_and_small_files(tmp_path: Path) -> None:
    here = Generation(tmp_path / "here")
    train_autoencoder(here, resume=False, stop_after=1)
    whole = load_file(here.part("autoencoder") / "checkpoint.safetensors")
    kept = tmp_path / "l"
    header = checkpoints.lighten_checkpoint(here.part("autoencoder"), kept, most_bytes=20_000)
    assert header["step"] == 1
    assert len(list(kept.iterdir())) > 1
    checkpoints.restore_light(kept, tmp_path / "restored")
    light = load_file(tmp_path / "restored" / "checkpoint.safetensors")
    assert light.keys() == {name for name in whole if name.startswith(("ema/", "generator"))}
    for name, tensor in light.items():
        assert torch.equal(tensor, whole[name].to(tensor.dtype))


def test_a_level_training_can_be_made_longer_and_no_other(tmp_path: Path) -> None:
    here = Generation(tmp_path)
    train_autoencoder(here, resume=False)
    train_autoencoder(here, resume=True, steps=4)
    assert here.step("autoencoder") == 4
    recipe = replace(here.autoencoder_recipe(), seed=1)
    with pytest.raises(InvalidInput, match=r"^seed must be what .* was made with, 0, got 1: "):
        autoencoder.train(
            "cpu", resume=True, folder=tmp_path / "autoencoder", data=here.pictures, recipe=recipe
        )


def test_latents_of_a_trained_autoencoder_have_unit_size(tmp_path: Path) -> None:
    here = Generation(tmp_path)
    train_autoencoder(here, resume=False)
    pictures, _ = world_data.rendered_shard(here.pictures, 0, size=32, world="poster")
    with torch.no_grad():
        latents = trained_autoencoder(here).encode(autoencoder.as_tensor(pictures)).latent_dist.mean
    assert latents.mean(dim=(0, 2, 3)).abs().max() < 1e-3
    assert (latents.std(dim=(0, 2, 3)) - 1).abs().max() < 1e-2


def test_a_level_schedule_stays_level_until_its_last_fifth() -> None:
    rates = [loop.warmup_stable(step, total=1000, warmup=10) for step in range(1000)]
    assert rates[0] == pytest.approx(0.1)
    assert set(rates[10:800]) == {1.0}
    assert rates[900] == pytest.approx(0.51)
    assert rates[-1] < 0.03


def test_exports_go_beside_the_built_in_models() -> None:
    assert registry.BUILTIN_FOLDER.parent / "next" == train_export.NEXT
