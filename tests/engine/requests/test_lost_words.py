"""What a model will not hear is told, without torch, whatever is in the store."""

import pytest

from engine.embed.spec import EmbedSpec
from engine.image.prompt_tokens import _clip_tokenizer, prompt_tokenizer
from engine.image.spec import ImageSpec
from engine.models.registry import find_model
from engine.requests.lost_words import lost_lines
from engine.text.spec import CorruptionSpec, TextSpec

LONG = "a quiet lake at dawn, " * 20
TEXTS = [
    "a sunset",
    "It's (x:1.3), <lora:..> 4th",
    "日本 🌅 é e\u0301",
    "<|endoftext|> x",
    "",
    LONG,
]


@pytest.mark.parametrize(("model", "folder"), [("builtin-sd", "tokenizer"), ("builtin-clip", "")])
def test_it_reads_as_the_library_of_the_models_does(model, folder):
    from transformers import CLIPTokenizer

    found = find_model(model)
    theirs = CLIPTokenizer.from_pretrained(found.folder / folder)
    built = _clip_tokenizer(found.folder / folder)
    for text in TEXTS:
        reading = prompt_tokenizer(found).read(text)
        wanted = theirs(text, add_special_tokens=False, verbose=False)["input_ids"]
        assert list(reading.read) == wanted[:75]
        assert reading.tokens == len(wanted) + 2
        assert built.encode(text, add_special_tokens=False).ids == wanted


def test_the_words_that_are_cut_off_are_named_and_not_called_unknown():
    (line,) = lost_lines([ImageSpec(prompt=LONG + "with a castle")])
    assert "the first 77 of" in line
    assert line.endswith("with a castle")
    assert "never saw" not in line
    assert "never saw these words" in lost_lines([ImageSpec(prompt="a castle of zyx")])[0]


def test_a_word_at_the_edge_is_told_whole():
    reading = prompt_tokenizer(find_model("builtin-sd")).read("sea " * 74 + "zyxzyxzyx end")
    assert reading.cut == "zyxzyxzyx end"
    assert reading.kept.strip().endswith("sea")


def test_a_negative_prompt_without_effect_is_told():
    spec = ImageSpec(prompt="a sea", negative_prompt="a city")
    assert lost_lines([spec]) == []
    assert "has no effect" in lost_lines([spec.but(guidance=1.0)])[0]
    assert lost_lines([spec.but(guidance=tuple([1.0] * 24 + [2.0]))]) == []


def test_prompts_that_differ_in_what_is_cut_off_are_told_of():
    spec = EmbedSpec(texts=(LONG + "with a mountain", LONG + "with a forest"))
    assert "differ only in what is cut off" in lost_lines([spec])[-1]
    assert lost_lines([EmbedSpec(texts=("a sea", "a sky"))]) == []


def test_every_kind_of_text_is_told_of_once_for_all_its_seeds():
    template = TextSpec(template="a zeppelin [MASK] [mask]")
    lines = lost_lines([template.but(seed=seed) for seed in range(3)])
    assert any("never saw these words in training: zeppelin" in line for line in lines)
    assert "only [MASK] is a mask; read as words: [mask]" in lines
    assert len(lines) == len(set(lines))
    (line,) = lost_lines([CorruptionSpec(text="the zeppelin is calm")])
    assert line == "builtin-bert never saw these words in training: zeppelin"
    assert lost_lines([TextSpec(length=3)]) == []


def test_what_is_wrong_with_a_model_is_left_to_planning():
    assert lost_lines([TextSpec(model="/nowhere", template="a [MASK]")]) == []
