"""The pages of text with runs of rules, kernels and steering: done before their steps, with tokens
taken back or replaced, without masks, guided."""

import pytest

from cache.errors import InvalidInput
from dashboard.app_pages.text_unmasking.view import VIEWS
from engine.experiments.forks import fork
from engine.requests.computing import compute
from engine.text import stored as text_stored
from engine.text.spec import TextSpec
from tests.dashboard.pages import open_page

PAGES = ("text_unmasking", "fork", "no_return", "why", "compare", "divergence", "text_diversity")
RULES = {
    "remask": {"rule": "remask", "remasking": "rescale", "eta": 0.8, "top_k": 5},
    "factor": {"rule": "factor", "factor": 4.0, "top_k": 5},
    "edit": {"rule": "edit", "threshold": 0.02, "edit_threshold": 0.03, "top_k": 5},
    "uniform": {"kernel": "uniform"},
    "guided": {"guidance": 2.0, "controls": ("must:sea", "topic:the river"), "top_k": 5},
}


@pytest.fixture(params=RULES)
def made(request, empty_store, tiny_bert, tiny_uniform):
    model = tiny_uniform if request.param == "uniform" else tiny_bert
    start = {"template": "the [MASK] [MASK] [MASK] sea"} if request.param == "guided" else {}
    spec = TextSpec(model=model, steps=16, **(start or {"length": 7}), **RULES[request.param])
    runs = compute(empty_store, [spec.but(seed=seed) for seed in (71, 72)]).runs
    return [text_stored.load_text_run(empty_store, run) for run in runs]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_bears_it(made, view):
    for step in ("0", "5", "16"):
        at = open_page("text_unmasking", run=made[0].manifest.short, view=view, step=step)
        assert not at.exception, at.exception


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_text_bears_it(made, name):
    at = open_page(name, run=made[0].manifest.short, runs=",".join(r.manifest.short for r in made))
    assert not at.exception, at.exception


def test_a_fork_after_the_text_was_done_is_refused_in_a_line(empty_store, made):
    run = made[0]
    if run.manifest.spec.get("rule") == "factor":
        assert run.last_step < 16
        with pytest.raises(InvalidInput, match=f"after step {run.last_step} nothing is masked"):
            fork(empty_store, run.manifest, run.last_step, {"temperature": 2.0})
