"""CLIP embeddings: parity with transformers, memory, and why position 0 tells nothing."""

import numpy as np
import pytest
import torch
from PIL import Image

from cache.errors import InvalidInput, MissingFromStore
from engine.embed import stored as embed_stored
from engine.embed.spec import EmbedSpec
from engine.image import stored as image_stored
from engine.metrics.similarity import cosine_table
from engine.requests.computing import compute

TEXTS = ("A beautiful sunset over the ocean", "A cat sitting on a windowsill")


@pytest.fixture
def picture(store):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 56, 3), np.uint8)
    return image_stored.keep_pixels(store, pixels)


def embedded(store, **fields):
    return embed_stored.load_embed_run(store, compute(store, [EmbedSpec(**fields)]).runs[0])


def test_embeddings_are_those_of_transformers(store, tiny_clip, picture):
    from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    run = embedded(store, model=tiny_clip, texts=TEXTS, pictures=(picture,))
    model = CLIPModel.from_pretrained(tiny_clip).eval()
    words = CLIPTokenizer.from_pretrained(tiny_clip)(list(TEXTS), padding=True, return_tensors="pt")
    image = Image.fromarray(image_stored.picture_pixels(image_stored.load_picture(store, picture)))
    pixels = CLIPImageProcessorPil.from_pretrained(tiny_clip)(images=[image], return_tensors="pt")
    with torch.inference_mode():
        answer = model(**words, **pixels)
    assert np.allclose(run.text_embeddings, answer.text_embeds, atol=1e-5)
    assert np.allclose(run.picture_embeddings, answer.image_embeds, atol=1e-5)
    logits = run.logit_scale * cosine_table(run.text_embeddings, run.picture_embeddings)
    assert np.allclose(logits, answer.logits_per_text, atol=1e-3)


def test_the_first_token_is_the_same_for_every_prompt(store, tiny_clip):
    run = embedded(store, model=tiny_clip, texts=TEXTS)
    first = cosine_table(run.first_token_embeddings, run.first_token_embeddings)
    assert np.allclose(first, 1.0, atol=1e-6)
    assert cosine_table(run.text_embeddings, run.text_embeddings)[0, 1] < 0.999


def test_each_prompt_and_picture_is_embedded_once(store, tiny_clip, picture):
    first = compute(store, [EmbedSpec(model=tiny_clip, texts=TEXTS, pictures=(picture,))])
    assert first.model_calls == 3
    more = compute(store, [EmbedSpec(model=tiny_clip, texts=(*TEXTS, "new"), pictures=(picture,))])
    assert more.model_calls == 1
    again = compute(store, [EmbedSpec(model=tiny_clip, texts=TEXTS, pictures=(picture,))])
    assert again.model_calls == 0


def test_tokens_come_with_their_states_and_end_in_the_pooled_one(store, tiny_clip):
    run = embedded(store, model=tiny_clip, texts=("a cat",))
    found = run.token_embeddings[0]
    assert found.tokens == ("<|startoftext|>", "a</w>", "c", "a", "t</w>", "<|endoftext|>")
    assert found.states.shape == (6, 16)
    assert np.allclose(found.states[-1], run.text_embeddings[0], atol=1e-6)
    assert np.allclose(np.linalg.norm(found.states, axis=1), 1, atol=1e-5)


def test_a_prompt_beyond_the_positions_is_cut(store, tiny_clip):
    run = embedded(store, model=tiny_clip, texts=("sea " * 100,))
    assert len(run.token_embeddings[0].tokens) == 77
    assert run.token_embeddings[0].tokens[-1] == "<|endoftext|>"


def test_nothing_to_embed_and_pictures_not_kept_are_refused(store, tiny_clip, tiny_bert):
    with pytest.raises(InvalidInput, match="1 to 1024 together, got 0"):
        EmbedSpec(model=tiny_clip)
    with pytest.raises(MissingFromStore):
        compute(store, [EmbedSpec(model=tiny_clip, pictures=("0" * 64,))])
    with pytest.raises(InvalidInput, match="bert, not a CLIP model"):
        compute(store, [EmbedSpec(model=tiny_bert, texts=TEXTS)])
