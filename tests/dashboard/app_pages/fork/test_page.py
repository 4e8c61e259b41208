"""Fork and Compare on an empty store, on small runs, and on stale links."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cache.store import Store
from engine.chain import manifests
from engine.experiments.forks import fork
from engine.image.spec import ImageSpec
from engine.requests.computing import compute
from engine.text.spec import TextSpec
from tests.dashboard.pages import open_page, player, stand

PAGES = Path(__file__).parents[4] / "dashboard"


def page(name: str, **query: str) -> AppTest:
    return open_page(name, **query)


def said(at: AppTest) -> str:
    parts = [*at.text, *at.markdown, *at.caption, *at.info, *at.warning, *at.error]
    return "\n".join(str(part.value) for part in parts)


@pytest.fixture(scope="module")
def computed(tmp_path_factory) -> tuple[Path, list[str]]:
    """A store with a text run, an image run and a fork of each, on the built-in models."""
    folder = tmp_path_factory.mktemp("kin") / "store"
    text = TextSpec(length=5, steps=5, top_k=3)
    image = ImageSpec(prompt="a calm sea", steps=3, guidance=2.0)
    runs = []
    with Store.open(folder) as store:
        for spec, at, fields, write in (
            (text, 2, {}, [(1, "umbrella")]),
            (image, 1, {"prompt": "a desert"}, ()),
        ):
            parent = manifests.load(store, compute(store, [spec]).runs[0])
            forked = fork(store, parent, at, fields, write=write)
            runs += [parent.run, compute(store, [forked]).runs[0]]
    return folder, runs


@pytest.fixture
def kin(computed, private_store) -> list[str]:
    """The ids of the runs, in a copy of the store that the dashboard opens."""
    shutil.copytree(computed[0], private_store)
    return computed[1]


@pytest.mark.parametrize("name", ["fork", "compare"])
def test_an_empty_store_says_what_to_do_next(empty_store, name):
    at = page(name)
    assert not at.exception
    assert "No text has been unmasked yet." in said(at) or "Choose two to sixteen runs" in said(at)


@pytest.mark.parametrize("which", [1, 3])
def test_a_fork_shows_its_family_and_what_it_changed(kin, which):
    at = page("fork", run=kin[which])
    assert not at.exception
    assert "Change something: a fork without a change is the run itself." in said(at)
    assert len(at.get("plotly_chart")) >= 2
    assert len(player(at)["panels"]) == 2  # with its parent, side by side
    if which == 1:
        assert "that the fork did not write itself, came out other" in said(at)


def test_the_step_is_chosen_in_the_player_and_is_in_the_link(kin):
    at = page("fork", run=kin[0])
    assert at.query_params["at"] == "2"  # the middle
    stand(at, 4)
    assert not at.exception
    assert at.query_params["at"] == "4"
    assert "Change something after step 4" in said(at)
    assert at.number_input(key=f"f-temp-{kin[0][:8]}-4")
    at = page("fork", run=kin[0], at="99")
    assert "The link asks for at '99'; it must be 0 to 5." in said(at)


def test_a_fork_that_is_there_is_one_click_away(kin):
    at = page("fork", run=kin[0], at="2", set=["@1=umbrella"])
    assert not at.exception
    (link,) = [each.proto for each in at.get("page_link") if "is there" in each.proto.label]
    assert kin[1][:12] in str(link)


def test_a_change_is_planned_before_it_is_made(kin):
    at = page("fork", run=kin[0], at="2")
    at.number_input(key=f"f-temp-{kin[0][:8]}-2").set_value(2.0).run()
    assert not at.exception
    assert "after step 2: temperature 2" in said(at)
    assert "1 run: 0 steps cached, 2 shared with other runs, 3 new" in said(at)
    assert "Fork here" in [button.label for button in at.button]


def test_a_half_made_change_is_in_the_link(kin):
    at = page("fork", run=kin[0], at="2")
    assert "set" not in at.query_params
    at.number_input(key=f"f-temp-{kin[0][:8]}-2").set_value(2.0).run()
    assert at.query_params["set"] == "temperature=2.0"
    at = page("fork", run=kin[0], at="2", set=["temperature=3", "@1=umbrella", "order=random"])
    assert not at.exception
    assert "temperature 3, order random, 'umbrella' at 1" in said(at)
    at = page("fork", run=kin[2], at="1", set=["prompt=a red desert", "guidance=4.5"])
    assert not at.exception
    assert "prompt a red desert" in said(at)
    assert "guidance 4.5" in said(at)


def test_words_that_a_fork_would_lose_are_told_before_it_is_made(kin):
    at = page("fork", run=kin[2], at="1", set=["prompt=" + "a calm sea, " * 30 + "a lighthouse"])
    assert not at.exception
    assert "lighthouse" in next(line for line in said(at).split("\n") if "77" in line)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("temperature=hot", "The link sets temperature to 'hot'; it must be 0.01 to 10."),
        ("steps=9999", "The link sets steps to '9999'; it must be 1 to 200."),
        ("order=alphabetical", "The link sets order to 'alphabetical', which is not here."),
    ],
)
def test_a_bad_change_in_a_link_is_named(kin, given, message):
    at = page("fork", run=kin[0], at="2", set=[given])
    assert not at.exception
    assert message in said(at)


def test_bad_changes_are_named_inline(kin):
    at = page("fork", run=kin[2], at="1")
    at.number_input(key=f"f-guidance-{kin[2][:8]}-1").set_value(99.0).run()
    assert not at.exception
    assert "guidance must be 1 to 50, got 99" in said(at)
    at = page("fork", run=kin[2], at="1")
    at.number_input(key=f"f-seed-{kin[2][:8]}-1").set_value(5).run()
    assert "draws no noise after the start" in said(at)


@pytest.mark.parametrize("pair", [(0, 1), (2, 3)])
def test_runs_are_compared_by_link(kin, pair):
    at = page("compare", runs=",".join(kin[i][:12] for i in pair))
    assert not at.exception
    assert "They share the start and their first" in said(at)
    assert list(at.dataframe[1].value.index) == ["changes"]
    assert len(at.get("plotly_chart")) >= 2


def test_a_stale_link_says_which_run_is_not_here(kin):
    at = page("compare", runs=f"{kin[0][:12]},abcdefabcdef")
    assert not at.exception
    assert "abcdefabcdef is not in this store" in said(at)
    assert "Choose two to sixteen runs of one kind" in said(at)
    at = page("fork", run="abcdefabcdef")
    assert not at.exception
    assert "abcdefabcdef, is not in this store" in said(at)


def test_a_word_chosen_in_the_sentence_is_the_one_to_be_forced(kin):
    at = page("fork", run=kin[0], at="2", word="3")
    assert not at.exception
    key = kin[0][:8]
    assert at.selectbox(key=f"f-place-0-{key}-2").value == 3
    at.selectbox(key=f"f-place-0-{key}-2").select("nowhere").run()
    assert not at.exception
    assert at.selectbox(key=f"f-place-0-{key}-2").value == "nowhere"  # not chosen anew


def test_after_the_last_step_nothing_is_left_to_change(kin):
    at = page("fork", run=kin[2], at="3")
    assert not at.exception
    assert "After the last step nothing is left to change" in said(at)
