"""Every architecture of the table: loaded, asked, sampled and corrupted as a plain loop does it."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from cache.errors import InvalidInput, ModelDamaged, StepscopeError
from cache.store import Store
from engine.capsules.exporting import export_runs
from engine.capsules.importing import import_runs
from engine.chain import manifests
from engine.experiments.forks import fork
from engine.models.architectures import ARCHITECTURES
from engine.models.fingerprints import folder_fingerprint
from engine.models.registry import find_model
from engine.models.text_folder import text_facts
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.text import stored as text_stored
from engine.text.loading import load_denoiser
from engine.text.spec import CorruptionSpec, TextSpec
from tests.engine.text import reference
from tests.tiny_text_models import save_tiny

CPU = torch.device("cpu")
PROTEIN = "MKTAY[MASK]AKQ[MASK]L"
SENTENCE = "the [MASK] is blue and the [MASK] [MASK] dark."


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    made: dict[str, str] = {}

    class Made(dict):
        def __missing__(self, kind: str) -> str:
            self[kind] = save_tiny(kind, tmp_path_factory.mktemp(kind))
            return self[kind]

    return Made(made)


def template(kind: str) -> str:
    return PROTEIN if kind == "esm" else SENTENCE


@pytest.mark.parametrize("kind", ARCHITECTURES)
@pytest.mark.parametrize("exact", [True, False])
def test_token_for_token_as_a_plain_loop(models, store, kind, exact):
    denoiser = load_denoiser(find_model(models[kind]), CPU)
    mask = denoiser.tokenizer.mask_token
    base = {"model": models[kind], "suppress_special": False, "exact": exact, "steps": 2}
    specs = [
        TextSpec(**base, template=template(kind)),
        TextSpec(**base, template=template(kind), top_k=5, temperature=1.3, seed=2),
    ]
    for spec, run in zip(specs, compute(store, specs).runs, strict=True):
        loaded = text_stored.load_text_run(store, run)
        ids = denoiser.tokenizer(spec.template.replace("[MASK]", mask), return_tensors="pt")
        final, trace = reference.unmask(
            denoiser.model,
            ids["input_ids"],
            mask_id=denoiser.mask_id,
            steps=spec.steps,
            temperature=spec.temperature,
            top_k=spec.top_k,
            seed=spec.seed,
        )
        before, after = denoiser.frame
        assert loaded.steps[-1].tokens.tolist() == final[len(before) : -len(after)].tolist()
        for step, (_, tokens, confidence) in zip(loaded.steps[1:], trace, strict=True):
            assert step.tokens[step.revealed].tolist() == tokens
            rows = [step.row(p) for p in step.revealed.tolist()]
            assert step.confidence[rows].tolist() == pytest.approx(confidence, abs=5e-6)


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_it_writes_from_nothing_and_is_corrupted_with_readable_texts(models, store, kind):
    model = models[kind]
    text = "MKTAYIAKQ" if kind == "esm" else "the sea is blue."
    specs = [
        TextSpec(model=model, length=6, steps=3, top_k=5),
        CorruptionSpec(model=model, text=text, steps=3),
    ]
    runs = compute(store, specs).runs
    loaded = text_stored.load_text_run(store, runs[0])
    denoiser = load_denoiser(find_model(model), CPU)
    assert loaded.length == 6
    assert not set(loaded.steps[-1].tokens.tolist()) & set(denoiser.special_ids)
    assert loaded.text(0) == ("[MASK]" * 6 if kind == "esm" else " ".join(["[MASK]"] * 6))
    assert not {"Ġ", "▁", "#"} & set(loaded.text())
    corrupted = text_stored.load_corruption_run(store, runs[1])
    assert corrupted.text(0) == text
    assert set(corrupted.text(3).split()) <= {"[MASK]", "[MASK]" * 9}


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_a_batch_of_other_lengths_changes_nothing(models, kind):
    denoiser = load_denoiser(find_model(models[kind]), CPU)
    state = denoiser.encode(template(kind))
    longer = denoiser.encode("[MASK]" * (len(state) + 3))
    (alone,) = denoiser.logits([state])
    assert torch.equal(denoiser.logits([longer, state, longer])[1], alone)
    assert torch.allclose(denoiser.exact_logits(state), alone, atol=1e-5)


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_the_longest_text_is_what_its_positions_hold(models, kind):
    found = find_model(models[kind])
    denoiser = load_denoiser(found, CPU)
    most = denoiser.length_limit
    padding = {"roberta", "xlm-roberta", "camembert", "esm", "mpnet"}
    pad = denoiser.tokenizer.pad_token_id if kind != "mpnet" else 1
    assert most == 48 - 2 - (pad + 1 if kind in padding else 0)
    assert text_facts(found).positions == most + 2
    assert denoiser.exact_logits(denoiser.encode("[MASK]" * most)).shape[0] == most
    with pytest.raises(InvalidInput, match=f"1 to {most} tokens"):
        denoiser.encode("[MASK]" * (most + 1))


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_what_its_files_say_is_what_transformers_reads(models, kind):
    found = find_model(models[kind])
    words, denoiser = text_facts(found).words, load_denoiser(found, CPU)
    rows = [piece for piece in denoiser.pieces if piece]
    assert [piece for piece in words.pieces if piece] == rows
    assert words.roles["mask_token"] == denoiser.mask_id
    text = template(kind)
    assert words.encode(text) == denoiser.encode(text).tolist()


@pytest.mark.parametrize("kind", ["roberta", "xlm-roberta", "mpnet", "esm"])
def test_both_spellings_of_the_mask_are_one_run(models, kind):
    text = template(kind)
    own = text.replace("[MASK]", "<mask>")
    mixed = text.replace("[MASK]", "<mask>", 1)
    runs = {
        plan(TextSpec(model=models[kind], template=t, steps=2)).chain.run
        for t in (text, own, mixed)
    }
    assert len(runs) == 1
    corrupted = CorruptionSpec(model=models[kind], text=own)
    assert plan(corrupted).spec.text == text


def test_the_spelling_of_another_model_is_no_mask(models):
    with pytest.raises(InvalidInput, match=r"at least one \[MASK\], got 'the <mask> sea'"):
        plan(TextSpec(model=models["bert"], template="the <mask> sea"))
    with pytest.raises(InvalidInput, match=r"at least one \[MASK\]"):
        TextSpec(template="the sea")


def copy(models, kind: str, tmp_path: Path) -> Path:
    return Path(shutil.copytree(models[kind], tmp_path / kind))


def edit(folder: Path, change) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def refused(store, folder: Path) -> str:
    with pytest.raises((InvalidInput, ModelDamaged)) as refusal:
        compute(store, [TextSpec(model=str(folder), length=3)])
    assert list(manifests.listed(store)) == []
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize("kind", [k for k in ARCHITECTURES if k != "bert"])
def test_missing_and_unknown_tensors_are_named(models, store, tmp_path, kind):
    folder = copy(models, kind, tmp_path)
    architecture = ARCHITECTURES[kind]
    names = sorted(load_file(folder / "model.safetensors"))
    inner = next(
        n for n in names if n.endswith(".weight") and ("layer" in n) and ("query" in n or "q" in n)
    )
    edit(folder, lambda tensors: tensors.pop(inner))
    assert inner in refused(store, folder)
    folder = copy(models, kind, tmp_path / "other")
    edit(folder, lambda tensors: tensors.update({"classifier.weight": torch.zeros(2, 32)}))
    assert "classifier.weight" in refused(store, folder)
    folder = copy(models, kind, tmp_path / "head")
    head = (f"{architecture.head[0]}.", "vocab_")
    edit(folder, lambda tensors: [tensors.pop(n) for n in names if n.startswith(head)])
    assert "no masked language model head" in refused(store, folder)


@pytest.mark.parametrize("kind", ["roberta", "esm", "deberta-v2", "modernbert"])
def test_weights_of_another_shape_are_named(models, store, tmp_path, kind):
    folder = copy(models, kind, tmp_path)
    names = sorted(load_file(folder / "model.safetensors"))
    inner = next(n for n in names if ".0.attention" in n or ".0.attn" in n)
    edit(folder, lambda tensors: tensors.update({inner: torch.zeros(3)}))
    named = inner.replace(".beta", ".bias").replace(".gamma", ".weight")  # as they are loaded
    assert named in refused(store, folder)


@pytest.mark.parametrize("kind", [k for k in ARCHITECTURES if k != "bert"])
def test_harmless_tensors_are_left_alone(models, store, tmp_path, kind):
    folder = copy(models, kind, tmp_path)
    base = ARCHITECTURES[kind].base

    def add(tensors):
        tensors[f"{base}.embeddings.position_ids"] = torch.zeros(1, 48)
        tensors[f"{base}.pooler.dense.weight"] = torch.zeros(32, 32)

    edit(folder, add)
    assert compute(store, [TextSpec(model=str(folder), length=3)]).steps_computed


def test_a_deberta_with_its_own_head_is_loaded_with_it(models, store, tmp_path):
    """As microsoft/deberta-v3-base has it, whose config does not say so."""
    from transformers import DebertaV2ForMaskedLM

    folder = copy(models, "deberta-v2", tmp_path)
    model = DebertaV2ForMaskedLM.from_pretrained(folder, legacy=False).eval()
    model.save_pretrained(folder)
    edit(folder, lambda tensors: tensors.update({"mask_predictions.dense.bias": torch.zeros(2)}))
    config = json.loads((folder / "config.json").read_text())
    del config["legacy"]
    (folder / "config.json").write_text(json.dumps(config))
    denoiser = load_denoiser(find_model(str(folder)), CPU)
    state = denoiser.encode(SENTENCE)
    (scores,) = denoiser.logits([state])
    assert torch.allclose(scores, denoiser.exact_logits(state), atol=1e-5)
    before, after = denoiser.frame
    ids = torch.tensor([[*before, *state.tolist(), *after]])
    with torch.inference_mode():
        expected = model(ids).logits[0][ids[0] == denoiser.mask_id]
    assert torch.allclose(scores, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("config.json", {"AutoModelForMaskedLM": "modeling_x.X"}),
        ("tokenizer_config.json", {"AutoTokenizer": ["tokenization_x.X", None]}),
    ],
)
@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_code_of_its_own_is_refused_with_the_reason(models, store, tmp_path, kind, name, said):
    folder = copy(models, kind, tmp_path)
    config = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps(config | {"auto_map": said}))
    line = refused(store, folder)
    assert f"auto_map in {name}" in line
    assert "_x.X" in line
    assert "never run here" in line


@pytest.mark.parametrize("kind", ["llada", "Dream", "diffusion_gemma", "gpt2"])
def test_an_architecture_that_is_not_in_the_table_is_refused_by_name(models, store, tmp_path, kind):
    folder = copy(models, "roberta", tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": kind}))
    assert f"is a {kind}" in refused(store, folder)


def test_esm_hides_what_its_tokenizer_hides(models, store, tmp_path):
    folder = copy(models, "esm", tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"mask_token_id": 5}))
    assert "mask_token_id is 5, its tokenizer's mask is 32" in refused(store, folder)


@pytest.mark.parametrize("kind", ["roberta", "esm", "xlm-roberta"])
def test_a_fingerprint_has_every_file_of_a_tokenizer(models, tmp_path, kind):
    folder = copy(models, kind, tmp_path)
    for name in ("spiece.model", "sentencepiece.bpe.model", "spm.model", "merges.txt", "vocab.txt"):
        before = folder_fingerprint(folder)
        (folder / name).write_text("other")
        assert folder_fingerprint(folder) != before, name


def test_a_sentencepiece_file_alone_is_refused_with_the_way_out(models, store, tmp_path):
    folder = copy(models, "deberta-v2", tmp_path)
    (folder / "tokenizer.json").rename(folder / "spm.model")
    assert "only a SentencePiece file (spm.model)" in refused(store, folder)


def test_vocab_and_merges_are_a_tokenizer(models, store, tmp_path):
    folder = copy(models, "roberta", tmp_path)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    merges = [m if isinstance(m, str) else " ".join(m) for m in tokenizer["model"]["merges"]]
    (folder / "vocab.json").write_text(json.dumps(tokenizer["model"]["vocab"]))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]))
    (folder / "tokenizer.json").unlink()
    spec = TextSpec(model=str(folder), template=SENTENCE, steps=2)
    there = TextSpec(model=models["roberta"], template=SENTENCE, steps=2)
    runs = compute(store, [spec, there]).runs
    mine, theirs = (text_stored.load_text_run(store, run).text() for run in runs)
    assert mine == theirs


def test_a_model_that_is_no_text_model_stores_nothing(models, store, tmp_path):
    folder = copy(models, "electra", tmp_path)
    edit(folder, lambda t: [t.pop(n) for n in list(t) if n.startswith("generator")])
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(
        json.dumps(config | {"architectures": ["ElectraForPreTraining"]})
    )
    assert "it is a ElectraForPreTraining" in refused(store, folder)
    with pytest.raises(StepscopeError):
        plan(CorruptionSpec(model=str(folder), text="the sea"))


@pytest.mark.parametrize(
    ("kind", "word", "piece"),
    [("roberta", "sea", "Ġsea"), ("xlm-roberta", "a", "▁a"), ("esm", "w", "W")],
)
def test_a_fork_writes_words_and_masks(models, store, kind, word, piece):
    spec = TextSpec(model=models[kind], template=template(kind), steps=2, top_k=5)
    (run,) = compute(store, [spec]).runs
    parent = text_stored.load_text_run(store, run)
    first = int(parent.steps[1].masked[0])
    mask = parent.pieces[parent.mask_id]
    forked = fork(store, parent.manifest, 1, write=[(first, word), (0, mask)])
    assert forked.changes[0].write == ((0, "[MASK]"), (first, piece))
    (run,) = compute(store, [forked]).runs
    child = text_stored.load_text_run(store, run)
    assert child.complete
    assert not child.masks_left
    assert child.words(2)[first] == piece
    assert child.steps[2].written.tolist() == [0, first]


@pytest.mark.parametrize("kind", ["roberta", "esm"])
def test_runs_travel_with_their_vocabulary(models, store, kind, tmp_path):
    specs = [
        TextSpec(model=models[kind], template=template(kind), steps=2),
        CorruptionSpec(model=models[kind], text=template(kind).replace("[MASK]", "A"), steps=2),
    ]
    runs = compute(store, specs).runs
    capsule = io.BytesIO()
    export_runs(store, list(runs), capsule)
    capsule.seek(0)
    with Store.open(tmp_path / "other") as other:
        import_runs(other, capsule)
        there = text_stored.load_text_run(other, runs[0]).text()
        assert there == text_stored.load_text_run(store, runs[0]).text()
        assert text_stored.load_corruption_run(other, runs[1]).text(0) == specs[1].text
