"""The Samplers page on an empty store, on a small comparison, with stale links and bad input."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.pages import open_page
from tests.dashboard.sampler_runs import BASE, keep_comparison, keep_sampled
from tests.dashboard.stub_cluster import StubCluster


@pytest.fixture(autouse=True)
def cluster(empty_store, monkeypatch) -> StubCluster:
    stub = StubCluster(empty_store)
    monkeypatch.setattr("dashboard.ui.jobs.the_cluster", lambda: stub)
    return stub


def page(**query: str) -> AppTest:
    return open_page("samplers", **query)


def said(at: AppTest) -> str:
    kinds = (at.warning, at.info, at.error, at.caption, at.text)
    return " ".join(element.value for kind in kinds for element in kind)


def chart(at: AppTest, which: int = 0) -> dict:
    return json.loads(at.get("plotly_chart")[which].proto.spec)


def test_schedules_need_no_runs(empty_store):
    at = page()
    assert not at.exception
    assert [len(chart(at, which)["data"]) for which in (0, 1)] == [9, 6]
    assert "scaled-linear (Stable Diffusion): 0.0047" in said(at)


@pytest.mark.parametrize("view", ["Timesteps", "Convergence"])
def test_an_empty_store_offers_a_comparison(cluster, view):
    at = page(view=view)
    assert not at.exception
    assert "Nothing to compare yet" in said(at)
    at.button(key="compute-samplers").click().run()
    assert len(cluster.book.queue()[0].specs) == 21


def test_timesteps_of_one_step_count_are_shown(empty_store):
    keep_comparison(empty_store)
    at = page(view="Timesteps", steps="8")
    assert not at.exception
    assert {trace["y"][0] for trace in chart(at)["data"]} >= {"ddim", "ddim + deepcache"}
    assert "The model's own curve is not known" in said(at)


def test_the_convergence_names_its_reference_and_its_doubts(empty_store):
    keep_comparison(empty_store)
    at = page(view="Convergence")
    assert not at.exception
    words = said(at)
    assert "The reference is ddim with 100 steps, 200 model calls" in words
    assert "from its own run with 8 steps" in words
    assert "calls are double" in words
    names = [trace["name"] for trace in chart(at)["data"]]
    assert names == ["ddim", "ddim + deepcache", "ddpm (random)", "dpm++", "heun"]
    assert len(at.dataframe[0].value) == 6
    at.segmented_control(key="cost").set_value("seconds").run()
    assert "their times do not compare: 1." in said(at)
    assert "dpm++" not in [trace["name"] for trace in chart(at)["data"]]


def test_a_link_opens_a_picture_and_another_reference(empty_store):
    runs = keep_comparison(empty_store)
    at = page(view="Convergence", reference="heun, 4 steps", picture=runs["ddpm 4"][:12])
    assert not at.exception
    assert "The reference is heun with 4 steps" in said(at)
    assert "with fewer than 100 it may not have converged" in said(at)
    assert "an approximation too, and others here have 100 steps" in said(at)
    opened = next(text.value for text in at.text if runs["ddpm 4"][:12] in text.value)
    row = at.dataframe[0].value.set_index(["method", "steps"]).loc[("ddpm", 4)]
    assert f"Its latents are {row['latent_distance']:.3g} from the reference" in opened
    assert "Compare it with the reference" in [link.proto.label for link in at.get("page_link")]
    at = page(view="Convergence", picture=runs["ddim 100"][:12])
    assert "only a finer one" in said(at)
    assert "This is the reference." in said(at)


def test_without_a_reference_the_page_says_what_it_takes(empty_store):
    keep_sampled(empty_store, BASE.but(sampler="ddpm"), 1.0)
    keep_sampled(empty_store, BASE.but(sampler="ddpm", steps=8), 1.0)
    at = page(view="Convergence")
    assert not at.exception
    assert "There is no reference" in said(at)


def test_a_stale_link_says_so(empty_store):
    keep_comparison(empty_store)
    at = page(view="Convergence", group="0123456789ab", reference="dpm", picture="f" * 12)
    assert not at.exception
    words = said(at)
    assert "The runs of this link, group 0123456789ab, are not in this store" in words
    assert "The link asks for reference" in words
    assert "is not in this comparison" in words


def test_bad_input_is_named(empty_store):
    at = page(view="Convergence")
    at.text_input(key="samplers-steps").set_value("0").run()
    assert "steps must be 1 to 200, got 0" in said(at)
    at.text_input(key="samplers-steps").set_value("5").run()
    at.number_input(key="samplers-guidance").set_value(99.0).run()
    assert "guidance must be 1 to 50, got 99" in said(at)
    assert not at.exception
