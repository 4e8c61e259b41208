"""Generative perplexity: by hand, over the store, and of folders that are refused."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest
import torch

from cache.errors import InvalidInput, ModelDamaged, StepscopeError
from engine.judge.keys import judgement_key
from engine.judge.models import load_judge
from engine.judge.records import Judgement, perplexity
from engine.judge.spec import JudgeSpec
from engine.judge.stored import judgements
from engine.models.registry import find_model
from engine.requests.computing import compute
from engine.requests.plans import plan
from engine.text.loading import load_denoiser
from tests.tiny_text_models import TEXTS, _trained_bytes

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def tiny_gpt(tmp_path_factory: pytest.TempPathFactory) -> str:
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("gpt")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_trained_bytes(["<|end|>"]), bos_token="<|end|>", eos_token="<|end|>"
    )
    tokenizer.save_pretrained(folder)
    sizes = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 32, "initializer_range": 0.4}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        GPT2LMHeadModel(GPT2Config(vocab_size=len(tokenizer), **sizes)).save_pretrained(folder)
    return str(folder)


def test_a_masked_judge_hides_each_token_in_turn(tiny_bert):
    denoiser = load_denoiser(find_model(tiny_bert), CPU)
    text = "the sea is blue ."
    ids = denoiser.tokenizer(text, return_tensors="pt")["input_ids"]
    expected = 0.0
    for place in range(1, ids.shape[1] - 1):
        hidden = ids.clone()
        hidden[0, place] = denoiser.mask_id
        with torch.inference_mode():
            log_p = torch.log_softmax(denoiser.model(hidden).logits[0, place].double(), -1)
        expected += float(log_p[ids[0, place]])
    judged = load_judge(find_model(tiny_bert), CPU).judge(text)
    assert judged.tokens == 5
    assert judged.nats == pytest.approx(expected, abs=1e-4)


def test_a_causal_judge_reads_in_order(tiny_gpt):
    judge = load_judge(find_model(tiny_gpt), CPU)
    ids = [0, *judge.tokenizer("the sea is blue")["input_ids"]]
    with torch.inference_mode():
        loss = judge.model(torch.tensor([ids]), labels=torch.tensor([ids])).loss
    judged = judge.judge("the sea is blue")
    assert judged.tokens == len(ids) - 1
    assert -judged.nats_a_token == pytest.approx(float(loss), abs=1e-4)
    with pytest.raises(InvalidInput, match="1 to 32 tokens"):
        judge.judge(" ".join(TEXTS))


@pytest.mark.parametrize("which", ["tiny_bert", "tiny_gpt"])
def test_each_text_is_judged_once(request, store, which):
    model = request.getfixturevalue(which)
    first = compute(store, [JudgeSpec(model=model, texts=("the sea", "a bird", "the sea"))])
    assert first.model_calls == 2
    again = compute(store, [JudgeSpec(model=model, texts=("a bird", "the moon"))])
    assert again.model_calls == 1
    found = judgements(store, find_model(model).fingerprint, ["the sea", "the moon", "new"])
    assert list(found) == ["the sea", "the moon"]
    assert all(each.nats < 0 for each in found.values())
    assert store.has(judgement_key(find_model(model).fingerprint, "a bird"))


def test_perplexity_is_over_all_tokens():
    two = [Judgement(-2.0, 1), Judgement(-1.0, 2)]
    assert perplexity(two) == pytest.approx(math.e)
    assert math.isnan(perplexity([]))
    assert math.isnan(Judgement(0.0, 0).nats_a_token)


def test_what_cannot_be_a_judge_is_refused(store, tiny_gpt, tmp_path):
    folder = Path(shutil.copytree(tiny_gpt, tmp_path / "own"))
    config = json.loads((folder / "config.json").read_text())
    auto = {"auto_map": {"AutoModelForCausalLM": "modeling_x.X"}}
    (folder / "config.json").write_text(json.dumps(config | auto))
    with pytest.raises(InvalidInput, match="never run here"):
        plan(JudgeSpec(model=str(folder), texts=("a",)))
    (folder / "config.json").write_text(json.dumps(config | {"n_layer": 3}))
    with pytest.raises(ModelDamaged, match=r"lack transformer\.h\.2"):
        compute(store, [JudgeSpec(model=str(folder), texts=("a",))])
    with pytest.raises(StepscopeError, match="pipeline of images"):
        plan(JudgeSpec(model="builtin-sd", texts=("a",)))
    with pytest.raises(InvalidInput, match="no mask left"):
        compute(store, [JudgeSpec(texts=("the [MASK] sea",))])
    with pytest.raises(InvalidInput, match="texts must be 1 to 1024, got 0"):
        JudgeSpec(texts=())
