"""The text world, its corpus and a training small enough to watch to the bit."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import BertForMaskedLM, BertTokenizer

from cache.errors import InvalidInput
from engine.training.averages import Ema
from engine.training.text.corpus import (
    CLS,
    SEP,
    UNK,
    LengthGrouped,
    generate,
    held_out,
    known_words,
    vocabulary,
)
from engine.training.text.descent import Stops
from engine.training.text.evaluation import facts_recalled, scores_of
from engine.training.text.facts import facts
from engine.training.text.kernels import AbsorbingKernel, draw_mask
from engine.training.text.plain import PLAIN_SENTENCES
from engine.training.text.recipe import TextRecipe
from engine.training.text.samples import TEMPLATES, Unmasker, write_samples
from engine.training.text.shipping import SHIPPED, ship
from engine.training.text.train import begin_with, new_model
from engine.training.text.train import train_recipe as run
from engine.training.text.world import TextWorld, tokenize

TINY = TextRecipe(steps=4, texts=300, width=16, layers=1, heads=2, batch=4, warmup=1)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_the_grammar_is_a_function_of_its_seed():
    def texts(seed: int) -> list[str]:
        world = TextWorld(seed)
        return [world.text() for _ in range(100)]

    assert texts(3) == texts(3)
    assert texts(3) != texts(4)


def test_sentences_are_filled_ended_and_agree():
    world = TextWorld(0)
    for _ in range(3000):
        sentence = world.sentence()
        assert not re.search(r"[{}()|_]", sentence), sentence
        assert sentence[-1] in ".?!", sentence
        heard = sentence.replace("an hour", "one hour")  # its h is silent
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]", heard), sentence
        assert "  " not in sentence and sentence == sentence.lower()
        assert not re.search(r"\b(i is|i was a|we is|they is|he are|she are)\b", sentence), sentence


def test_texts_vary():
    world = TextWorld(1)
    texts = [world.text() for _ in range(4000)]
    assert len(set(texts)) > 2800
    lengths = [len(tokenize(text)) for text in texts]
    assert min(lengths) <= 4 and max(lengths) >= 16


def test_facts_are_plain_sentences_each_true_once():
    found = facts()
    assert len(found) > 250
    assert all(fact[-1] in ".?!" for fact in found)
    assert "the capital of france is paris." in found


def test_every_word_of_the_grammar_is_in_the_vocabulary():
    texts = generate(0, 3000)
    vocab = vocabulary(texts)
    assert len(vocab) == len(set(vocab))
    assert {token for text in texts for token in text} <= set(vocab)
    assert set(known_words(texts)) <= set(vocab)
    assert set("abcdefghijklmnopqrstuvwxyz") <= set(vocab)  # any other word can be spelled


def test_rows_are_framed_and_a_batch_depends_on_seed_and_step_alone():
    texts = generate(0, 300)
    data = LengthGrouped(texts, vocabulary(texts))
    rows = data.batch(0, 7, 5)
    assert (rows[:, 0] == CLS).all() and (rows[:, -1] == SEP).all()
    assert UNK not in rows
    np.testing.assert_array_equal(rows, data.batch(0, 7, 5))
    assert rows.shape != data.batch(0, 8, 5).shape or (rows != data.batch(0, 8, 5)).any()


def test_held_out_texts_are_not_in_the_training_set():
    texts = generate(0, 300)
    seen = {tuple(text) for text in texts}
    fresh = held_out(texts, 50)
    assert len(fresh) == 50
    assert not seen & {tuple(text) for text in fresh}


def test_plain_sentences_are_not_the_grammars():
    made = {tuple(text) for text in generate(0, 3000)}
    assert not made & {tuple(tokenize(sentence)) for sentence in PLAIN_SENTENCES}


def test_masks_hide_something_never_the_frame_and_every_ratio():
    ids = torch.zeros((4000, 12), dtype=torch.long)
    mask = draw_mask(ids, torch.Generator().manual_seed(0))
    assert not mask[:, 0].any() and not mask[:, -1].any()
    assert (mask.sum(1) >= 1).all()
    assert 0.47 < mask[:, 1:-1].double().mean() < 0.55
    assert (mask.sum(1) == 10).any()


def test_an_interrupted_training_ends_with_the_same_bits(tmp_path: Path):
    whole = run(TINY, resume=False, folder=tmp_path / "whole")
    run(TINY, resume=True, folder=tmp_path / "cut", stops=Stops(stop_after=2))
    resumed = run(TINY, resume=True, folder=tmp_path / "cut")
    expected, found = (load_file(f / "model.safetensors") for f in (whole, resumed))
    assert expected.keys() == found.keys()
    for name in expected:
        assert torch.equal(expected[name], found[name]), name


def test_samples_of_the_averaged_weights_are_written_at_every_checkpoint(tmp_path: Path):
    trained = run(TINY, resume=False, folder=tmp_path, stops=Stops(checkpoint_steps=3))
    assert {path.name for path in tmp_path.glob("*.txt")} == {"samples-3.txt", "samples-4.txt"}
    averaged = Unmasker.load(trained)
    assert (tmp_path / "samples-4.txt").read_text().splitlines() == [
        *(averaged.fill(template) for template in TEMPLATES),
        *(averaged.free_text(12, seed) for seed in range(4)),
    ]


def test_samples_come_from_the_average_and_leave_model_and_randomness_alone(
    tmp_path: Path, shipped: Unmasker
):
    ema = Ema(shipped.model, 0.999)
    model = BertForMaskedLM(shipped.model.config).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    drawn = torch.random.get_rng_state()
    write_samples(
        tmp_path / "samples.txt",
        model=model,
        ema=ema,
        tokenizer=shipped.tokenizer,
        kernel=AbsorbingKernel(),
    )
    assert (tmp_path / "samples.txt").read_text().startswith(shipped.fill(TEMPLATES[0]) + "\n")
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.random.get_rng_state(), drawn)


def test_sampling_on_the_way_does_not_change_what_is_learnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run(TINY, resume=False, folder=tmp_path / "with", stops=Stops(checkpoint_steps=1))
    monkeypatch.setattr("engine.training.text.descent.write_samples", lambda *_, **__: None)
    run(TINY, resume=False, folder=tmp_path / "without", stops=Stops(checkpoint_steps=1))
    expected, found = (
        load_file(tmp_path / name / "checkpoint.safetensors") for name in ("without", "with")
    )
    assert expected.keys() == found.keys()
    for name in expected:
        assert torch.equal(expected[name], found[name]), name


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path):
    run(TINY, resume=False, folder=tmp_path, stops=Stops(stop_after=1))
    other = TextRecipe(steps=5, texts=300, width=16, layers=1, heads=2, batch=4, warmup=1)
    with pytest.raises(InvalidInput, match="was made with"):
        run(other, resume=True, folder=tmp_path)


def test_a_shipped_folder_loads_and_names_no_place(tmp_path: Path):
    trained = run(TINY, resume=False, folder=tmp_path / "run", stops=Stops(stop_after=1))
    ship(trained, tmp_path / "shipped")
    tokenizer = BertTokenizer.from_pretrained(tmp_path / "shipped")
    assert tokenizer("The sun [MASK].")["input_ids"].count(tokenizer.unk_token_id) == 0
    assert BertForMaskedLM.from_pretrained(tmp_path / "shipped", local_files_only=True)
    assert str(tmp_path) not in (tmp_path / "shipped" / "tokenizer_config.json").read_text()


def test_beginning_with_a_model_keeps_its_words(tmp_path: Path):
    trained = run(TINY, resume=False, folder=tmp_path, stops=Stops(stop_after=1))
    old = (trained / "vocab.txt").read_text().split("\n")[:-1]
    mixed = [*old[:5], "newword", *reversed(old[5:])]
    model = new_model(TINY, len(mixed))
    begin_with(model, mixed, trained)
    before = load_file(trained / "model.safetensors")["bert.embeddings.word_embeddings.weight"]
    after = model.get_input_embeddings().weight
    assert torch.equal(after[mixed.index("the")], before[old.index("the")])
    turned = list(reversed(old))  # as many words, each in another row
    model = new_model(TINY, len(turned))
    begin_with(model, turned, trained)
    assert torch.equal(model.get_input_embeddings().weight, before.flip(0))


@pytest.fixture(scope="module")
def shipped() -> Unmasker:
    return Unmasker.load(SHIPPED)


def test_the_shipped_model_knows_its_world(shipped: Unmasker):
    vocab = (SHIPPED / "vocab.txt").read_text().split("\n")[:-1]
    scores = scores_of(shipped.model, held_out([], 300), vocab)
    assert scores["loss_15"] < 2.4
    assert scores["loss_90"] < 4.0
    assert scores["ece"] < 0.06


def test_the_shipped_model_fills_what_it_was_made_for(shipped: Unmasker):
    text = shipped.fill("The [MASK] [MASK] [MASK] is the most [MASK] [MASK] in the world.")
    assert "[MASK]" not in text and text.endswith("in the world.")
    assert shipped.fill("the opposite of dark is [MASK].") == "the opposite of dark is light."
    assert text == shipped.fill("The [MASK] [MASK] [MASK] is the most [MASK] [MASK] in the world.")


def test_the_shipped_model_recalls_most_facts(shipped: Unmasker):
    assert facts_recalled(shipped) > 0.8 * len(facts())


def test_the_shipped_model_varies_with_the_seed_only(shipped: Unmasker):
    texts = [shipped.free_text(8, seed) for seed in range(4)]
    assert len(set(texts)) > 2
    assert texts[0] == shipped.free_text(8, 0)


def test_the_shipped_vocabulary_has_its_words_and_json_settings():
    words = (SHIPPED / "known_words.txt").read_text().split()
    assert words == sorted(words) and "ocean" in words
    assert json.loads((SHIPPED / "config.json").read_text())["max_position_embeddings"] == 64
