"""The run box shows what the page shows, and finds every run."""

from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import SPEC, keep_text


def page():
    import streamlit as st

    from dashboard.ui.run_picker import pick_run

    st.text(pick_run("text").run)


def opened(**query) -> AppTest:
    at = AppTest.from_function(page, default_timeout=60)
    at.query_params.update(query)
    return at.run()


def test_a_link_that_changes_moves_the_box_and_it_stays(small_store):
    at = opened()
    ids = [at.selectbox[0].value]
    other = keep_text(small_store, SPEC.but(seed=5), 6)
    at.query_params["run"] = other[:12]
    at.run()
    assert at.selectbox[0].value == other == at.text[0].value
    at.run()
    assert at.selectbox[0].value == other == at.text[0].value
    assert at.query_params["run"] in (other[:12], [other[:12]])
    at.selectbox[0].set_value(ids[0]).run()
    assert at.text[0].value == ids[0]
    assert at.query_params["run"] in (ids[0][:12], [ids[0][:12]])
    assert not at.warning


def test_runs_beyond_the_newest_are_found(small_store, monkeypatch):
    monkeypatch.setattr("dashboard.ui.run_picker.SHOWN", 2)
    runs = [keep_text(small_store, SPEC.but(seed=seed), 6) for seed in (40, 41, 42)]
    at = opened()
    assert len(at.selectbox[0].options) == 2
    at.text_input[0].set_value("seed 40").run()
    assert any(option.endswith(runs[0][:6]) for option in at.selectbox[0].options)
    at.selectbox[0].set_value(runs[0]).run()
    assert at.text[0].value == runs[0]
    at.text_input[0].set_value("nowhere").run()
    assert at.text[0].value == runs[0]
    at.text_input[0].set_value("seed=40").run()
    assert at.caption[0].value == "1 of 6 runs."
    at.text_input[0].set_value("sead=40").run()
    assert "find has no field 'sead'" in at.error[0].value
    assert at.text[0].value == runs[0]


def test_a_run_is_called_by_what_it_is_and_its_id_comes_last(small_store):
    box = opened().selectbox[0]
    assert box.options[0] == (
        f"the <b>sea</b> is calm.  ·  seed 1, 5 steps, temperature 1.2, top-k 5  ·  {box.value[:6]}"
    )


def test_runs_of_a_measurement_come_last_in_a_box(small_store, monkeypatch):
    monkeypatch.setattr("dashboard.ui.run_picker.SHOWN", 4)
    for word in range(5):
        keep_text(small_store, SPEC.but(length=None, template=f"a word{word} [MASK] .", top_k=None,
                                        temperature=1.0), 6)  # fmt: skip
    options = opened().selectbox[0].options
    assert len(options) == 4
    assert sum("greedy" in option for option in options) == 1


def test_a_measurement_s_run_is_not_what_a_page_opens_with(small_store):
    keep_text(small_store, SPEC.but(length=None, template="the [MASK] [MASK] [MASK] .", top_k=None,
                                    temperature=1.0), 6)  # fmt: skip
    assert "template" not in str(opened().selectbox[0].value)
    assert not at_template(small_store, opened().text[0].value)


def at_template(store, run):
    from engine.chain import manifests

    return manifests.load(store, run).spec.get("template")


def beside():
    import streamlit as st

    from dashboard.data.kin import seeds_of
    from dashboard.ui.run_picker import pick_beside, pick_run
    from dashboard.ui.stores import the_shelf, the_store

    run = pick_run("text")
    other = pick_beside(run, seeds_of(the_store(), the_shelf(), run))
    st.text(str(other.spec["seed"]) if other else "nothing")


def test_a_seed_to_stand_beside_is_found_among_any_number(small_store, monkeypatch):
    monkeypatch.setattr("dashboard.ui.run_picker.SHOWN", 2)
    for seed in range(40, 46):
        keep_text(small_store, SPEC.but(seed=seed), 6)
    at = AppTest.from_function(beside, default_timeout=60).run()
    at.number_input[0].set_value(41).run()
    assert not at.exception
    assert at.text[0].value == "41"
    linked = at.query_params["beside"]
    at.number_input[0].set_value(7).run()
    assert at.text[0].value == "nothing"
    assert "beside" not in at.query_params
    assert at.caption[-1].value == "No other run of this spec has seed 7."
    again = AppTest.from_function(beside, default_timeout=60)
    again.query_params["beside"] = linked
    again.run()
    assert again.text[0].value == "41"
    assert again.number_input[0].value == 41


def pair_page():
    import streamlit as st

    from dashboard.data.kin import seeds_of
    from dashboard.ui.run_picker import pick_two
    from dashboard.ui.stores import the_shelf, the_store

    run, other = pick_two("text", lambda m: seeds_of(the_store(), the_shelf(), m))
    st.markdown(f"{run.run} {other and other.run}")


def test_on_a_phone_the_boxes_are_folded_and_the_run_is_named(small_store, monkeypatch):
    monkeypatch.setattr("dashboard.ui.run_picker.on_phone", lambda: True)
    other = keep_text(small_store, SPEC.but(seed=5), 6)
    at = AppTest.from_function(pair_page, default_timeout=60).run()
    assert not at.exception
    (fold,) = at.get("popover")
    assert fold.proto.popover.label == "Choose the run"
    run = at.selectbox[0].value
    assert run[:6] in at.text[0].value
    beside = next(box for box in at.selectbox if box.label == "Beside it")
    beside.set_value(other if run != other else beside.options[1]).run()
    assert at.query_params["beside"]


def test_a_phone_without_runs_says_what_to_do(store, monkeypatch):
    monkeypatch.setattr("dashboard.ui.run_picker.on_phone", lambda: True)
    at = AppTest.from_function(pair_page, default_timeout=60).run()
    assert not at.exception
    assert not at.get("popover")
