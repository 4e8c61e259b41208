import numpy as np
import pytest

from dashboard.app_pages.prompts import data
from dashboard.app_pages.prompts.data import prompt_set
from dashboard.data.embeddings import clip_models
from engine.embed.spec import EmbedSpec
from engine.metrics.similarity import prompt_shares
from tests.dashboard.prompt_sets import (
    CAT,
    DOG,
    SCALE,
    SEA,
    keep_set,
    kept_picture,
    remember_picture,
    remember_text,
)


@pytest.fixture
def clip(store):
    return next(model for model in clip_models(store) if model.name == "builtin-clip")


def test_a_stored_set_is_read_whole(store, clip):
    digest = kept_picture(store)
    run = keep_set(store, pictures=[digest])
    spec = EmbedSpec(texts=(CAT, DOG, SEA), pictures=(digest,))
    embedded = prompt_set(store, spec, clip)
    assert (embedded.run, embedded.missing, embedded.logit_scale) == (run, 0, SCALE)
    np.testing.assert_allclose(embedded.cosines()[0], [1, 0.995, 0], atol=1e-3)
    np.testing.assert_allclose(embedded.picture_cosines()[:, 0], [0, 0, 1], atol=1e-6)
    assert [p.unknown for p in embedded.prompts] == [("cat",), ("dog",), ()]


def test_what_other_sets_left_is_shown_before_a_set_is_stored(store, clip):
    keep_set(store, texts=(DOG,))
    remember_text(store, CAT)
    digest = kept_picture(store)
    remember_picture(store, digest)
    embedded = prompt_set(store, EmbedSpec(texts=(CAT, SEA), pictures=(digest,)), clip)
    assert embedded.run is None
    assert [p.text for p in embedded.prompts] == [CAT]
    assert list(embedded.pictures) == [digest]
    assert embedded.missing == 1
    assert embedded.logit_scale == SCALE  # of the CLIP, so any of its sets knows it


def test_nothing_is_known_of_a_clip_that_measured_nothing(store, clip):
    embedded = prompt_set(store, EmbedSpec(texts=(CAT,)), clip)
    assert (embedded.prompts, embedded.logit_scale, embedded.missing) == ((), None, 1)


def test_near_equal_prompts_of_unknown_words_are_named(store, clip):
    keep_set(store)
    embedded = prompt_set(store, EmbedSpec(texts=(CAT, DOG, SEA)), clip)
    ((first, second, cosine),) = data.near_equal(embedded)
    assert (first, second) == (0, 1)
    assert cosine == pytest.approx(0.995, abs=1e-3)


def test_tables_have_a_row_a_cell(store, clip):
    digest = kept_picture(store)
    keep_set(store, pictures=[digest])
    embedded = prompt_set(store, EmbedSpec(texts=(CAT, DOG, SEA), pictures=(digest,)), clip)
    assert len(data.cosine_rows(embedded)) == 9
    rows = data.token_rows(embedded, 0, 2)
    assert len(rows) == 4 * 5
    assert rows["cosine"][0] == 1  # the two start tokens
    shares = prompt_shares(embedded.picture_cosines(), SCALE)
    table = data.picture_rows(embedded, shares)
    assert table["share"].sum() == pytest.approx(1)
    assert table.loc[table["share"].idxmax(), "prompt"] == SEA
    assert data.picture_rows(embedded, None)["share"].isna().all()
    assert list(data.prompt_table(embedded)["unknown"]) == ["cat", "dog", ""]
    assert data.prompt_table(embedded)["tokens"][0] == "⟨start⟩ a cat ⟨end⟩"


def test_prompts_are_lines_each_once():
    assert data.parse_prompts(" a  cat \n\na dog\na cat\n") == (CAT, DOG)
    assert data.parse_prompts(" \n ") == ()


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("sea</w>", "sea"),
        ("arch", "arch-"),
        ("Ã©</w>", "é"),
        ("ðŁĺĢ</w>", "😀"),
        ("ðŁ", "f09f-"),
        ("日</w>", "日"),
        ("<b></w>", "<b>"),
        ("<|endoftext|>", "⟨end⟩"),
    ],
)
def test_tokens_are_read_as_a_person_would(token, shown):
    assert data.shown_tokens([token]) == [shown]


def test_stored_sets_have_prompts_and_are_told_in_a_line(store):
    keep_set(store, pictures=[kept_picture(store)])
    keep_set(store, texts=(CAT,))
    lines = sorted(data.set_line(m).split("  ", 1)[1] for m in data.stored_sets(store))
    assert lines == ["a cat  (builtin-clip)", "a cat and 2 more, 1 picture  (builtin-clip)"]
