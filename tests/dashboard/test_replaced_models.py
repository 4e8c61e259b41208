"""Runs of a built-in model that was replaced: pages show them and say what cannot be had."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from engine.image.spec import ImageSpec
from engine.jobs.work import JobBook, new_job
from engine.models import registry
from engine.requests.computing import compute
from engine.text.spec import TextSpec
from tests.dashboard.pages import open_page
from tests.dashboard.prompt_sets import CAT, DOG, SEA, keep_set, remember_text

REPLACED = "was replaced (this run's: "


def said(at: AppTest) -> str:
    """The lines of a page."""
    return "\n".join(
        str(e.value) for group in (at.text, at.error, at.warning, at.info) for e in group
    )


@pytest.fixture
def old_runs(empty_store, monkeypatch):
    """A text and an image run, whose models are others afterwards."""
    text, image = compute(
        empty_store, [TextSpec(length=3, steps=3), ImageSpec(prompt="a calm sea", steps=2)]
    ).runs
    monkeypatch.setattr(registry, "shipped_fingerprint", lambda _: "d" * 64)
    return {"text": text, "image": image}


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("fork", "text"),
        ("fork", "image"),
        ("no_return", "text"),
        ("divergence", "text"),
        ("image_denoising", "image"),
    ],
)
def test_pages_of_old_runs_open_and_say_that_the_model_was_replaced(old_runs, page, kind):
    at = open_page(page, run=old_runs[kind], modality=kind)
    assert not at.exception
    assert REPLACED in said(at)
    assert "installed: dddddddddddd" in said(at)


@pytest.mark.parametrize(("page", "kind"), [("text_unmasking", "text"), ("compare", "image")])
def test_pages_that_need_no_model_show_old_runs(old_runs, page, kind):
    assert not open_page(page, run=old_runs[kind]).exception


def test_a_form_filled_from_an_old_run_says_that_it_asks_another_model(old_runs):
    at = open_page("new_run", **{"from": old_runs["text"]})
    assert not at.exception
    assert REPLACED in said(at) and "asks the installed one, for another run" in said(at)


def test_the_link_of_an_old_job_shows_its_runs_and_not_a_form_for_others(empty_store, monkeypatch):
    spec = TextSpec(length=3, steps=3)
    job = new_job([spec], title="an old job")
    compute(empty_store, [spec])
    JobBook(empty_store.folder).write(replace(job, state="done"))
    monkeypatch.setattr(registry, "shipped_fingerprint", lambda _: "d" * 64)
    at = open_page("new_run", job=job.id)
    assert not at.exception
    assert "This job is done." in [each.value for each in at.success]


def test_prompts_that_a_replaced_clip_has_measured_say_how_to_see_them(cluster, empty_store):
    run = keep_set(empty_store)
    for text in (CAT, DOG, SEA):
        remember_text(empty_store, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "shipped_fingerprint", lambda _: "d" * 64)
        at = open_page("prompts")
        at.text_area(key="prompts-text").set_value(f"{CAT}\n{DOG}").run()
        assert not at.exception
        old = next(name for name in at.selectbox(key="clip").options if "dddddd" not in name)
        assert f"Another version, {old}, has measured all of this" in said(at)
        at.text_area(key="prompts-text").set_value(f"{CAT}\na new one").run()
        assert "Another version" not in said(at)
        at = open_page("prompts", run=run[:12])  # a link opens what it was
        assert at.selectbox(key="clip").value == old
        assert "Another version" not in said(at)
