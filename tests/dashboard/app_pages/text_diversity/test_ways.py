"""Quality against calls: the figure by hand, the page on a few ways, its links and its judge."""

import json

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.text_diversity.ways_figures import quality_figure
from dashboard.data.text_ways import COLUMNS
from engine.judge.keys import judgement_key
from engine.judge.records import Judgement
from engine.judge.stored import judgement_payload
from engine.models.registry import find_model
from tests.dashboard.conftest import SPEC, keep_text
from tests.dashboard.pages import APP
from tests.dashboard.stub_cluster import StubCluster

FINAL = "the <b>sea</b> is calm."


def rows(point, rule, **measures):
    return [
        (point, rule, 4, 1.0, "all tokens", name, *values, 8) for name, values in measures.items()
    ]


TABLE = pd.DataFrame(
    [
        *rows("a", "quota", calls=(4, 4, 4), perplexity=(9, 7, 12), entropy=(2.0, 1.9, 2.1)),
        *rows("b", "<i>x</i>", calls=(6, 5, 7), perplexity=(3, 2, 4), entropy=(1.0, 0.9, 1.1)),
        *rows("c", "quota", calls=(8, 8, 8), perplexity=(5, 4, 6), entropy=(2.2, 2.1, 2.3)),
    ],
    columns=list(COLUMNS),
)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_perplexity_stands_above_entropy_on_one_axis_of_calls(mode):
    figure = quality_figure(
        TABLE, "perplexity", cost="calls", front=["a", "b"], chosen="b", mode=mode
    )
    quota, other = figure.data[0], figure.data[1]
    assert (quota.name, other.name) == ("quota", "&lt;i&gt;x&lt;/i&gt;")
    assert list(quota.x) == pytest.approx([4, 8], abs=0.02)
    assert list(quota.y) == [9, 5]
    assert list(other.customdata) == ["b"]
    assert other.marker.size[0] > quota.marker.size[0]
    assert list(other.error_x.array) == [1]
    assert [trace.yaxis for trace in figure.data[2:4]] == ["y2", "y2"]
    best = figure.data[-1]
    assert (list(best.x), list(best.y)) == ([4, 6], [9, 3])
    assert figure.layout.yaxis.type == "log"
    assert "perplexity" in quota.text[0]
    assert "entropy" in quota.text[0]


def test_entropy_alone_needs_no_second_panel():
    figure = quality_figure(TABLE, "entropy", cost="calls", front=[], chosen=None, mode="light")
    assert {trace.yaxis for trace in figure.data} == {"y"}


@pytest.fixture(autouse=True)
def cluster(empty_store, monkeypatch) -> StubCluster:
    stub = StubCluster(empty_store)
    monkeypatch.setattr("dashboard.ui.jobs.the_cluster", lambda: stub)
    return stub


@pytest.fixture
def ways(empty_store) -> dict:
    return {
        (rule, seed): keep_text(empty_store, SPEC.but(rule=rule, seed=seed), 6)
        for rule in ("quota", "threshold")
        for seed in range(3)
    }


def page(**query: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60).run()
    at.query_params.update(query)
    return at.switch_page("app_pages/text_diversity/page.py").run()


def said(at: AppTest) -> str:
    kinds = (at.warning, at.info, at.error, at.caption, at.text)
    return " ".join(element.value for kind in kinds for element in kind)


def test_two_rules_are_points_and_a_judge_can_be_asked(cluster, ways):
    at = page()
    assert not at.exception
    assert "2 of 2 points, 3 texts each" in said(at)
    assert "3 texts each, by builtin-bert. With fewer than 8" in said(at)
    shown = json.loads(at.get("plotly_chart")[0].proto.spec)
    assert [trace["name"] for trace in shown["data"][:2]] == ["quota", "threshold 0.9"]
    at.button(key="compute-judge").click().run()
    (job,) = cluster.book.all()
    assert job.specs[0]["texts"] == [FINAL]


def test_judged_texts_have_a_perplexity_and_their_point_its_sentences(empty_store, ways):
    key = judgement_key(find_model("builtin-bert").fingerprint, FINAL)
    empty_store.put(key, judgement_payload(Judgement(-5.0, 5)))
    name = "threshold 0.9, 5 steps, temperature 1.2, top-k 5"
    at = page(point=name, quality="perplexity")
    assert not at.exception
    assert "Best at its cost: " in said(at)
    table = at.dataframe[-1].value
    assert table["judge"].tolist() == [-1.0] * 3
    assert table["run"].tolist() == [ways["threshold", s][:12] for s in range(3)]
    at = page(view="Numbers")
    assert at.dataframe[0].value["rule"].tolist() == ["quota", "threshold 0.9"]


def test_a_stale_link_says_so(ways):
    at = page(point="<b>hot</b>", quality="luck", view="Sideways")
    assert not at.exception
    for name in ("point", "quality", "view"):
        assert f"The link asks for {name}" in said(at)


def test_a_rule_is_typed_in_the_form(cluster):
    at = page()
    at.text_input(key="diversity-rules").set_value("quota, threshold 0.8").run()
    at.text_input(key="diversity-steps").set_value("4, 8").run()
    assert at.button(key="compute-diversity").label == "Compute these 480 texts"
    at.text_input(key="diversity-rules").set_value("hope").run()
    assert not at.exception
    assert "rules must be among" in said(at)
