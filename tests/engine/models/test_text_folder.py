"""Folders that are no sound BERT are refused before anything is computed or stored."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from cache.errors import InvalidInput, ModelDamaged, NonFiniteLogits, StepscopeError
from engine.chain import manifests
from engine.models import text_checks
from engine.models.registry import find_model
from engine.models.text_folder import text_facts
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.text import stored as text_stored
from engine.text.documents import text_document
from engine.text.loading import load_denoiser
from engine.text.spec import CorruptionSpec, TextSpec
from engine.text.warnings import near_masks, text_warnings

CPU = torch.device("cpu")


@pytest.fixture
def folder(tmp_path: Path, tiny_bert: str) -> Path:
    return Path(shutil.copytree(tiny_bert, tmp_path / "bert"))


def set_config(folder: Path, name: str = "config.json", **fields: object) -> None:
    config = json.loads((folder / name).read_text()) if (folder / name).exists() else {}
    (folder / name).write_text(json.dumps(config | fields))


def edit(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def drop(folder: Path, beginning: str) -> None:
    edit(folder, lambda t: [t.pop(name) for name in list(t) if name.startswith(beginning)])


def plain_vocabulary(folder: Path, change: Callable[[list[str]], list[str]]) -> None:
    lines = (folder / "vocab.txt").read_text().split("\n")[:-1]
    (folder / "vocab.txt").write_text("\n".join(change(lines)) + "\n")
    (folder / "tokenizer.json").unlink()


HEAD = "cls.predictions"
ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "gpt2": (lambda f: set_config(f, model_type="gpt2"), "gpt2 is not supported"),
    "distilbert": (lambda f: set_config(f, model_type="distilbert"), "it is a BertForMaskedLM"),
    "decoder": (lambda f: set_config(f, is_decoder=True), "decoder"),
    "quantised": (lambda f: set_config(f, quantization_config={"a": 1}), "quantised"),
    "positions": (lambda f: set_config(f, position_embedding_type="relative_key"), "relative_key"),
    "adapter": (lambda f: (f / "adapter_config.json").write_text("{}"), "adapter"),
    "config list": (lambda f: (f / "config.json").write_text("[]"), "not a JSON object"),
    "config cut": (lambda f: (f / "config.json").write_text('{"a'), "config.json"),
    "size as text": (lambda f: set_config(f, hidden_size="32"), "hidden_size must be a whole"),
    "size zero": (lambda f: set_config(f, vocab_size=0), "vocab_size must be a whole"),
    "wrong width": (lambda f: set_config(f, hidden_size=64), "must be .* by config.json"),
    "fewer layers": (lambda f: set_config(f, num_hidden_layers=1), "knows nothing of"),
    "more layers": (lambda f: set_config(f, num_hidden_layers=3), "lack bert.encoder.layer.2"),
    "no head": (lambda f: drop(f, "cls."), "no masked language model head"),
    "half a head": (lambda f: drop(f, f"{HEAD}.transform.LayerNorm"), "LayerNorm.weight and 1"),
    "no embeddings": (lambda f: drop(f, "bert.embeddings.word"), "word_embeddings"),
    "whole numbers": (
        lambda f: edit(f, lambda t: t.update({f"{HEAD}.bias": t[f"{HEAD}.bias"].to(torch.int8)})),
        "quantised weights",
    ),
    "a classifier beside": (
        lambda f: edit(f, lambda t: t.update({"classifier.weight": torch.zeros(2)})),
        "classifier.weight",
    ),
    "no tokenizer": (
        lambda f: [(f / n).unlink() for n in ("vocab.txt", "tokenizer.json")],
        "no tokenizer",
    ),
    "larger tokenizer": (
        lambda f: set_config(f, "added_tokens.json", zoom=99)
        or (f / "tokenizer_config.json").unlink(),
        "has .* pieces",
    ),
    "unigram": (
        lambda f: set_config(f, "tokenizer.json", model={"type": "Unigram", "vocab": []}),
        "kind Unigram",
    ),
    "japanese": (
        lambda f: set_config(f, "tokenizer_config.json", tokenizer_class="BertJapaneseTokenizer"),
        "BertJapaneseTokenizer",
    ),
    "a broken tokenizer": (lambda f: (f / "tokenizer.json").write_text("{"), "tokenizer.json"),
    "no mask": (lambda f: plain_vocabulary(f, lambda v: [*v[:4], *v[5:]]), "has no mask_token"),
    "an index without its shard": (
        lambda f: (
            (f / "model.safetensors").unlink(),
            set_config(f, "model.safetensors.index.json", weight_map={"a": "b.safetensors"}),
        ),
        "b.safetensors is missing",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_folder_is_refused_with_nothing_stored(folder: Path, store, name: str):
    spoil, told = ODD[name]
    spoil(folder)
    for spec in (
        TextSpec(model=str(folder), template="the [MASK] sea"),
        CorruptionSpec(model=str(folder), text="the sea"),
    ):
        with pytest.raises((InvalidInput, ModelDamaged), match=told) as refusal:
            plan(spec)
        assert "\n" not in str(refusal.value)
        with pytest.raises(StepscopeError):
            compute(store, [spec])
    assert list(manifests.listed(store)) == []


@pytest.mark.parametrize(
    "name", ["distilbert", "more layers", "fewer layers", "half a head", "no head", "unigram"]
)
def test_what_is_loaded_is_checked_too(folder: Path, name: str, monkeypatch):
    """Should the look at the folder miss it: what loading says decides."""
    ODD[name][0](folder)
    found = find_model(str(folder))
    monkeypatch.setattr("engine.text.loading.text_facts", lambda _: None)
    if name in ("distilbert", "unigram"):
        return  # loading knows nothing of these: the folder's check alone has them
    with pytest.raises(ModelDamaged):
        load_denoiser(found, CPU)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused_by_name(folder: Path, store, value: float):
    edit(folder, lambda t: t["bert.embeddings.LayerNorm.weight"].fill_(value))
    with pytest.raises(ModelDamaged, match=r"bert\.embeddings\.LayerNorm\.weight has 32 values"):
        compute(store, [TextSpec(model=str(folder), length=3)])
    assert list(manifests.listed(store)) == []


def test_a_model_that_overflows_is_refused(folder: Path, store):
    edit(folder, lambda t: t["bert.embeddings.LayerNorm.bias"].fill_(1e38))
    edit(folder, lambda t: t["bert.encoder.layer.0.intermediate.dense.weight"].fill_(1e38))
    with pytest.raises(ModelDamaged, match="nan or inf"):
        compute(store, [TextSpec(model=str(folder), length=3)])
    assert list(manifests.listed(store)) == []


def test_logits_that_are_no_numbers_are_a_typed_error(folder: Path, store):
    denoiser = load_denoiser(find_model(str(folder)), CPU)
    tokens = denoiser.encode("the [MASK] sea")
    with torch.inference_mode():
        denoiser.model.cls.predictions.bias.fill_(float("nan"))
    for ask in (denoiser.exact_logits, lambda t: denoiser.logits([t])):
        with pytest.raises(NonFiniteLogits):
            ask(tokens)


def test_rows_without_a_piece_are_never_written(folder: Path, store):
    rows = json.loads((folder / "config.json").read_text())["vocab_size"]
    set_config(folder, vocab_size=rows + 300)

    def pad(tensors):
        words = "bert.embeddings.word_embeddings.weight"
        tensors[words] = torch.cat([tensors[words], torch.zeros(300, 32)])
        tensors[f"{HEAD}.bias"] = torch.cat([tensors[f"{HEAD}.bias"], torch.full((300,), 9.0)])
        tensors.pop(f"{HEAD}.decoder.weight", None)
        tensors.pop(f"{HEAD}.decoder.bias", None)

    edit(folder, pad)
    base = TextSpec(model=str(folder), length=6, top_p=1.0, temperature=10.0)
    specs = [base, base.but(exact=True), base.but(top_k=5), base.but(suppress_special=False)]
    for run in compute(store, specs).runs:
        loaded = text_stored.load_text_run(store, run)
        assert all(max(step.tokens) < rows for step in loaded.steps)
        assert all(loaded.pieces[i] for step in loaded.steps for i in step.candidates.flat)


def test_a_mask_of_another_name_is_the_mask(folder: Path, store):
    plain_vocabulary(folder, lambda v: ["<mask>" if p == "[MASK]" else p for p in v])
    (folder / "tokenizer_config.json").write_text('{"mask_token": "<mask>"}')
    model = str(folder)
    (run,) = compute(store, [TextSpec(model=model, template="the [MASK] sea[MASK]")]).runs
    assert text_stored.load_text_run(store, run).masks_left == 0
    compute(store, [TextSpec(model=model, length=3), CorruptionSpec(model=model, text="the sea")])
    (run,) = compute(store, [TextSpec(model=model, template="the [MASK] <mask> sea")]).runs
    loaded = text_stored.load_text_run(store, run)
    assert loaded.text(0) == "the [MASK] [MASK] sea"
    assert loaded.manifest.spec["template"] == "the [MASK] [MASK] sea"


def test_masks_that_the_model_wrote_itself_are_told(folder: Path, store):
    edit(folder, lambda t: t[f"{HEAD}.bias"].index_fill_(0, torch.tensor([4]), 1e4))
    spec = TextSpec(model=str(folder), length=3, steps=3, suppress_special=False)
    (run,) = compute(store, [spec]).runs
    document = text_document(text_stored.load_text_run(store, run))
    assert (document["complete"], document["masks_left"]) == (False, 3)


@pytest.mark.parametrize("name", ["builtin-clip", "builtin-sd"])
def test_a_model_of_another_kind_is_refused(name: str):
    with pytest.raises(InvalidInput, match=r"clip is not supported|pipeline of images"):
        plan(TextSpec(model=name, length=4))


def test_old_names_and_tied_weights_are_a_whole_model(folder: Path):
    def old(tensors):
        for name in list(tensors):
            renamed = name.replace("LayerNorm.weight", "LayerNorm.gamma")
            tensors[renamed.replace("LayerNorm.bias", "LayerNorm.beta")] = tensors.pop(name)
        tensors["bert.pooler.dense.weight"] = torch.zeros(32, 32)
        tensors["bert.embeddings.position_ids"] = torch.zeros(1, 40)
        tensors["cls.seq_relationship.weight"] = torch.zeros(2, 32)

    before = load_denoiser(find_model(str(folder)), CPU)
    ids = before.encode("the [MASK] sea")
    expected = before.exact_logits(ids)
    edit(folder, old)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(
        json.dumps({k: v for k, v in config.items() if k not in ("model_type", "architectures")})
    )
    assert torch.equal(load_denoiser(find_model(str(folder)), CPU).exact_logits(ids), expected)


def test_a_stored_run_of_a_folder_that_lost_its_weights_is_refused(folder: Path, store):
    spec = TextSpec(model=str(folder), length=3)
    compute(store, [spec])
    (folder / "model.safetensors").unlink()
    with pytest.raises(StepscopeError, match="no weights"):
        compute(store, [spec])


def test_lost_words_and_misspelt_masks_are_told(tiny_bert):
    found = find_model(tiny_bert)
    (line,) = text_warnings(found, "the 😀 [MASK] 🚢 sea 😀")
    assert line.endswith("not in its vocabulary, so read as [UNK]: 😀, 🚢")
    assert text_warnings(found, "[MASK] sea") == []
    assert near_masks("a [Mask] [MASK] <mask> [ MASK ] mask (masked)") == [
        *("[Mask]", "<mask>", "[ MASK ]")
    ]
    told = text_warnings(find_model("builtin-bert"), "a zeppelin 😀 [MASK] [mask]")
    assert told[0].endswith("[UNK]: 😀, [, ]")
    assert "never saw these words in training: zeppelin" in told[1]
    assert told[2] == "only [MASK] is a mask; read as words: [mask]"


def test_facts_are_read_once(tiny_bert, monkeypatch):
    found = find_model(tiny_bert)
    assert text_facts(found).positions == 40
    monkeypatch.setattr(text_checks, "tensor_facts", None)
    assert text_facts(found).positions == 40
